//! The same requests where no engine runs: read from the ledger, or written to it by a process that owns it for the moment.

use crate::config::Backend;
use crate::engine::{EngineError, cancelled, new_roots, removed, sound, sound_edit, standing_status};
use crate::ledger::editing;
use crate::ledger::settings::{self, Pause};
use crate::ledger::sources::NewRoot;
use crate::ledger::{Ledger, now_ms, queue, read, sources};
use crate::watch::name::path_from_bytes;
use offload_protocol::control::{NewSource, Reply, Request, RetryWhat, Scope};
use rusqlite::Connection;
use std::path::Path;

/// Answers a request that only reads; `None` for one that writes. `backend` is what the status shows. Blocking.
pub fn read(db: &Connection, request: &Request, backend: &Backend) -> Option<Result<Reply, EngineError>> {
    let reply = match request {
        Request::Status => standing_status(db, backend).map(|status| Reply::Status(Box::new(status))),
        Request::Page(query) => read::page(db, query).map(Reply::Page),
        Request::Rows(ids) => read::rows(db, ids.get(..read::ROWS).unwrap_or(ids)).map(Reply::Rows),
        Request::Story(local) => read::story(db, local).map(Reply::Story),
        Request::StoryOf(id) => read::story_of(db, *id).map(Reply::Story),
        _ => return None,
    };
    Some(reply.map_err(EngineError::from))
}

/// Carries a request out in a ledger this process owns: the next engine goes by it. Blocking.
pub fn carry_out(ledger: &Ledger, request: Request) -> Result<Reply, EngineError> {
    match request {
        Request::AddSource(new) => {
            let (new, _) = sound(new)?;
            let [root] = <[NewRoot; 1]>::try_from(look(ledger.dir(), &new)?).map_err(|_| EngineError::Nothing)?;
            if !root.is_folder {
                return Err(EngineError::NoFolder(root.path));
            }
            let id = ledger.write_blocking(move |db| sources::add_watched(db, &new, &root, now_ms()))?;
            source(ledger, id)
        }
        Request::AddBatch(new) => {
            let (new, _) = sound(new)?;
            let roots = look(ledger.dir(), &new)?;
            let id = ledger.write_blocking(move |db| {
                let id = sources::add_batch(db, &new, &roots, now_ms())?;
                queue::retry(db, "source_id = ?2", id, now_ms())?;
                Ok(id)
            })?;
            source(ledger, id)
        }
        Request::EditSource(edit) => {
            let id = edit.id;
            let (edit, filter) = sound_edit(edit)?;
            ledger.write_blocking(move |db| editing::edit(db, &edit, &filter, now_ms()))?;
            source(ledger, id)
        }
        Request::RemoveSource(id) => {
            done(ledger.write_blocking(move |db| sources::remove(db, id, &removed(), now_ms())))
        }
        Request::CancelBatch(id) => {
            done(ledger.write_blocking(move |db| sources::cancel(db, id, &cancelled(), now_ms())))
        }
        Request::Pause(scope) => done(pause(ledger, scope, true)),
        Request::PauseUntil(until_ms) => {
            let pause = Pause { until_ms: Some(until_ms) };
            if pause.is_over(now_ms()) {
                return Err(EngineError::TimeOver);
            }
            done(ledger.write_blocking(move |db| settings::set_pause(db, Some(pause))))
        }
        Request::Resume(scope) => done(pause(ledger, scope, false)),
        Request::Retry(what) => Ok(Reply::Retried(retry(ledger, what)?)),
        Request::Dismiss(what) => {
            Ok(Reply::Retried(ledger.write_blocking(move |db| queue::dismiss(db, &what, now_ms()))?))
        }
        // Nobody runs who could be told; the next engine begins with all of this anyway.
        Request::SetBandwidth(_) | Request::TokenChanged | Request::Rescan | Request::Subscribe | Request::Shutdown => {
            Ok(Reply::Done)
        }
        request @ (Request::Status | Request::Page(_) | Request::Rows(_) | Request::Story(_) | Request::StoryOf(_)) => {
            ledger.read_blocking(|db| Ok(read(db, &request, &Backend::default())))?.unwrap_or(Ok(Reply::Done))
        }
    }
}

fn done(written: Result<(), crate::ledger::LedgerError>) -> Result<Reply, EngineError> {
    Ok(written.map(|()| Reply::Done)?)
}

fn look(data_dir: &Path, new: &NewSource) -> Result<Vec<NewRoot>, EngineError> {
    let paths: Vec<_> = new.paths.iter().map(|bytes| path_from_bytes(bytes)).collect();
    new_roots(&paths, data_dir)
}

fn source(ledger: &Ledger, id: i64) -> Result<Reply, EngineError> {
    let view = ledger.read_blocking(|db| {
        let totals = sources::totals(db)?.get(&id).copied().unwrap_or_default();
        Ok(sources::get(db, id)?.view(totals, false))
    })?;
    Ok(Reply::Source(Box::new(view)))
}

fn pause(ledger: &Ledger, scope: Scope, paused: bool) -> Result<(), crate::ledger::LedgerError> {
    ledger.write_blocking(move |db| match scope {
        Scope::All => settings::set_pause(db, paused.then_some(Pause { until_ms: None })),
        Scope::Source(id) => sources::set_paused(db, id, paused),
    })
}

fn retry(ledger: &Ledger, what: RetryWhat) -> Result<u64, crate::ledger::LedgerError> {
    ledger.write_blocking(move |db| match what {
        RetryWhat::All => queue::retry(db, "?2 = 0", 0, now_ms()),
        RetryWhat::Source(id) => queue::retry(db, "source_id = ?2", id, now_ms()),
        RetryWhat::Files(ids) => {
            ids.into_iter().try_fold(0, |count, id| Ok(count + queue::retry(db, "id = ?2", id, now_ms())?))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{carry_out, read};
    use crate::engine::EngineError;
    use crate::ledger::settings::{self, Pause};
    use crate::ledger::{Ledger, LedgerError, LedgerReader};
    use crate::watch::name::path_bytes;
    use offload_protocol::control::{NewSource, Reply, Request, RetryWhat, Scope, SourceEdit};
    use offload_protocol::view::{ChangedPolicy, Health, SourceState, SourceView, Status};

    fn status(ledger: &Ledger) -> Status {
        let reader = LedgerReader::open(ledger.dir()).unwrap();
        let url = crate::backend::Address::parse("https://a.example").unwrap();
        let backend = crate::config::Backend { url: Some(url), ..Default::default() };
        match read(reader.connection(), &Request::Status, &backend) {
            Some(Ok(Reply::Status(status))) => *status,
            other => panic!("{other:?}"),
        }
    }

    fn added(reply: Result<Reply, EngineError>) -> SourceView {
        match reply {
            Ok(Reply::Source(source)) => *source,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_done_while_nothing_runs() {
        let dir = tempfile::tempdir().unwrap();
        let photos = dir.path().join("photos");
        std::fs::create_dir(&photos).unwrap();
        let ledger = Ledger::open(&dir.path().join("data")).unwrap();
        let new = NewSource { paths: vec![path_bytes(&photos)], ..NewSource::default() };
        let watched = added(carry_out(&ledger, Request::AddSource(new.clone())));
        let batch = added(carry_out(&ledger, Request::AddBatch(NewSource { prefix: "b".into(), ..new })));
        carry_out(&ledger, Request::Pause(Scope::Source(watched.id))).unwrap();
        carry_out(&ledger, Request::CancelBatch(batch.id)).unwrap();
        let states: Vec<SourceState> = status(&ledger).sources.iter().map(|source| source.state).collect();
        assert_eq!(states, [SourceState::Paused, SourceState::Cancelled]);
        assert!(!status(&ledger).running);
        carry_out(&ledger, Request::Pause(Scope::All)).unwrap();
        assert_eq!(status(&ledger).health, Health::Paused);
        carry_out(&ledger, Request::Resume(Scope::All)).unwrap();
        carry_out(&ledger, Request::Resume(Scope::Source(watched.id))).unwrap();
        assert_eq!(status(&ledger).sources[0].state, SourceState::Active);
        assert_eq!(carry_out(&ledger, Request::Retry(RetryWhat::All)).unwrap(), Reply::Retried(0));
        carry_out(&ledger, Request::RemoveSource(watched.id)).unwrap();
        assert_eq!(status(&ledger).sources.len(), 1);
        let gone = carry_out(&ledger, Request::RemoveSource(watched.id)).unwrap_err();
        assert!(matches!(gone, EngineError::Ledger(LedgerError::NoSource(_))));
    }

    #[test]
    fn a_source_is_edited_and_a_pause_has_an_end_while_nothing_runs() {
        let dir = tempfile::tempdir().unwrap();
        let photos = dir.path().join("photos");
        std::fs::create_dir(&photos).unwrap();
        let ledger = Ledger::open(&dir.path().join("data")).unwrap();
        let new = NewSource { paths: vec![path_bytes(&photos)], prefix: "/a/".into(), ..NewSource::default() };
        let source = added(carry_out(&ledger, Request::AddSource(new)));
        assert_eq!(source.prefix, "a");
        let edit = SourceEdit {
            id: source.id,
            name: " ".into(),
            prefix: "b//c/".into(),
            include: vec!["*.jpg".into()],
            exclude: Vec::new(),
            changed: ChangedPolicy::KeepFirst,
        };
        let edited = added(carry_out(&ledger, Request::EditSource(edit.clone())));
        assert_eq!((edited.name.as_str(), edited.prefix.as_str()), ("photos", "b/c"), "an empty name changes nothing");
        assert_eq!((edited.include.as_slice(), edited.changed), (&["*.jpg".to_owned()][..], ChangedPolicy::KeepFirst));
        let wrong = carry_out(&ledger, Request::EditSource(SourceEdit { prefix: "..".into(), ..edit.clone() }));
        assert_eq!(wrong.unwrap_err().code(), "prefix");
        let nobody = carry_out(&ledger, Request::EditSource(SourceEdit { id: 99, ..edit })).unwrap_err();
        assert_eq!(nobody.code(), "no_such_source");
        assert_eq!(carry_out(&ledger, Request::PauseUntil(5)).unwrap_err().code(), "time_over");
        let end = crate::ledger::now_ms() + 60_000;
        carry_out(&ledger, Request::PauseUntil(end)).unwrap();
        assert_eq!((status(&ledger).health, status(&ledger).paused_until_ms), (Health::Paused, Some(end)));
        ledger.write_blocking(|db| settings::set_pause(db, Some(Pause { until_ms: Some(5) }))).unwrap();
        assert_ne!(status(&ledger).health, Health::Paused, "its time is over");
        assert_eq!(carry_out(&ledger, Request::StoryOf(1)).unwrap(), Reply::Story(None));
        assert_eq!(carry_out(&ledger, Request::Rows(vec![1, 2])).unwrap(), Reply::Rows(Vec::new()));
    }

    #[test]
    fn what_cannot_be_watched() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("data")).unwrap();
        let file = dir.path().join("a.jpg");
        std::fs::write(&file, "x").unwrap();
        let add = |path: &std::path::Path| {
            carry_out(&ledger, Request::AddSource(NewSource { paths: vec![path_bytes(path)], ..NewSource::default() }))
                .unwrap_err()
        };
        assert!(matches!(add(&file), EngineError::NoFolder(_)));
        assert!(matches!(add(&dir.path().join("no")), EngineError::NotThere(_)));
        assert!(matches!(add(dir.path()), EngineError::OwnFolder(_)));
    }
}
