//! The reference backend of protocol v1 with an S3 of its own, both on loopback ports, and faults on order.
//!
//! It never imports the engine: what the two agree on is `offload-protocol` and docs/backend-protocol.md, nothing else.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use offload_sandbox::{Sandbox, SandboxOptions};
//! let sandbox = Sandbox::start(SandboxOptions { dir: "data".into(), ..SandboxOptions::default() }).await?;
//! sandbox.faults().add("s3=slowdown:times=3".parse()?);
//! println!("{} {}", sandbox.backend_url(), sandbox.token());
//! # Ok(())
//! # }
//! ```

mod backend;
mod bucket;
pub mod faults;
mod key;
mod options;
mod ordered;
mod record;
mod s3;
mod sandbox;
mod serve;
mod shelf;
mod sigv4;

pub use bucket::{BucketError, Object};
pub use faults::{ErrorAnswer, Fault, Faults, ParseFaultError, What, Where};
pub use key::{MAX_KEY, object_key, parse_file_id};
pub use options::{ExternalS3, LengthRule, SandboxOptions, SignRule};
pub use record::Record;
pub use sandbox::{Sandbox, SandboxError};
pub use sigv4::{Signer, amz_date, encode_key, policy_date};
