//! Linux: how WebKit draws.
//!
//! WebKit's DMA-BUF renderer costs half a second and 80 MB where everything is drawn by the processor anyway. It is turned off
//! by a variable of the environment.

use std::ffi::OsStr;
use std::path::Path;

const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Turns WebKit's slow way off where that is called for. The first thing the program does.
pub(crate) fn settle() {
    if is_called_for(std::env::var_os(VARIABLE).as_deref(), Path::new("/dev/dri")) {
        // SAFETY: nothing has begun yet, so no other thread reads the environment meanwhile.
        #[allow(unsafe_code, clippy::disallowed_methods)]
        unsafe {
            std::env::set_var(VARIABLE, "1");
        }
    }
}

/// Nobody decided it already, and no graphics processor renders.
fn is_called_for(variable: Option<&OsStr>, devices: &Path) -> bool {
    variable.is_none() && !has_renderer(devices)
}

fn has_renderer(devices: &Path) -> bool {
    std::fs::read_dir(devices).is_ok_and(|entries| {
        entries.filter_map(Result::ok).any(|entry| entry.file_name().as_encoded_bytes().starts_with(b"renderD"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_called_for;
    use std::ffi::OsStr;

    #[test]
    fn only_without_a_graphics_processor() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_called_for(None, &dir.path().join("absent")));
        std::fs::write(dir.path().join("card0"), "").unwrap();
        assert!(is_called_for(None, dir.path()));
        assert!(!is_called_for(Some(OsStr::new("0")), dir.path()), "decided already");
        std::fs::write(dir.path().join("renderD128"), "").unwrap();
        assert!(!is_called_for(None, dir.path()));
    }
}
