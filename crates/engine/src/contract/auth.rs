//! What a POST's fields and a PUT's query have in common: algorithm, credential, date, session token, and the host they are for.

use super::Context;
use super::checks::Check;
use super::place::{Place, place};
use crate::transfer::quote::quote;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use offload_protocol::checkup::Finding;
use url::Url;

/// S3's own tolerance: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>, RequestTimeTooSkewed.
const SKEW_S: i64 = 15 * 60;

/// The parts of a signature of version 4, as they stand in a form or a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Auth<'a> {
    pub(super) algorithm: &'a str,
    pub(super) credential: &'a str,
    pub(super) date: &'a str,
    pub(super) has_security_token: bool,
    /// A PUT's date may lie back: its life counts from there. A policy has an end of its own.
    pub(super) may_be_old: bool,
}

/// What was found, and when it was signed by the clock of whoever signed, where that can be told.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    pub(super) signed_at: Option<Timestamp>,
    /// The date is off: what is compared with now says nothing new.
    pub(super) is_skewed: bool,
}

impl Seen {
    /// Fields whose values were found wrong: that they fail a condition, too, says nothing new.
    pub(super) fn explained(&self) -> Vec<&'static str> {
        let fields = |code: &str| -> &'static [&'static str] {
            match code {
                "credential_scope" | "region_mismatch" | "global_endpoint" => &["x-amz-credential"],
                "credential_date" | "amz_date" => &["x-amz-credential", "x-amz-date"],
                "algorithm" => &["x-amz-algorithm"],
                _ => &[],
            }
        };
        self.findings.iter().flat_map(|found| fields(&found.code)).copied().collect()
    }
}

impl Auth<'_> {
    pub(super) fn check(&self, url: Option<&Url>, context: &Context) -> Seen {
        let mut seen = Seen { signed_at: amz_time(self.date), ..Seen::default() };
        if self.algorithm != "AWS4-HMAC-SHA256" {
            // SigV4A is made for several regions at once, and is AWS's too.
            if !self.algorithm.starts_with("AWS4-ECDSA-P256-SHA256") {
                seen.findings.push(Check::Algorithm.problem(format!("the algorithm is {}", quote(self.algorithm, 40))));
            }
            return seen;
        }
        self.date(&mut seen, context);
        match Scope::read(self.credential) {
            Err(why) => seen.findings.push(Check::CredentialScope.problem(format!("the credential {why}"))),
            Ok(scope) => self.scope(&scope, url, &mut seen),
        }
        seen
    }

    fn date(&self, seen: &mut Seen, context: &Context) {
        let Some(at) = seen.signed_at else {
            let detail = "the date is not written like 20260501T102030Z";
            seen.findings.push(Check::AmzDate.problem(detail));
            seen.is_skewed = true;
            return;
        };
        let ahead = at.as_second() - context.now.as_second();
        if ahead > SKEW_S || (!self.may_be_old && ahead < -SKEW_S) {
            seen.is_skewed = true;
            let way = if ahead > 0 { "ahead" } else { "back" };
            let length = words(ahead.abs());
            seen.findings.push(
                Check::AmzDate.problem(format!(
                    "the date that is signed lies {length} {way}; is it local time, or from a cache?"
                )),
            );
        }
    }

    fn scope(&self, scope: &Scope<'_>, url: Option<&Url>, seen: &mut Seen) {
        if seen.signed_at.is_some() && self.date.get(..8) != Some(scope.day) {
            let detail = format!("the credential is of the day {}, the date of another", quote(scope.day, 20));
            seen.findings.push(Check::CredentialDate.problem(detail));
        }
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        if scope.access_key.len() == 20 && scope.access_key.starts_with("ASIA") && !self.has_security_token {
            let detail = "the access key is a temporary one (ASIA…), and there is no x-amz-security-token";
            seen.findings.push(Check::TokenFieldMissing.problem(detail));
        } else if self.has_security_token {
            seen.findings.push(Check::TemporaryCredentials.note("it is signed with temporary credentials"));
        }
        let region = quote(scope.region, 40);
        match url.map(place) {
            Some(Place::Global { .. }) if scope.region != "us-east-1" => {
                let detail = format!("the url is the global endpoint s3.amazonaws.com, and it is signed for {region}");
                seen.findings.push(Check::GlobalEndpoint.problem(detail));
            }
            Some(Place::Regional { region: there, .. }) if there != scope.region => {
                let detail = format!("the url is of {}, and it is signed for {region}", quote(&there, 40));
                seen.findings.push(Check::RegionMismatch.problem(detail));
            }
            Some(Place::Website) => {
                seen.findings.push(Check::WebsiteEndpoint.problem("the url is the address of a bucket's website"));
            }
            _ => {}
        }
    }
}

/// `KEY/20260501/eu-central-1/s3/aws4_request`.
struct Scope<'a> {
    access_key: &'a str,
    day: &'a str,
    region: &'a str,
}

impl<'a> Scope<'a> {
    fn read(credential: &'a str) -> Result<Self, String> {
        let mut parts = credential.rsplitn(5, '/');
        let (end, service, region, day, access_key) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(end), Some(service), Some(region), Some(day), Some(access_key)) =
            (end, service, region, day, access_key)
        else {
            return Err("does not have the five parts KEY/DAY/REGION/s3/aws4_request".into());
        };
        if end != "aws4_request" {
            return Err("does not end with aws4_request".into());
        }
        if service != "s3" && !service.starts_with("s3-") && service != "s3express" {
            return Err(format!("is for the service {:?}, not s3", quote(service, 20)));
        }
        if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("has no day like 20260501 in it".into());
        }
        if region.is_empty() || region.contains(char::is_whitespace) {
            return Err("has no region in it".into());
        }
        if access_key.is_empty() {
            return Err("has no access key in it".into());
        }
        if matches!(access_key, "None" | "null" | "undefined") || matches!(region, "None" | "null" | "undefined") {
            return Err("has None, null or undefined in it: a setting is missing".into());
        }
        Ok(Self { access_key, day, region })
    }
}

/// `20260501T102030Z`.
pub(super) fn amz_time(text: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    (text.len() == 16).then_some(TimeZone::UTC.to_timestamp(time).ok()?)
}

/// `45 s`, `12 min`, `2 h 5 min`.
pub(super) fn words(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) if minutes % 60 == 0 => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        (days, _, _) => format!("{days} d"),
    }
}
