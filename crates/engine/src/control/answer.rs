//! From a request on the socket to the engine, and back.

use crate::engine::{EngineError, Handle};
use offload_protocol::control::{ControlError, Reply, Request};
use offload_protocol::view::Event;
use tokio::sync::broadcast;

/// Something that carries requests out: the engine, for the control socket.
pub trait Answers: Clone + Send + Sync + 'static {
    /// Carries one request out. `Subscribe` and `Shutdown` are the socket's own and never come here.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Reply, ControlError>> + Send;

    /// What happens from now on.
    fn events(&self) -> broadcast::Receiver<Event>;
}

impl Answers for Handle {
    async fn answer(&self, request: Request) -> Result<Reply, ControlError> {
        // Boxed: the engine's futures are large, and there is one for each conversation.
        Box::pin(carry_out(self, request)).await.map_err(ControlError::from)
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.subscribe()
    }
}

async fn carry_out(engine: &Handle, request: Request) -> Result<Reply, EngineError> {
    let done = |()| Reply::Done;
    match request {
        Request::Status => engine.status().await.map(|status| Reply::Status(Box::new(status))),
        Request::AddSource(new) => engine.add_source(new).await.map(|source| Reply::Source(Box::new(source))),
        Request::AddBatch(new) => engine.add_batch(new).await.map(|source| Reply::Source(Box::new(source))),
        Request::EditSource(edit) => engine.edit_source(edit).await.map(|source| Reply::Source(Box::new(source))),
        Request::RemoveSource(id) => engine.remove_source(id).await.map(done),
        Request::CancelBatch(id) => engine.cancel_batch(id).await.map(done),
        Request::Pause(scope) => engine.pause(scope).await.map(done),
        Request::PauseUntil(until_ms) => engine.pause_until(until_ms).await.map(done),
        Request::Resume(scope) => engine.resume(scope).await.map(done),
        Request::Retry(what) => engine.retry(what).await.map(Reply::Retried),
        Request::Dismiss(what) => engine.dismiss(what).await.map(Reply::Retried),
        Request::Page(query) => engine.page(query).await.map(Reply::Page),
        Request::Rows(ids) => engine.rows(ids).await.map(Reply::Rows),
        Request::StoryOf(id) => engine.story_of(id).await.map(Reply::Story),
        Request::Story(local) => engine.story(local).await.map(Reply::Story),
        Request::SetBandwidth(limit) => {
            engine.set_bandwidth(limit);
            Ok(Reply::Done)
        }
        Request::TokenChanged => {
            engine.token_changed();
            Ok(Reply::Done)
        }
        Request::Rescan => engine.rescan().await.map(done),
        Request::Subscribe | Request::Shutdown => Ok(Reply::Done),
    }
}
