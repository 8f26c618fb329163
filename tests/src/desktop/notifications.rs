//! A notification area that writes down what it is asked to show.

use super::until;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};

const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as it was asked for.
#[derive(Debug, Clone)]
pub struct Shown {
    pub id: u32,
    pub app: String,
    /// The notification it replaces, 0 for none.
    pub replaces: u32,
    pub summary: String,
    pub body: String,
    pub actions: Vec<String>,
    pub hints: HashMap<String, String>,
}

/// The recorder of one desktop.
#[derive(Debug, Clone)]
pub struct Notifications {
    bus: zbus::Connection,
    shown: Arc<Mutex<Vec<Shown>>>,
}

impl Notifications {
    pub(crate) async fn serve(bus: &zbus::Connection) -> Self {
        let shown = Arc::new(Mutex::new(Vec::new()));
        bus.object_server().at(PATH, Area { shown: Arc::clone(&shown) }).await.unwrap();
        bus.request_name("org.freedesktop.Notifications").await.unwrap();
        Self { bus: bus.clone(), shown }
    }

    fn list(&self) -> MutexGuard<'_, Vec<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that was asked for so far, in its order.
    pub fn all(&self) -> Vec<Shown> {
        self.list().clone()
    }

    /// Waits for one that is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Shown) -> bool) -> Shown {
        until(
            what,
            async || self.list().iter().find(|shown| wanted(shown)).cloned(),
            async || format!("notifications: {:#?}", self.all()),
        )
        .await
    }

    /// The person chooses an action; `default` is a click on the notification itself.
    pub async fn choose(&self, id: u32, action: &str) {
        let emitter = SignalEmitter::new(&self.bus, PATH).unwrap();
        Area::action_invoked(&emitter, id, action).await.unwrap();
    }
}

struct Area {
    shown: Arc<Mutex<Vec<Shown>>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Area {
    #[expect(clippy::too_many_arguments, reason = "the interface has that many")]
    fn notify(
        &self,
        app: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _limit: i32,
    ) -> u32 {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let id = if replaces == 0 { u32::try_from(shown.len()).unwrap() + 1 } else { replaces };
        let hints = hints.iter().map(|(name, value)| (name.clone(), readable(value))).collect();
        shown.push(Shown { id, app, replaces, summary, body, actions, hints });
        id
    }

    fn get_capabilities(&self) -> Vec<String> {
        ["body", "actions"].map(str::to_owned).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("recorder".into(), "offload-tests".into(), "1".into(), "1.2".into())
    }

    fn close_notification(&self, _id: u32) {}

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

fn readable(value: &Value<'_>) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        other => other.to_string(),
    }
}
