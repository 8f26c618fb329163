//! Whether this process could open a window.

/// On Linux a display is named in the environment; elsewhere one is taken for granted.
pub(super) fn is_there() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
