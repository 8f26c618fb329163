//! Whether some process still holds a file open for writing.

use std::path::Path;

/// Whether any process, this one included, has the file open for writing; `None` where that cannot be told (another
/// owner's file, a network share, systems other than Linux). Blocking, short.
///
/// Asks the kernel for a read lease, which it refuses while there is a writer (`fcntl(2)`, F_SETLEASE), and gives it
/// back at once.
pub fn open_for_writing(path: &Path) -> Option<bool> {
    #[cfg(target_os = "linux")]
    {
        lease::held(path)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        None
    }
}

#[cfg(target_os = "linux")]
mod lease {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    /// linux/fcntl.h, the same on every architecture Linux has; the libc crate leaves it out for glibc.
    const F_SETSIG: libc::c_int = 10;

    pub(super) fn held(path: &Path) -> Option<bool> {
        let file = open(path).ok()?;
        // A lease is broken by a signal, by default SIGIO, which ends a process that doesn't expect it. SIGURG is
        // ignored by default.
        fcntl(&file, F_SETSIG, libc::SIGURG).ok()?;
        match fcntl(&file, libc::F_SETLEASE, libc::F_RDLCK) {
            Ok(()) => {
                // Closing the descriptor below gives the lease back too, should this fail.
                let _ = fcntl(&file, libc::F_SETLEASE, libc::F_UNLCK);
                Some(false)
            }
            Err(error) => match error.raw_os_error() {
                Some(libc::EAGAIN | libc::EBUSY) => Some(true),
                _ => None,
            },
        }
    }

    /// Without waiting on a pipe, and without touching the access time where the kernel allows that (the owner only).
    fn open(path: &Path) -> io::Result<File> {
        let read = |flags| OpenOptions::new().read(true).custom_flags(flags).open(path);
        let file = read(libc::O_NONBLOCK | libc::O_NOATIME).or_else(|_| read(libc::O_NONBLOCK))?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn fcntl(file: &File, command: libc::c_int, argument: libc::c_int) -> io::Result<()> {
        // SAFETY: the descriptor is open for as long as `file` is borrowed; these commands take one int and touch no
        // memory of ours.
        #[allow(unsafe_code)]
        let answer = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
        if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::open_for_writing;
    use std::fs::{File, OpenOptions};

    #[test]
    fn held_and_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        let writer = File::create(&path).unwrap();
        assert_eq!(open_for_writing(&path), Some(true));
        drop(writer);
        assert_eq!(open_for_writing(&path), Some(false));
        let reader = File::open(&path).unwrap();
        assert_eq!(open_for_writing(&path), Some(false));
        drop(reader);
        let appender = OpenOptions::new().append(true).open(&path).unwrap();
        assert_eq!(open_for_writing(&path), Some(true));
        drop(appender);
    }

    #[test]
    fn the_lease_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::write(&path, b"x").unwrap();
        for _ in 0..100 {
            assert_eq!(open_for_writing(&path), Some(false));
            // Would wait for the lease to break, and raise the signal, were it still there.
            drop(OpenOptions::new().append(true).open(&path).unwrap());
        }
    }

    #[test]
    fn what_cannot_be_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(open_for_writing(&folder.path().join("none")), None);
        assert_eq!(open_for_writing(folder.path()), None);
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert_eq!(open_for_writing(&pipe), None);
    }
}
