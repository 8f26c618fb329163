//! Asks the backend for presigned POSTs: what workers want within a moment goes out as one request.

use super::core::Core;
use crate::breaker::Origin;
use crate::cause::{Cause, Code};
use offload_protocol::wire::{PresignFile, Upload};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// How long the first wish waits for company.
const GATHER: Duration = Duration::from_millis(4);
/// Presign requests under way at once.
const REQUESTS: usize = 4;

/// Outer error: the whole request went wrong, no file is at fault. Inner: this file.
pub(super) type Answer = Result<Result<Upload, Cause>, Cause>;

struct Wish {
    file: PresignFile,
    answer: oneshot::Sender<Answer>,
}

/// Where workers hand in their wishes.
#[derive(Clone)]
pub(super) struct Presigner {
    wishes: mpsc::Sender<Wish>,
}

impl Presigner {
    /// The desk and the task that serves it.
    pub(super) fn new(core: Arc<Core>) -> (Self, impl Future<Output = ()>) {
        let (wishes, queue) = mpsc::channel(64);
        (Self { wishes }, serve(core, queue))
    }

    pub(super) async fn ask(&self, file: PresignFile) -> Answer {
        let (answer, wait) = oneshot::channel();
        let gone = || Cause::new(Code::Unreachable, "Offload is stopping");
        self.wishes.send(Wish { file, answer }).await.map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }
}

async fn serve(core: Arc<Core>, mut queue: mpsc::Receiver<Wish>) {
    let mut requests = JoinSet::new();
    while let Some(first) = queue.recv().await {
        let most = core.flow().limits.files_per_request.clamp(1, 1000) as usize;
        let mut batch = vec![first];
        let gather = tokio::time::sleep(GATHER);
        tokio::pin!(gather);
        while batch.len() < most {
            tokio::select! {
                biased;
                wish = queue.recv() => match wish {
                    Some(wish) => batch.push(wish),
                    None => break,
                },
                () = &mut gather => break,
            }
        }
        while requests.len() >= REQUESTS {
            requests.join_next().await;
        }
        requests.spawn(request(core.clone(), batch));
        while requests.try_join_next().is_some() {}
    }
    while requests.join_next().await.is_some() {}
}

async fn request(core: Arc<Core>, batch: Vec<Wish>) {
    let (files, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|wish| (wish.file, wish.answer)).unzip();
    match core.backend.presign(&files).await {
        Ok(entries) => {
            core.through(Origin::Presign);
            let mut by_id: HashMap<String, Result<Upload, Cause>> = entries.into_iter().collect();
            for (file, answer) in files.into_iter().zip(answers) {
                let said = by_id.remove(&file.file_id).unwrap_or_else(|| {
                    Err(Cause::new(Code::BackendSilent, "the backend's answer does not name this file"))
                });
                // A worker that was called back meanwhile doesn't wait any more.
                let _ = answer.send(Ok(said));
            }
        }
        Err(cause) => {
            for answer in answers {
                let _ = answer.send(Err(cause.clone()));
            }
        }
    }
}
