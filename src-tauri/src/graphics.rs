//! Linux: how WebKit draws.
//!
//! WebKit's DMA-BUF renderer costs half a second and 80 MB where everything is drawn by the processor anyway. It is turned off
//! by a variable that must stand before the first thread begins, so the program starts itself once more with it.

use std::ffi::OsStr;
use std::path::Path;

const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Starts this program again with WebKit's slow way turned off, where that is called for; else returns. Nothing has begun yet.
pub(crate) fn settle() {
    use std::os::unix::process::CommandExt;
    if !is_called_for(std::env::var_os(VARIABLE).as_deref(), Path::new("/dev/dri")) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    // Only returns if it failed; then WebKit draws as it likes.
    let _failed = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, "1").exec();
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
