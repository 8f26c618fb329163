//! Asking the sandbox on loopback. HTTP/1.0 is all it takes: one request a connection, and the answer ends with it.

use anyhow::{Context, Result, bail, ensure};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// For connecting, and between two pieces of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Host and port of `http://host:port/...`.
pub(super) fn host(url: &str) -> Result<String> {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).filter(|host| !host.is_empty());
    host.map(str::to_owned).with_context(|| format!("{url} is not an address of the sandbox"))
}

/// A JSON answer.
pub(super) fn json<T: DeserializeOwned>(host: &str, path: &str) -> Result<T> {
    let mut body = Vec::new();
    get(host, path)?.read_to_end(&mut body)?;
    serde_json::from_slice(&body).with_context(|| format!("the answer to {path} is not as expected"))
}

/// Length and SHA-256 of an object's bytes as they come out of the bucket.
pub(super) fn object(host: &str, key: &str) -> Result<(u64, String)> {
    let key = utf8_percent_encode(key, NON_ALPHANUMERIC);
    let (mut length, mut hash) = (0, Sha256::new());
    let mut body = get(host, &format!("/_sandbox/object?key={key}"))?;
    let mut piece = vec![0; 1 << 18];
    loop {
        let count = body.read(&mut piece)?;
        if count == 0 {
            return Ok((length, hex::encode(hash.finalize())));
        }
        hash.update(&piece[..count]);
        length += count as u64;
    }
}

/// The body of a 200.
fn get(host: &str, path: &str) -> Result<impl Read + use<>> {
    let address = host.parse().with_context(|| format!("{host} is not an address and port"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context("the sandbox does not answer")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes())?;
    body(BufReader::new(stream)).with_context(|| format!("the sandbox refuses {path}"))
}

/// Reads up to the blank line.
fn body<R: BufRead>(mut answer: R) -> Result<R> {
    let mut line = String::new();
    answer.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    ensure!(status == Some(200), "{}", line.trim());
    loop {
        line.clear();
        if answer.read_line(&mut line)? == 0 {
            bail!("the answer breaks off in its head");
        }
        let header = line.trim().to_ascii_lowercase();
        ensure!(!header.starts_with("transfer-encoding:"), "the answer comes in chunks, which HTTP/1.0 does not know");
        if header.is_empty() {
            return Ok(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{body, host};
    use std::io::Read;

    #[test]
    fn hosts() {
        assert_eq!(host("http://127.0.0.1:4711/api").unwrap(), "127.0.0.1:4711");
        assert!(host("https://x").is_err() && host("http:///x").is_err());
    }

    #[test]
    fn a_body_follows_the_head_of_a_200() {
        let mut text = String::new();
        let answer = &b"HTTP/1.0 200 OK\r\ncontent-type: x\r\n\r\nabc"[..];
        body(answer).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        for answer in [
            "",
            "HTTP/1.0 404 Not Found\r\n\r\nno",
            "HTTP/1.0 200 OK\r\nx: y\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            assert!(body(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
