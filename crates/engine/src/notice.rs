//! What a person is told of a source or of the whole: every notice's code, its values and its English words. Pure.

use crate::backend::Promises;
use crate::cause::Cause;
use crate::ledger::LedgerError;
use crate::watch::name::shown;
use crate::watch::{AwayWhy, Ignored, Limit, RescanWhy, WatchNotice};
use offload_protocol::view::Notice;
use std::path::Path;

/// Every code a notice can have.
pub const CODES: &[&str] = &[
    "away",
    "back",
    "bad_glob",
    "keys_change",
    "ledger",
    "ledger_gone",
    "left_out",
    "link_loop",
    "not_watched",
    "note",
    "polling",
    "rescan",
    "session",
    "unconfirmed",
    "unreadable",
    "watch_limit",
];

/// A folder that is not there as it was; `unreadable` where it is there but can't be looked into.
pub fn away(path: &Path, why: AwayWhy) -> Notice {
    let code = if why == AwayWhy::Unreadable { "unreadable" } else { "away" };
    Notice::new(code, format!("the folder {} {}", shown(path), why.words()))
        .with("path", shown(path))
        .with("why", why.words())
        .with("kind", why.as_str())
}

/// A folder that could not be read, with the system's words.
pub fn unreadable(path: &Path, why: &str) -> Notice {
    Notice::new("unreadable", format!("the folder {} cannot be read: {why}", shown(path)))
        .with("path", shown(path))
        .with("why", why)
        .with("kind", AwayWhy::Unreadable.as_str())
}

/// It could not be told whether the folder is there.
pub fn in_doubt(why: &str) -> Notice {
    Notice::new("away", format!("it could not be told whether its folder is there: {why}"))
        .with("path", "")
        .with("why", why)
        .with("kind", "unknown")
}

/// The same at the moment it went away, with what becomes of it.
pub fn went_away(away: &Notice) -> Notice {
    let text = format!("{}; nothing is deleted, it goes on when the folder is back", away.text);
    Notice { text, ..away.clone() }
}

/// What cannot be relied on with a backend.
pub fn caveats(promises: Promises) -> Vec<Notice> {
    let unconfirmed = || {
        Notice::new(
            "unconfirmed",
            "this backend confirms nothing: green means that S3 took the file with a matching checksum, not that your studio knows of it",
        )
    };
    let keys_change = || {
        Notice::new(
            "keys_change",
            "this backend may name another key each time it is asked: where an upload's answer is lost, a second copy of the file can be left in the bucket",
        )
    };
    let confirms = (!promises.confirms).then(unconfirmed);
    confirms.into_iter().chain((!promises.keeps_keys).then(keys_change)).collect()
}

pub fn back(name: &str) -> Notice {
    Notice::new("back", format!("{name} is back")).with("name", name)
}

/// What a look left out, by reason: nothing is passed over in silence. `None`: nothing.
pub fn left_out(count: impl Fn(Ignored) -> u64) -> Option<Notice> {
    let counted = Ignored::ALL.map(|why| (why, count(why)));
    let total: u64 = counted.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return None;
    }
    let words: Vec<String> =
        counted.iter().filter(|(_, count)| *count > 0).map(|(why, count)| format!("{count} {}", why.words())).collect();
    let notice = Notice::new("left_out", format!("left out: {}", words.join(", "))).with("total", total);
    Some(counted.into_iter().fold(notice, |notice, (why, count)| notice.with(why.as_str(), count)))
}

/// Links that lead round in a circle: how many, and the first of them.
pub fn link_loop(count: u64, first: &str) -> Notice {
    let text = if count == 1 {
        format!("the link {first} leads round in a circle and is not followed")
    } else {
        format!("{count} links lead round in a circle and are not followed, the first is {first}")
    };
    Notice::new("link_loop", text).with("count", count).with("path", first)
}

/// The globs of a source can't be understood, so nothing of it is sent.
pub fn bad_glob(why: &str) -> Notice {
    Notice::new("bad_glob", why).with("why", why)
}

/// The system watches no more folders, or there are too many; how it is mended.
fn watch_limit(limit: Limit) -> Notice {
    Notice::new("watch_limit", limit.text()).with("kind", limit.as_str()).with("fix", limit.fix().unwrap_or_default())
}

/// How a source is watched, where there is something to say of it.
pub fn watching(path: &Path, watch: &WatchNotice) -> Option<Notice> {
    let polling = |kind: &str, why: &str, text: String| {
        Notice::new("polling", text).with("kind", kind).with("why", why).with("path", shown(path))
    };
    let text = watch.text()?;
    Some(match watch {
        WatchNotice::Watching => return None,
        WatchNotice::Away => Notice::new("away", text)
            .with("path", shown(path))
            .with("why", AwayWhy::Missing.words())
            .with("kind", AwayWhy::Missing.as_str()),
        WatchNotice::RemoteShare => polling("remote_share", "it lies on a network share", text),
        WatchNotice::Unwatchable(why) => polling("unwatchable", why, text),
        WatchNotice::Limit(limit) => watch_limit(*limit).with("path", shown(path)),
    })
}

/// No watch came about at all.
pub fn not_watched(path: &Path, why: &str) -> Notice {
    Notice::new("not_watched", format!("{} is not watched: {why}", shown(path)))
        .with("path", shown(path))
        .with("why", why)
}

/// A whole folder is looked through again.
pub fn rescan(why: RescanWhy) -> Notice {
    Notice::new("rescan", format!("looking through the whole folder again: {}", why.words()))
        .with("why", why.words())
        .with("kind", why.as_str())
}

/// The ledger does not do its work.
pub fn ledger(error: &LedgerError) -> Notice {
    let text = match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    };
    Notice::new("ledger", text).with("why", error).with("kind", error.code())
}

/// The backend's answer about who we are can't be used; files are sent all the same.
pub fn session(cause: &Cause) -> Notice {
    Notice::new("session", format!("the backend's session answer could not be used: {cause}"))
        .with("why", cause)
        .with("kind", cause.code.as_str())
}

/// The ledger's file is not where it was opened.
pub fn ledger_gone() -> Notice {
    Notice::new(
        "ledger_gone",
        "the ledger's file was taken away or replaced while Offload runs; put it back or restart Offload",
    )
}

/// A notice as older versions kept it: words alone.
pub(crate) fn of_words(text: String) -> Notice {
    Notice::new("note", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_a_known_code_and_says_something() {
        let path = Path::new("/photos");
        let all = [
            away(path, AwayWhy::Missing),
            away(path, AwayWhy::Unreadable),
            unreadable(path, "permission denied"),
            in_doubt("busy"),
            went_away(&away(path, AwayWhy::NotMounted)),
            back("Wedding"),
            link_loop(1, "a/b"),
            link_loop(2, "a/b"),
            bad_glob("`[` is no glob"),
            not_watched(path, "no thread"),
            rescan(RescanWhy::Overflow),
            ledger(&LedgerError::Full),
            ledger_gone(),
            of_words("old".into()),
        ];
        let watched = [
            WatchNotice::RemoteShare,
            WatchNotice::Away,
            WatchNotice::Limit(Limit::Watches),
            WatchNotice::Limit(Limit::Folders(4)),
            WatchNotice::Unwatchable("why".into()),
        ];
        let watched = watched.iter().map(|notice| watching(path, notice).unwrap());
        for notice in all.into_iter().chain(watched).chain(left_out(|_| 1)) {
            assert!(CODES.contains(&notice.code.as_str()), "{notice:?}");
            assert!(!notice.text.is_empty(), "{notice:?}");
        }
        assert_eq!(watching(path, &WatchNotice::Watching), None);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        assert_eq!(left_out(|_| 0), None);
        let notice =
            left_out(|why| if why == Ignored::Hidden { 3 } else { u64::from(why == Ignored::System) }).unwrap();
        assert_eq!(notice.text, "left out: 3 hidden, 1 system file");
        assert_eq!(notice.args["hidden"], "3");
        assert_eq!(notice.args["excluded"], "0");
        assert_eq!(notice.args["total"], "4");
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        assert!(ledger(&LedgerError::Full).text.contains("free some space"));
        assert_eq!(ledger(&LedgerError::Full).args["kind"], "disk_full");
    }
}
