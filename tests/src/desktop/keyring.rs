//! The real Secret Service of a desktop, read as another program would.

use super::bus::is_owned;
use super::owned::Owned;
use super::until;
use std::collections::HashMap;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const SERVICE: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const INTERFACE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";

/// An entry of the keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    pub attributes: HashMap<String, String>,
    pub secret: Vec<u8>,
}

/// Waits until the keyring is on the bus and has a default collection, which is made a moment later.
pub(crate) async fn until_there(bus: &zbus::Connection, daemon: &Owned) {
    let ask = async || {
        if !is_owned(bus, SERVICE).await {
            return None;
        }
        let answer = bus.call_method(Some(SERVICE), PATH, Some(INTERFACE), "ReadAlias", &"default").await.ok()?;
        let collection: OwnedObjectPath = answer.body().deserialize().ok()?;
        (collection.as_str() != "/").then_some(())
    };
    until("a keyring on the session bus", ask, async || daemon.log()).await;
}

/// Everything that is kept under a service's name.
pub async fn kept_secrets(bus: &zbus::Connection, service: &str) -> Vec<KeptSecret> {
    let opened = ask(bus, PATH, INTERFACE, "OpenSession", &("plain", Value::from(""))).await;
    let (_, session): (OwnedValue, OwnedObjectPath) = opened.body().deserialize().unwrap();
    let found = ask(bus, PATH, INTERFACE, "SearchItems", &HashMap::from([("service", service)])).await;
    let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = found.body().deserialize().unwrap();
    assert!(locked.is_empty(), "the keyring is locked");
    let mut kept = Vec::new();
    for item in unlocked {
        let answer = ask(bus, item.as_str(), ITEM, "GetSecret", &session).await;
        // Session, parameters of the encryption (none), the secret, its type.
        let (_, _, secret, _): (OwnedObjectPath, Vec<u8>, Vec<u8>, String) = answer.body().deserialize().unwrap();
        let answer = ask(bus, item.as_str(), "org.freedesktop.DBus.Properties", "Get", &(ITEM, "Attributes")).await;
        let attributes: OwnedValue = answer.body().deserialize().unwrap();
        kept.push(KeptSecret { attributes: attributes.try_into().unwrap(), secret });
    }
    kept
}

async fn ask<B>(bus: &zbus::Connection, path: &str, interface: &str, method: &str, body: &B) -> zbus::Message
where
    B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
{
    let answer = bus.call_method(Some(SERVICE), path, Some(interface), method, body).await;
    answer.unwrap_or_else(|error| panic!("the keyring's {method}: {error}"))
}
