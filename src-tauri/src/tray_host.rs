//! Whether this desktop shows a tray at all. Without one a hidden window would be out of reach.

/// Blocking; for half a second at most where the desktop doesn't answer.
#[cfg(target_os = "linux")]
pub(crate) fn is_there() -> bool {
    ask().unwrap_or_else(|error| {
        tracing::debug!(%error, "the session bus does not say whether there is a tray");
        false
    })
}

#[cfg(target_os = "linux")]
fn ask() -> zbus::Result<bool> {
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    let connection = zbus::blocking::connection::Builder::session()?
        .method_timeout(std::time::Duration::from_millis(500))
        .build()?;
    let bus = zbus::blocking::fdo::DBusProxy::new(&connection)?;
    let name = zbus::names::BusName::try_from(WATCHER)?;
    if !bus.name_has_owner(name)? {
        return Ok(false);
    }
    let watcher = zbus::blocking::Proxy::new(&connection, WATCHER, "/StatusNotifierWatcher", WATCHER)?;
    // A watcher without a host shows nothing. One that doesn't know the property is taken at its word.
    Ok(watcher.get_property("IsStatusNotifierHostRegistered").unwrap_or(true))
}

/// Windows and macOS always have one.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn is_there() -> bool {
    true
}
