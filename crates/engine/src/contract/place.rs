//! Where an upload's url points, as far as AWS's names tell. Other servers' names tell nothing, and are not judged.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/s3.html>

use url::Url;

/// What a host of AWS's says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// `s3.amazonaws.com`: answers for us-east-1, and redirects for the rest.
    Global {
        bucket: Option<String>,
    },
    Regional {
        region: String,
        bucket: Option<String>,
    },
    /// `s3-website…`: serves pages, takes no uploads.
    Website,
    /// Acceleration, access points, private endpoints: fine, and no region to compare.
    Special,
    /// Not AWS, or not known.
    Elsewhere,
}

/// Reads a url's host.
pub(super) fn place(url: &Url) -> Place {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let Some(name) = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn")) else {
        return Place::Elsewhere;
    };
    let labels: Vec<&str> = name.split('.').collect();
    // The bucket stands before it, and may have labels of its own that begin with s3.
    let Some(at) = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-")) else {
        return Place::Special;
    };
    let (bucket, rest) = (labels.get(..at).unwrap_or_default(), labels.get(at + 1..).unwrap_or_default());
    let bucket = (!bucket.is_empty()).then(|| bucket.join("."));
    let regional = |region: &str| Place::Regional { region: region.to_owned(), bucket: bucket.clone() };
    let rest: Vec<&str> = rest.iter().copied().filter(|label| *label != "dualstack").collect();
    match (labels.get(at).copied().unwrap_or_default(), rest.as_slice()) {
        ("s3", []) => Place::Global { bucket },
        ("s3-external-1", []) => regional("us-east-1"),
        ("s3" | "s3-fips", [region]) => regional(region),
        (label, _) if label.starts_with("s3-website") => Place::Website,
        ("s3-accelerate" | "s3-accesspoint" | "s3-accesspoint-fips" | "s3-object-lambda" | "s3-outposts", _) => {
            Place::Special
        }
        // The old spelling: s3-eu-west-1.
        (label, []) => match label.strip_prefix("s3-").filter(|region| region.split('-').count() >= 3) {
            Some(region) => regional(region),
            None => Place::Special,
        },
        _ => Place::Special,
    }
}

/// The path without slashes around it, decoded; `None` where it is not UTF-8.
pub(super) fn path_of(url: &Url) -> Option<String> {
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8().ok()?;
    Some(path.trim_start_matches('/').to_owned())
}

/// Whether the url can be of this bucket: `false` only where it names another one for sure.
pub(super) fn may_be_of(url: &Url, bucket: &str) -> bool {
    let path = path_of(url).unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    match place(url) {
        Place::Global { bucket: Some(named) } | Place::Regional { bucket: Some(named), .. } => {
            named.eq_ignore_ascii_case(bucket)
        }
        // An address without the bucket at all is for who looks at the url.
        Place::Global { bucket: None } | Place::Regional { bucket: None, .. } => first == bucket,
        Place::Website | Place::Special => true,
        Place::Elsewhere => {
            let host = url.host_str().unwrap_or_default();
            let names_it = |part: &str| part == bucket || part.rsplit(':').next() == Some(bucket);
            let is_in_host = host.len() > bucket.len()
                && host.get(..bucket.len()).is_some_and(|start| start.eq_ignore_ascii_case(bucket))
                && host.as_bytes().get(bucket.len()) == Some(&b'.');
            // Proxies and domains of one's own may have any path; one part alone is path style.
            let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
            is_in_host || parts.len() != 1 || parts.iter().any(|part| names_it(part))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_aws() {
        let regional = |region: &str, bucket: Option<&str>| Place::Regional {
            region: region.to_owned(),
            bucket: bucket.map(str::to_owned),
        };
        let global = |bucket: Option<&str>| Place::Global { bucket: bucket.map(str::to_owned) };
        for (host, wanted) in [
            ("s3.amazonaws.com", global(None)),
            ("photos.s3.amazonaws.com", global(Some("photos"))),
            ("my.s3.photos.s3.amazonaws.com", global(Some("my.s3.photos"))),
            ("s3.eu-central-1.amazonaws.com", regional("eu-central-1", None)),
            ("photos.s3.eu-central-1.amazonaws.com", regional("eu-central-1", Some("photos"))),
            ("photos.s3-eu-west-1.amazonaws.com", regional("eu-west-1", Some("photos"))),
            ("s3-us-west-2.amazonaws.com", regional("us-west-2", None)),
            ("photos.s3.dualstack.us-west-2.amazonaws.com", regional("us-west-2", Some("photos"))),
            ("photos.s3-fips.us-gov-west-1.amazonaws.com", regional("us-gov-west-1", Some("photos"))),
            ("photos.s3-fips.dualstack.us-east-1.amazonaws.com", regional("us-east-1", Some("photos"))),
            ("photos.s3.cn-north-1.amazonaws.com.cn", regional("cn-north-1", Some("photos"))),
            ("s3-external-1.amazonaws.com", regional("us-east-1", None)),
            ("photos.s3-accelerate.amazonaws.com", Place::Special),
            ("photos.s3-accelerate.dualstack.amazonaws.com", Place::Special),
            ("ap-123.s3-accesspoint.us-east-1.amazonaws.com", Place::Special),
            ("photos.bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com", Place::Special),
            ("photos--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com", Place::Special),
            ("photos.s3-website-us-east-1.amazonaws.com", Place::Website),
            ("photos.s3-website.eu-central-1.amazonaws.com", Place::Website),
            ("sts.amazonaws.com", Place::Special),
            ("s3.amazonaws.com.evil.example", Place::Elsewhere),
            ("s3.eu-central-003.backblazeb2.com", Place::Elsewhere),
            ("127.0.0.1", Place::Elsewhere),
        ] {
            assert_eq!(place(&Url::parse(&format!("https://{host}/x")).unwrap()), wanted, "{host}");
        }
    }

    #[test]
    fn buckets_in_urls() {
        for (url, wanted) in [
            ("https://photos.s3.eu-central-1.amazonaws.com/", true),
            ("https://other.s3.eu-central-1.amazonaws.com/", false),
            ("https://s3.eu-central-1.amazonaws.com/photos", true),
            ("https://s3.eu-central-1.amazonaws.com/other", false),
            ("https://s3.eu-central-1.amazonaws.com/", false),
            ("https://photos.s3-accelerate.amazonaws.com/", true),
            ("http://127.0.0.1:9000/photos", true),
            ("http://127.0.0.1:9000/photos/", true),
            ("http://127.0.0.1:9000/other", false),
            ("http://127.0.0.1:9000/", true),
            ("http://localhost:7480/tenant:photos", true),
            ("https://photos.minio.example/", true),
            ("https://photos.minio.example/upload", true),
            ("https://uploads.studio.example/", true),
            ("https://x.supabase.example/storage/v1/s3/photos", true),
            ("https://gate.example/s3/whatever", true),
        ] {
            assert_eq!(may_be_of(&Url::parse(url).unwrap(), "photos"), wanted, "{url}");
        }
    }
}
