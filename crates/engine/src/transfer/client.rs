//! The HTTP clients, and what a broken connection means. Nothing here ever names an address's query or user.

use crate::cause::{Cause, Code};
use std::error::Error as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("Offload/", env!("CARGO_PKG_VERSION"));

/// The client for S3: HTTP/1.1, no redirects, no limit on the whole transfer.
///
/// # Errors
/// When TLS can't be set up, for instance because the system's certificates can't be read.
pub fn for_s3() -> Result<reqwest::Client, Cause> {
    // One connection a transfer: over HTTP/2 a stalled one would hold up the others.
    built(common().http1_only().pool_idle_timeout(Duration::from_secs(15)))
}

/// The client for the backend: no redirects, 60 s for a whole request.
///
/// # Errors
/// As `for_s3`.
pub fn for_backend() -> Result<reqwest::Client, Cause> {
    built(common().timeout(Duration::from_secs(60)))
}

fn common() -> reqwest::ClientBuilder {
    // Fails only where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Trying again is the engine's decision, with its own count.
        .retry(reqwest::retry::never())
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Cause> {
    builder.build().map_err(|error| {
        Cause::new(Code::BadCertificate, format!("TLS can't be set up: {}", root_of(&error.without_url())))
    })
}

/// The cause of a request that got no answer. `url` is only looked at for host and port.
pub fn fault(error: &reqwest::Error, url: &Url) -> Cause {
    let place = place(url);
    if let Some(tls) = tls_error(error) {
        return match tls {
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                Cause::new(Code::BadCertificate, format!("the certificate of {place} does not hold: {tls}"))
                    .hint("check this machine's clock, and whether a proxy or virus scanner stands in between; a private certificate authority has to be installed in the system")
            }
            other => Cause::new(Code::Unreachable, format!("no secure connection to {place}: {other}")),
        };
    }
    if error.is_connect() {
        let why = if error.is_timeout() { "it took longer than 10 s".to_owned() } else { root_of(error) };
        return Cause::new(Code::Unreachable, format!("{place} can't be reached: {why}"))
            .hint("check the network connection");
    }
    if error.is_timeout() {
        return Cause::new(Code::Stalled, format!("{place} gave no answer in time"));
    }
    Cause::new(Code::Dropped, format!("the connection to {place} broke: {}", root_of(error)))
}

/// Host and port, as in `s3.example.com:443`.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// An address without user, query and fragment; `None` if it is none.
pub fn place_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}{}", url.scheme(), url.path()))
}

/// Whether nobody else can listen: plain HTTP is allowed there only.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        None => false,
    }
}

/// Retry-After as seconds or as an HTTP date (RFC 9110, 10.2.3), in milliseconds from `now`. A date gone by is zero.
pub fn retry_after_ms(value: &str, now: jiff::Timestamp) -> Option<u64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let then = http_date(value)?;
    Some(u64::try_from(then.as_millisecond().saturating_sub(now.as_millisecond())).unwrap_or(0))
}

/// An HTTP date (RFC 9110, 5.6.7).
pub(super) fn http_date(value: &str) -> Option<jiff::Timestamp> {
    Some(jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp())
}

/// The innermost reason: the outer ones repeat "error sending request".
fn root_of(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    // An error without a source may still carry the address.
    let words = if std::ptr::addr_eq(std::ptr::from_ref(reason), std::ptr::from_ref(error)) {
        "no reason known".to_owned()
    } else {
        reason.to_string()
    };
    super::quote::quote(&words, 120)
}

fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut reason = error.source();
    while let Some(inner) = reason {
        if let Some(tls) = inner.downcast_ref() {
            return Some(tls);
        }
        // io::Error hides what it wraps from source(), and may wrap another of its kind.
        let held = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        reason = match held {
            Some(held) => Some(held),
            None => inner.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use std::io::{Read as _, Write as _};
    use std::sync::Arc;

    /// A certificate for localhost that nobody vouches for, until 2126, and its key. Good for nothing but this test.
    const CERTIFICATE: &str = "MIIBmzCCAUGgAwIBAgIUT5FAmaYPYsHj6bd4FGY9yJXh+2EwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDA2MDM0MloYDzIxMjYxMDMxMDYwMzQyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQsH/KXwsqMBpbSysKtmyWGb7WmvfE3nH44fzKb0tjwgWyv8TTXESN2v5pIZMWPdsOL9hCdtYNT9p++d38x4+1Io28wbTAdBgNVHQ4EFgQUlxnyv7t2YonkCDxA/VBciv3yPX0wHwYDVR0jBBgwFoAUlxnyv7t2YonkCDxA/VBciv3yPX0wDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAKCrGTvxIZREEL15hvS+Lmxg7NOleB658iT8xAJ8T/iVAiA/y5SBgPVrdW6SoYJng3e8f3+SDgAL8+k4Pu7aw40dIg==";
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRg2v+PNPPPXf0vjJqXbVvSAifp6D2QIwaP1p9dUMQ7ahRANCAAQsH/KXwsqMBpbSysKtmyWGb7WmvfE3nH44fzKb0tjwgWyv8TTXESN2v5pIZMWPdsOL9hCdtYNT9p++d38x4+1I";

    /// The cause of a request to a server that does `serve` with its one connection.
    async fn cause_of(serve: impl FnOnce(std::net::TcpStream) + Send + 'static) -> Cause {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("https://{}/?MARKER", listener.local_addr().unwrap())).unwrap();
        let server = std::thread::spawn(move || serve(listener.accept().unwrap().0));
        let error = for_s3().unwrap().get(url.clone()).send().await.unwrap_err();
        server.join().unwrap();
        let cause = fault(&error, &url);
        assert!(!format!("{cause:?}").contains("MARKER"), "{cause:?}");
        cause
    }

    #[tokio::test]
    async fn a_certificate_that_nobody_vouches_for_is_told_as_such() {
        let cause = cause_of(|mut stream| {
            let certificate = STANDARD.decode(CERTIFICATE).unwrap().into();
            let key = rustls::pki_types::PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap()).into();
            let config =
                rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .unwrap()
                    .with_no_client_auth()
                    .with_single_cert(vec![certificate], key)
                    .unwrap();
            let mut tls = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            // The client breaks off: this ends with an error, and the client's side is what is looked at.
            let _ = rustls::Stream::new(&mut tls, &mut stream).read(&mut [0; 64]);
        })
        .await;
        assert_eq!(cause.code, Code::BadCertificate, "{cause:?}");
        assert!(cause.message.contains("127.0.0.1:"), "{}", cause.message);
    }

    #[tokio::test]
    async fn a_server_without_tls_is_unreachable() {
        let cause = cause_of(|mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
        })
        .await;
        assert_eq!(cause.code, Code::Unreachable, "{cause:?}");
    }

    #[test]
    fn retry_after_comes_in_two_forms() {
        let now: jiff::Timestamp = "2015-10-21T07:28:00Z".parse().unwrap();
        let cases = [
            ("120", Some(120_000)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30_000)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ];
        for (value, wanted) in cases {
            assert_eq!(retry_after_ms(value, now), wanted, "{value:?}");
        }
    }

    #[test]
    fn addresses_lose_what_is_secret() {
        assert_eq!(
            place_of("https://user:pass@s3.example:8443/bucket/?X-Amz-Signature=1#f").as_deref(),
            Some("https://s3.example:8443/bucket/")
        );
        assert_eq!(place_of("/relative"), None);
        assert_eq!(place(&Url::parse("https://user:pass@s3.example/b?q=1").unwrap()), "s3.example:443");
    }

    #[test]
    fn loopback_is_told_from_the_world() {
        for (address, wanted) in [
            ("http://localhost:9000/", true),
            ("http://LOCALHOST/", true),
            ("http://127.0.0.1/", true),
            ("http://127.9.9.9:1/", true),
            ("http://[::1]:9000/", true),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://192.168.1.4/", false),
            ("http://0.0.0.0/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(address).unwrap()), wanted, "{address}");
        }
    }
}
