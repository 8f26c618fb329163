//! A tray host: what the application shows in the tray, read and clicked over the session bus.

use super::bus::process_of;
use super::until;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};

/// An entry of a com.canonical.dbusmenu layout: number, properties, entries below.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Where an application's item is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    owner: String,
    path: String,
}

/// The tray host of one desktop.
#[derive(Debug, Clone)]
pub struct Tray {
    bus: zbus::Connection,
    items: Arc<Mutex<Vec<Place>>>,
}

/// What an item shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayLook {
    /// The word for people: the label, and where there is none the title.
    pub label: String,
    pub title: String,
    /// Name or path of the icon.
    pub icon: String,
    /// SHA-256 of the icon's file; empty where the icon is no file.
    pub icon_sha256: String,
    /// `Active`, `Passive` or `NeedsAttention`.
    pub status: String,
    pub menu: Vec<MenuItem>,
}

impl TrayLook {
    /// An item of the menu whose label is this or begins with it, also in submenus.
    pub fn item(&self, label: &str) -> Option<&MenuItem> {
        find(&self.menu, label)
    }

    /// The labels of the menu's own lines, without separators.
    pub fn labels(&self) -> Vec<&str> {
        self.menu.iter().filter(|item| !item.label.is_empty()).map(|item| item.label.as_str()).collect()
    }
}

/// A line of the menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MenuItem {
    pub id: i32,
    /// Without the mark of an access key; empty for a separator.
    pub label: String,
    pub enabled: bool,
    pub visible: bool,
    pub checked: Option<bool>,
    pub children: Vec<MenuItem>,
}

fn find<'a>(items: &'a [MenuItem], label: &str) -> Option<&'a MenuItem> {
    let here = items.iter().find(|item| item.label == label);
    let here = here.or_else(|| items.iter().find(|item| item.visible && item.label.starts_with(label)));
    here.or_else(|| items.iter().find_map(|item| find(&item.children, label)))
}

impl Tray {
    pub(crate) async fn serve(bus: &zbus::Connection) -> Self {
        let items = Arc::new(Mutex::new(Vec::new()));
        bus.object_server().at(WATCHER_PATH, Watcher { items: Arc::clone(&items) }).await.unwrap();
        bus.request_name(WATCHER).await.unwrap();
        Self { bus: bus.clone(), items }
    }

    /// Items whose application is still there.
    async fn living(&self) -> Vec<Place> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut living = Vec::new();
        for item in items {
            if process_of(&self.bus, &item.owner).await.is_some() {
                living.push(item);
            }
        }
        living
    }

    /// How many items are in the tray.
    pub async fn count(&self) -> usize {
        self.living().await.len()
    }

    /// What the newest item shows now; `None` while there is none.
    pub async fn look(&self) -> Option<TrayLook> {
        let place = self.living().await.pop()?;
        let shown = self.properties(&place).await?;
        let text = |name: &str| shown.get(name).and_then(|value| text_of(value)).unwrap_or_default();
        let menu_path = text("Menu");
        let (title, icon) = (text("Title"), text("IconName"));
        let label = Some(text("XAyatanaLabel")).filter(|label| !label.is_empty()).unwrap_or_else(|| title.clone());
        let icon_sha256 = std::fs::read(&icon).map(|bytes| hex::encode(Sha256::digest(bytes))).unwrap_or_default();
        let menu = self.menu(&place, &menu_path).await?;
        Some(TrayLook { label, title, icon, icon_sha256, status: text("Status"), menu })
    }

    /// Waits until the item shows what is wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&TrayLook) -> bool) -> TrayLook {
        until(
            &format!("the tray: {what}"),
            async || self.look().await.filter(|look| wanted(look)),
            async || format!("the tray shows {:#?}", self.look().await),
        )
        .await
    }

    /// Clicks the line of the menu whose label begins so, once it is there and can be clicked.
    pub async fn click(&self, label: &str) {
        let look = self
            .until(&format!("a menu with \"{label}\""), |look| look.item(label).is_some_and(|item| item.enabled))
            .await;
        let item = look.item(label).unwrap().id;
        let place = self.living().await.pop().unwrap();
        let menu = self.properties(&place).await.and_then(|shown| text_of(shown.get("Menu")?)).unwrap();
        let event = (item, "clicked", Value::from(0i32), 0u32);
        self.bus.call_method(Some(place.owner.as_str()), menu.as_str(), Some(MENU), "Event", &event).await.unwrap();
    }

    async fn properties(&self, place: &Place) -> Option<HashMap<String, OwnedValue>> {
        let properties = "org.freedesktop.DBus.Properties";
        let owner = Some(place.owner.as_str());
        let answer = self.bus.call_method(owner, place.path.as_str(), Some(properties), "GetAll", &ITEM).await.ok()?;
        answer.body().deserialize().ok()
    }

    async fn menu(&self, place: &Place, path: &str) -> Option<Vec<MenuItem>> {
        let whole = (0i32, -1i32, Vec::<&str>::new());
        let owner = Some(place.owner.as_str());
        let answer = self.bus.call_method(owner, path, Some(MENU), "GetLayout", &whole).await.ok()?;
        let body = answer.body();
        let (_, (_, _, lines)): (u32, Layout) = body.deserialize().ok()?;
        Some(lines.iter().filter_map(|line| menu_item(line)).collect())
    }
}

/// Reads one line, and those below it, out of `(ia{sv}av)`.
fn menu_item(line: &Value<'_>) -> Option<MenuItem> {
    let Value::Structure(line) = bare(line) else { return None };
    let [id, properties, children] = line.fields() else { return None };
    let (Value::I32(id), Value::Dict(properties), Value::Array(children)) = (id, properties, children) else {
        return None;
    };
    let mut item = MenuItem { id: *id, enabled: true, visible: true, ..MenuItem::default() };
    for (name, value) in properties.iter() {
        let (Value::Str(name), value) = (name, bare(value)) else { continue };
        match (name.as_str(), value) {
            ("label", Value::Str(label)) => item.label = label.replace("__", "\0").replace('_', "").replace('\0', "_"),
            ("enabled", Value::Bool(enabled)) => item.enabled = *enabled,
            ("visible", Value::Bool(visible)) => item.visible = *visible,
            ("toggle-state", Value::I32(state)) => item.checked = Some(*state == 1),
            _ => {}
        }
    }
    item.children = children.iter().filter_map(menu_item).collect();
    Some(item)
}

/// What is inside a variant, or in variants within variants.
fn bare<'a>(value: &'a Value<'a>) -> &'a Value<'a> {
    match value {
        Value::Value(inner) => bare(inner),
        other => other,
    }
}

fn text_of(value: &Value<'_>) -> Option<String> {
    match bare(value) {
        Value::Str(text) => Some(text.to_string()),
        Value::ObjectPath(path) => Some(path.to_string()),
        _ => None,
    }
}

struct Watcher {
    items: Arc<Mutex<Vec<Place>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// Some give their object's path, others their name on the bus.
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let place = if service.starts_with('/') {
            Place { owner: sender, path: service.to_owned() }
        } else {
            Place { owner: service.to_owned(), path: "/StatusNotifierItem".into() }
        };
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push(place);
        // Nobody may listen.
        let _ = Self::status_notifier_item_registered(&emitter, service).await;
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|item| format!("{}{}", item.owner, item.path)).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
