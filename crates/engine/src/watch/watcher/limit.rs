//! The system's refusals to watch a folder, told apart.

use notify::ErrorKind;

/// A limit that keeps a source from being watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Linux: `fs.inotify.max_user_watches`, over all programs of the user.
    Watches,
    /// Linux: `fs.inotify.max_user_instances`, or the process' open files.
    Instances,
    /// Offload's own bound, `WatchOptions::folders`.
    Folders(usize),
}

impl Limit {
    /// Which limit, as a name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Watches => "watches",
            Self::Instances => "instances",
            Self::Folders(_) => "folders",
        }
    }

    /// The command that raises the system's limit, where there is one.
    pub const fn fix(self) -> Option<&'static str> {
        match self {
            Self::Watches if cfg!(target_os = "linux") => Some("sudo sysctl fs.inotify.max_user_watches=524288"),
            Self::Instances if cfg!(target_os = "linux") => Some("sudo sysctl fs.inotify.max_user_instances=1024"),
            Self::Watches | Self::Instances | Self::Folders(_) => None,
        }
    }

    /// What happened, and what mends it.
    pub fn text(self) -> String {
        const INSTEAD: &str = "so the folder is looked through every minute instead.";
        match (self, self.fix()) {
            (Self::Watches, Some(fix)) => format!(
                "The system's limit of watched folders is reached{}, {INSTEAD} To mend it, raise fs.inotify.max_user_watches: {fix}",
                now("max_user_watches")
            ),
            (Self::Instances, Some(fix)) => format!(
                "The system's limit of programs that watch folders is reached{}, {INSTEAD} To mend it, raise fs.inotify.max_user_instances: {fix}",
                now("max_user_instances")
            ),
            (Self::Watches | Self::Instances, None) => format!("The system watches no more folders, {INSTEAD}"),
            (Self::Folders(bound), _) => format!(
                "The folder holds more than {bound} folders, too many to watch, {INSTEAD} To mend it, exclude some of them or \
                 split the source."
            ),
        }
    }
}

fn now(name: &str) -> String {
    std::fs::read_to_string(format!("/proc/sys/fs/inotify/{name}"))
        .map(|value| format!(" (fs.inotify.{name} is {})", value.trim()))
        .unwrap_or_default()
}

/// What notify's refusal means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    Limit(Limit),
    /// The folder vanished meanwhile.
    Gone,
    Other(String),
}

/// Reads a refusal; inotify answers a limit with ENOSPC ("no space left on device"), which must never reach a person as
/// that.
pub(super) fn refusal(error: &notify::Error) -> Refusal {
    match &error.kind {
        ErrorKind::MaxFilesWatch => Refusal::Limit(Limit::Watches),
        ErrorKind::PathNotFound => Refusal::Gone,
        ErrorKind::Io(error) => of_io(error),
        ErrorKind::Generic(_) | ErrorKind::WatchNotFound | ErrorKind::InvalidConfig(_) => {
            Refusal::Other(error.to_string())
        }
    }
}

fn of_io(error: &std::io::Error) -> Refusal {
    #[cfg(unix)]
    match error.raw_os_error() {
        Some(libc::ENOSPC | libc::ENOMEM) => return Refusal::Limit(Limit::Watches),
        Some(libc::EMFILE | libc::ENFILE) => return Refusal::Limit(Limit::Instances),
        _ => {}
    }
    if crate::watch::stat::is_gone(error) { Refusal::Gone } else { Refusal::Other(error.to_string()) }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::{Limit, Refusal, refusal};
    use notify::{Error, ErrorKind};
    use std::io;

    #[test]
    fn refusals() {
        let os = |number| Error::io(io::Error::from_raw_os_error(number));
        let table = [
            (Error::new(ErrorKind::MaxFilesWatch), Refusal::Limit(Limit::Watches)),
            (os(libc::ENOSPC), Refusal::Limit(Limit::Watches)),
            (os(libc::EMFILE), Refusal::Limit(Limit::Instances)),
            (os(libc::ENFILE), Refusal::Limit(Limit::Instances)),
            (os(libc::ENOENT), Refusal::Gone),
            (os(libc::ENOTDIR), Refusal::Gone),
            (Error::path_not_found(), Refusal::Gone),
            (Error::generic("odd"), Refusal::Other("odd".to_owned())),
        ];
        for (error, expected) in table {
            assert_eq!(refusal(&error), expected, "{error:?}");
        }
        assert!(matches!(refusal(&os(libc::EACCES)), Refusal::Other(_)));
    }

    #[test]
    fn the_mend_is_named() {
        for (limit, name) in [
            (Limit::Watches, "fs.inotify.max_user_watches"),
            (Limit::Instances, "fs.inotify.max_user_instances"),
            (Limit::Folders(7), "more than 7 folders"),
        ] {
            let text = limit.text();
            assert!(text.contains(name) && text.contains("every minute"), "{text}");
            assert!(!text.contains("space"), "{text}");
        }
    }
}
