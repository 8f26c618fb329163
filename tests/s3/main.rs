//! One list of cases, sent by Offload's own transfer code to several S3 servers: what each answers, what Offload makes of it,
//! what a person is told, and what lies in the bucket afterwards.
//!
//! `OFFLOAD_S3_SERVERS=sandbox,ceph,localstack` names the servers that must run; without it, those that are installed do.
//! docs/s3-servers.md is written from the same list: `OFFLOAD_WRITE_DOCS=1 cargo test -p offload-tests --test s3 docs`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod case;
mod differs;
mod docs;
mod form;
mod posts;
mod puts;
mod sentence;
mod trial;
mod whole;

use offload_sandbox::SignRule;
use offload_tests::s3_servers::Kind;
use std::io::Write;

/// Whether a server is to run here. What is left out is said even where output is captured.
fn is_wanted(kind: Kind) -> bool {
    if let Ok(wanted) = std::env::var("OFFLOAD_S3_SERVERS") {
        return wanted.split(',').any(|word| word.trim() == kind.word());
    }
    let Some(why) = kind.missing() else { return true };
    #[expect(clippy::explicit_write, reason = "eprintln! is captured where the test passes")]
    writeln!(std::io::stderr(), "LEFT OUT: {}: {why}", kind.title()).unwrap();
    false
}

async fn every_case(kind: Kind) {
    if !is_wanted(kind) {
        return;
    }
    if let Some(why) = kind.missing() {
        panic!("{} is asked for: {why}", kind.title());
    }
    let server = kind.start().await;
    let cases = case::all();
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let (seen, told) = trial::of(&server, number, case).await;
        #[expect(clippy::print_stdout, reason = "captured, and shown where a test fails")]
        {
            println!("{}: {}\n  {seen}\n  {told}", kind.title(), case.name);
        }
        let expected = case.expected(kind);
        if seen != expected {
            wrong.push(format!("{}:\n  expected {expected}\n  saw      {seen}\n  told     {told}", case.name));
        }
        wrong.extend(sentence::faults(&told).into_iter().map(|fault| format!("{}: {fault}\n  told {told}", case.name)));
    }
    assert!(wrong.is_empty(), "{}, {} of {} cases:\n{}", kind.title(), wrong.len(), cases.len(), wrong.join("\n"));
    for sign in [SignRule::Post, SignRule::Put] {
        whole::folder(&server, sign).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sandbox() {
    every_case(Kind::Sandbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ceph() {
    every_case(Kind::Ceph).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn localstack() {
    every_case(Kind::LocalStack).await;
}
