//! The session bus, as the test sees it.

use super::{LOOK_AGAIN, PATIENCE};
use std::path::Path;
use std::time::Instant;

/// Connects to the bus at a socket; the socket may be there a moment before somebody listens.
pub(crate) async fn connect(socket: &Path) -> zbus::Connection {
    let address = format!("unix:path={}", socket.display());
    let began = Instant::now();
    loop {
        match zbus::connection::Builder::address(address.as_str()).unwrap().build().await {
            Ok(connection) => return connection,
            Err(error) => assert!(began.elapsed() < PATIENCE, "no connection to the session bus: {error}"),
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Whether somebody on the bus has this name.
pub(crate) async fn is_owned(bus: &zbus::Connection, name: &str) -> bool {
    let daemon = zbus::fdo::DBusProxy::new(bus).await.unwrap();
    daemon.name_has_owner(name.try_into().unwrap()).await.unwrap()
}

/// The process behind a name on the bus.
pub(crate) async fn process_of(bus: &zbus::Connection, name: &str) -> Option<u32> {
    let daemon = zbus::fdo::DBusProxy::new(bus).await.unwrap();
    daemon.get_connection_unix_process_id(name.try_into().unwrap()).await.ok()
}
