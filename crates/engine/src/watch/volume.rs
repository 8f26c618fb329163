//! Which volume a source's folder lies on, and whether what is there now is the folder it was.

use super::stat::is_gone;
use std::io;
use std::path::Path;

/// A volume's identity as a stable string, to be kept and compared.
///
/// Linux: `f_fsid` of `statfs(2)`, which ext4, btrfs and f2fs derive from the volume's UUID; FAT, exFAT and XFS from
/// the device's number, which another plugging-in may change. Elsewhere: the device's number, or the path's prefix on
/// Windows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VolumeId(String);

impl VolumeId {
    /// Reads back what [`Self::as_str`] gave.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The volume under a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub id: VolumeId,
    /// Device number; 0 where the system has none. Good for comparing within one run only.
    pub device: u64,
    /// A share of another machine: changes made there come without events.
    pub remote: bool,
}

/// The volume that `path` lies on; blocking, and on a share that hangs for long.
///
/// # Errors
/// As `stat(2)` and `statfs(2)`.
pub fn volume_of(path: &Path) -> io::Result<Volume> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = std::fs::metadata(path)?.dev();
        #[cfg(target_os = "linux")]
        {
            #[allow(clippy::useless_conversion, reason = "the field's type differs by architecture")]
            let remote = is_remote(i64::from(rustix::fs::statfs(path)?.f_type));
            let id = match rustix::fs::statvfs(path)?.f_fsid {
                0 => format!("device:{device:x}"),
                fsid => format!("fsid:{fsid:016x}"),
            };
            Ok(Volume { id: VolumeId(id), device, remote })
        }
        #[cfg(not(target_os = "linux"))]
        {
            Ok(Volume { id: VolumeId(format!("device:{device:x}")), device, remote: false })
        }
    }
    #[cfg(not(unix))]
    {
        let real = std::fs::canonicalize(path)?;
        let prefix = real.components().next().map(|prefix| prefix.as_os_str().to_string_lossy().to_lowercase());
        let id = prefix.unwrap_or_default();
        let remote = id.contains("unc");
        Ok(Volume { id: VolumeId(format!("prefix:{id}")), device: 0, remote })
    }
}

/// File system types of `statfs(2)` whose files other machines change without an event here (linux/magic.h).
#[cfg(target_os = "linux")]
fn is_remote(kind: i64) -> bool {
    const REMOTE: [u32; 9] = [
        0x6969,      // NFS
        0x517B,      // SMB
        0xFF53_4D42, // CIFS
        0xFE53_4D42, // SMB 2
        0x0102_1997, // 9P
        0x00C3_6400, // Ceph
        0x5346_414F, // AFS
        0x6B41_4653, // kAFS
        0x7375_7245, // Coda
    ];
    u32::try_from(kind & 0xFFFF_FFFF).is_ok_and(|kind| REMOTE.contains(&kind))
}

/// What is at a source's root now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootLook {
    Missing,
    NotAFolder,
    Unreadable(io::ErrorKind),
    Present { volume: Volume, empty: bool },
}

impl RootLook {
    /// Looks at `root`, which is expected to be a folder; blocking.
    pub fn at(root: &Path) -> Self {
        match Self::try_at(root) {
            Ok(look) => look,
            Err(error) if is_gone(&error) => Self::Missing,
            Err(error) => Self::Unreadable(error.kind()),
        }
    }

    fn try_at(root: &Path) -> io::Result<Self> {
        if !std::fs::metadata(root)?.is_dir() {
            return Ok(Self::NotAFolder);
        }
        let volume = volume_of(root)?;
        let empty = std::fs::read_dir(root)?.next().transpose()?.is_none();
        Ok(Self::Present { volume, empty })
    }
}

/// Why a source counts as away. Nothing is deleted and nothing is missing; it goes on when its folder is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwayWhy {
    Missing,
    NotAFolder,
    Unreadable,
    /// An empty folder on another volume: the mount point without its volume.
    NotMounted,
}

impl AwayWhy {
    /// The reason in plain words, after "the folder ...".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "isn't there: unplugged, renamed or deleted",
            Self::NotAFolder => "is no folder any more",
            Self::Unreadable => "cannot be read",
            Self::NotMounted => "is empty because its volume isn't mounted",
        }
    }

    /// The reason as a name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotAFolder => "not_a_folder",
            Self::Unreadable => "unreadable",
            Self::NotMounted => "not_mounted",
        }
    }
}

/// Whether a source can be looked through now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Here,
    Away(AwayWhy),
}

/// Decides from the volume it was on (`stored`) and what is there `now`.
///
/// Another volume alone says little, since some identities change with each plugging-in; an empty folder alone neither,
/// since a person may empty it. Both together, while the ledger knows files there, are an unmounted volume.
pub fn root_standing(stored: Option<&VolumeId>, now: &RootLook, ledger_has_files: bool) -> Standing {
    match now {
        RootLook::Missing => Standing::Away(AwayWhy::Missing),
        RootLook::NotAFolder => Standing::Away(AwayWhy::NotAFolder),
        RootLook::Unreadable(_) => Standing::Away(AwayWhy::Unreadable),
        RootLook::Present { volume, empty } => {
            let other = stored.is_some_and(|stored| *stored != volume.id);
            if other && *empty && ledger_has_files { Standing::Away(AwayWhy::NotMounted) } else { Standing::Here }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AwayWhy, RootLook, Standing, Volume, VolumeId, root_standing, volume_of};

    #[test]
    fn standing_of_a_root() {
        let here = |id: &str, empty| RootLook::Present {
            volume: Volume { id: VolumeId::from_stored(id), device: 1, remote: false },
            empty,
        };
        let stored = VolumeId::from_stored("card");
        let away = Standing::Away;
        let table = [
            (Some(&stored), RootLook::Missing, true, away(AwayWhy::Missing)),
            (None, RootLook::Missing, false, away(AwayWhy::Missing)),
            (Some(&stored), RootLook::NotAFolder, true, away(AwayWhy::NotAFolder)),
            (
                Some(&stored),
                RootLook::Unreadable(std::io::ErrorKind::PermissionDenied),
                true,
                away(AwayWhy::Unreadable),
            ),
            (Some(&stored), here("disk", true), true, away(AwayWhy::NotMounted)),
            (Some(&stored), here("disk", true), false, Standing::Here),
            (Some(&stored), here("disk", false), true, Standing::Here),
            (Some(&stored), here("card", true), true, Standing::Here),
            (Some(&stored), here("card", false), true, Standing::Here),
            (None, here("disk", true), true, Standing::Here),
        ];
        for (stored, look, ledger_has_files, standing) in table {
            assert_eq!(root_standing(stored, &look, ledger_has_files), standing, "{stored:?} {look:?}");
        }
    }

    #[test]
    fn a_volume_keeps_its_identity() {
        let folder = tempfile::tempdir().unwrap();
        let first = volume_of(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        assert_eq!(volume_of(&folder.path().join("below")).unwrap(), first);
        assert_eq!(VolumeId::from_stored(first.id.as_str()), first.id);
        assert!(volume_of(&folder.path().join("none")).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn volumes_differ() {
        let folder = tempfile::tempdir().unwrap();
        let proc = volume_of(std::path::Path::new("/proc")).unwrap();
        assert_ne!(volume_of(folder.path()).unwrap().id, proc.id);
        assert!(!proc.remote);
        assert!(super::is_remote(0x6969));
        assert!(super::is_remote(i64::from(0xFF53_4D42_u32)));
        assert!(super::is_remote(i64::from(0xFF53_4D42_u32.cast_signed())));
        assert!(!super::is_remote(0xEF53));
    }

    #[test]
    fn looking_at_a_root() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(RootLook::at(folder.path()), RootLook::Present { empty: true, .. }));
        std::fs::write(folder.path().join("x"), b"").unwrap();
        assert!(matches!(RootLook::at(folder.path()), RootLook::Present { empty: false, .. }));
        assert_eq!(RootLook::at(&folder.path().join("x")), RootLook::NotAFolder);
        assert_eq!(RootLook::at(&folder.path().join("none")), RootLook::Missing);
        assert_eq!(RootLook::at(&folder.path().join("x/y")), RootLook::Missing);
    }
}
