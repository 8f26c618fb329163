//! Both ends, over a real socket, with a made-up engine behind it.

use super::{Answers, Client, ClientError, REQUEST_BYTES, place, serve};
use interprocess::local_socket::tokio::{Stream, prelude::*};
use offload_protocol::control::{ControlError, NewSource, Reply, Request};
use offload_protocol::view::Event;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::broadcast;

#[derive(Clone)]
struct Scripted {
    events: broadcast::Sender<Event>,
}

impl Scripted {
    fn new() -> Self {
        Self { events: broadcast::channel(4).0 }
    }
}

impl Answers for Scripted {
    async fn answer(&self, request: Request) -> Result<Reply, ControlError> {
        match request {
            Request::Retry(_) => Ok(Reply::Retried(7)),
            Request::Rescan => std::future::pending().await,
            _ => Err(ControlError { code: "no".into(), message: "not today".into(), hint: Some("tomorrow".into()) }),
        }
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

const RETRY: Request = Request::Retry(offload_protocol::control::RetryWhat::All);

async fn raw(dir: &Path) -> Stream {
    let place = place::to_connect(dir).unwrap().remove(0);
    Stream::connect(place.name).await.unwrap()
}

async fn said(stream: &Stream) -> String {
    let mut text = Vec::new();
    let mut reading = stream;
    while !text.ends_with(b"\n") {
        let mut byte = [0];
        if reading.read(&mut byte).await.unwrap() == 0 {
            break;
        }
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn asks_and_hears() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Client::connect(dir.path()).await.is_none(), "nobody listens yet");
    let server = serve(Scripted::new(), dir.path()).await.unwrap();
    let mut client = Client::connect(dir.path()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(client.request(&RETRY).await.unwrap(), Reply::Retried(7));
    }
    let error = client.request(&Request::Status).await.unwrap_err();
    assert!(matches!(&error, ClientError::Refused(refused) if refused.code == "no"));
    assert_eq!((error.to_string().as_str(), error.hint().as_deref()), ("not today", Some("tomorrow")));
    drop(server);
    assert!(client.request(&RETRY).await.unwrap_err().is_gone());
    assert!(Client::connect(dir.path()).await.is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn a_dead_engines_socket_is_replaced_and_the_new_one_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().canonicalize().unwrap().join("offload.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "a killed process leaves its socket");
    assert!(Client::connect(dir.path()).await.is_none());
    let server = serve(Scripted::new(), dir.path()).await.unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(Client::connect(dir.path()).await.is_some());
    drop(server);
    assert!(!path.exists(), "a server that ends takes its socket away");
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let _server = serve(Scripted::new(), dir.path()).await.unwrap();
    let stream = raw(dir.path()).await;
    for nonsense in ["hello", "{}", "{\"do\":\"fly\"}", "\u{0}", "{\"do\":\"retry\",\"with\":5}", ""] {
        (&stream).write_all(format!("{nonsense}\n").as_bytes()).await.unwrap();
        let reply = said(&stream).await;
        assert!(reply.contains("\"bad_request\""), "{nonsense:?} was answered {reply}");
    }
    // The conversation goes on.
    (&stream).write_all(format!("{}\n", serde_json::to_string(&RETRY).unwrap()).as_bytes()).await.unwrap();
    assert!(said(&stream).await.contains("retried"));
}

#[tokio::test]
async fn a_line_without_end_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _server = serve(Scripted::new(), dir.path()).await.unwrap();
    let stream = raw(dir.path()).await;
    (&stream).write_all(&vec![b'x'; REQUEST_BYTES + 1]).await.unwrap();
    assert!(said(&stream).await.contains("\"request_too_long\""));
    assert_eq!(said(&stream).await, "", "and the connection closed");
    let much = Request::AddBatch(NewSource { paths: vec![vec![200; REQUEST_BYTES]], ..NewSource::default() });
    let mut client = Client::connect(dir.path()).await.unwrap();
    assert!(matches!(client.request(&much).await, Err(ClientError::TooLong)));
    assert_eq!(client.request(&RETRY).await.unwrap(), Reply::Retried(7), "nothing was sent, the conversation goes on");
}

fn event(seq: i64) -> Event {
    Event::Files { after: seq - 1, seq, ids: vec![seq], totals: offload_protocol::view::Totals::default() }
}

#[tokio::test]
async fn events_arrive_in_order_until_somebody_goes() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Scripted::new();
    let server = serve(engine.clone(), dir.path()).await.unwrap();
    let mut events = Client::connect(dir.path()).await.unwrap().subscribe().await.unwrap();
    for seq in 1..=20 {
        engine.events.send(event(seq)).unwrap();
        assert_eq!(events.next().await.unwrap(), Some(event(seq)));
    }
    let leaver = Client::connect(dir.path()).await.unwrap().subscribe().await.unwrap();
    assert_eq!(engine.events.receiver_count(), 2);
    drop(leaver);
    // The server notices that a listener left, without an event to send.
    while engine.events.receiver_count() > 1 {
        tokio::task::yield_now().await;
    }
    drop(server);
    assert_eq!(events.next().await.unwrap(), None);
}

#[tokio::test]
async fn idle_and_stuck_clients_hold_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let _server = serve(Scripted::new(), dir.path()).await.unwrap();
    let mut others = Vec::new();
    for index in 0..31 {
        let stream = raw(dir.path()).await;
        if index % 2 == 0 {
            // A request the engine never answers.
            (&stream).write_all(b"{\"do\":\"rescan\"}\n").await.unwrap();
        } else {
            (&stream).write_all(b"{\"do\":").await.unwrap();
        }
        others.push(stream);
    }
    let mut client = Client::connect(dir.path()).await.unwrap();
    assert_eq!(client.request(&RETRY).await.unwrap(), Reply::Retried(7));
    // Every place is taken now: the next one is told so.
    let mut late = Client::connect(dir.path()).await.unwrap();
    let error = late.request(&RETRY).await.unwrap_err();
    assert!(matches!(&error, ClientError::Refused(refused) if refused.code == "busy") || error.is_gone(), "{error:?}");
    assert_eq!(client.request(&RETRY).await.unwrap(), Reply::Retried(7));
    // Whoever leaves makes room.
    drop(others);
    loop {
        if let Some(mut client) = Client::connect(dir.path()).await
            && client.request(&RETRY).await.is_ok()
        {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn asked_to_stop() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = serve(Scripted::new(), dir.path()).await.unwrap();
    let mut client = Client::connect(dir.path()).await.unwrap();
    assert_eq!(client.request(&Request::Shutdown).await.unwrap(), Reply::Done);
    server.shutdown_asked().await;
}
