//! What an event of notify says about its paths.

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, MetadataKind, ModifyKind, RemoveKind, RenameMode};

/// What may have happened at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// A file came or changed.
    File,
    /// A folder came, or its rights changed: what is below it may be new.
    Folder,
    /// A file or a folder came or changed: only a look tells which.
    Either,
    /// A file or a folder changed; a folder's own change says nothing new, its content has events of its own.
    FileOnly,
    /// A file or a folder went.
    Went,
    /// A folder went.
    FolderWent,
}

/// Reads the kind of an event; `None` for reads, of which there are many, and which change nothing.
pub(super) fn touch(kind: EventKind) -> Option<Touch> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Touch::File),
        EventKind::Access(_) | EventKind::Other => None,
        EventKind::Create(CreateKind::File) => Some(Touch::File),
        EventKind::Create(CreateKind::Folder) => Some(Touch::Folder),
        EventKind::Create(CreateKind::Any | CreateKind::Other) => Some(Touch::Either),
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Some(Touch::Went),
        EventKind::Modify(ModifyKind::Name(_)) => Some(Touch::Either),
        EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => None,
        EventKind::Modify(ModifyKind::Metadata(_)) => Some(Touch::Either),
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any | ModifyKind::Other) => Some(Touch::FileOnly),
        EventKind::Remove(RemoveKind::Folder) => Some(Touch::FolderWent),
        EventKind::Remove(_) => Some(Touch::Went),
        EventKind::Any => Some(Touch::Either),
    }
}

#[cfg(test)]
mod tests {
    use super::{Touch, touch};
    use notify::event::*;

    #[test]
    fn kinds() {
        let table = [
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), None),
            (EventKind::Access(AccessKind::Read), None),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), None),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), Some(Touch::File)),
            (EventKind::Create(CreateKind::File), Some(Touch::File)),
            (EventKind::Create(CreateKind::Folder), Some(Touch::Folder)),
            (EventKind::Create(CreateKind::Any), Some(Touch::Either)),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), Some(Touch::FileOnly)),
            (EventKind::Modify(ModifyKind::Any), Some(Touch::FileOnly)),
            (EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), Some(Touch::Either)),
            (EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)), None),
            (EventKind::Modify(ModifyKind::Name(RenameMode::From)), Some(Touch::Went)),
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some(Touch::Either)),
            (EventKind::Modify(ModifyKind::Name(RenameMode::Both)), Some(Touch::Either)),
            (EventKind::Modify(ModifyKind::Name(RenameMode::Any)), Some(Touch::Either)),
            (EventKind::Remove(RemoveKind::File), Some(Touch::Went)),
            (EventKind::Remove(RemoveKind::Folder), Some(Touch::FolderWent)),
            (EventKind::Remove(RemoveKind::Other), Some(Touch::Went)),
            (EventKind::Any, Some(Touch::Either)),
            (EventKind::Other, None),
        ];
        for (kind, expected) in table {
            assert_eq!(touch(kind), expected, "{kind:?}");
        }
    }
}
