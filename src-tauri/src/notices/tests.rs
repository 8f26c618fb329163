use super::{ATTENTION_MS, Circumstances, GATHER_MS, Notices, Notification};
use crate::face::tests::{source, status};
use crate::texts::Texts;
use offload_protocol::view::{Health, SourceKind, SourceState, SourceView, State, Status, Tally};
use offload_protocol::window::Tongue;

const CALM: Circumstances = Circumstances { now_ms: 0, notify_done: true, notify_attention: true, watched: false };

fn at(now_ms: u64) -> Circumstances {
    Circumstances { now_ms, ..CALM }
}

fn batch(id: i64, counts: &[(State, u64)]) -> SourceView {
    let mut batch =
        SourceView { kind: SourceKind::Batch, name: format!("Batch {id}"), ..source(id, SourceState::Active) };
    for (state, files) in counts {
        *batch.totals.get_mut(*state) = Tally { files: *files, bytes: 0 };
    }
    batch
}

fn with(sources: Vec<SourceView>) -> Status {
    let mut all = status(Health::Working, &[]);
    for source in &sources {
        all.totals.add(&source.totals);
    }
    Status { sources, ..all }
}

fn need(files: u64) -> Status {
    let health = if files == 0 { Health::UpToDate } else { Health::NeedsAttention };
    status(health, &[(State::Failed, files)])
}

#[test]
fn one_batch_is_told_once() {
    let mut notices = Notices::default();
    assert!(notices.look(&with(vec![batch(1, &[(State::Queued, 3)])]), at(0)).is_empty());
    let done = with(vec![batch(1, &[(State::Confirmed, 3)])]);
    assert!(notices.look(&done, at(1000)).is_empty(), "another may end just now");
    assert_eq!(notices.due_ms(), Some(1000 + GATHER_MS));
    let told = notices.look(&done, at(1000 + GATHER_MS));
    assert_eq!(told, [Notification::Done { name: "Batch 1".into(), files: 3, failed: 0 }]);
    assert!(notices.look(&done, at(100_000)).is_empty());
    assert_eq!(notices.due_ms(), None);
}

#[test]
fn a_batch_that_ends_between_two_looks_is_told_too() {
    let mut notices = Notices::default();
    let before = batch(1, &[(State::Confirmed, 3)]);
    notices.look(&with(vec![before.clone()]), at(0));
    let quick = vec![before.clone(), batch(2, &[(State::Confirmed, 1)]), batch(3, &[])];
    notices.look(&with(quick), at(1000));
    let both = vec![before, batch(2, &[(State::Confirmed, 1)]), batch(3, &[(State::Confirmed, 2)])];
    notices.look(&with(both.clone()), at(2000));
    assert!(notices.look(&with(both.clone()), at(1000 + GATHER_MS)).is_empty());
    let told = notices.look(&with(both.clone()), at(2000 + GATHER_MS));
    assert_eq!(told, [Notification::DoneMany { batches: 2, files: 3, failed: 0 }]);
    assert!(notices.look(&with(both), at(100_000)).is_empty());
}

#[test]
fn several_are_told_together() {
    let mut notices = Notices::default();
    notices.look(&with((1..=3).map(|id| batch(id, &[(State::Queued, 2)])).collect()), at(0));
    let mut both =
        vec![batch(1, &[(State::Confirmed, 2)]), batch(2, &[(State::Queued, 2)]), batch(3, &[(State::Queued, 2)])];
    notices.look(&with(both.clone()), at(1000));
    both[1] = batch(2, &[(State::Confirmed, 1), (State::Failed, 1)]);
    notices.look(&with(both.clone()), at(3000));
    let told = notices.look(&with(both), at(3000 + GATHER_MS));
    assert!(told.contains(&Notification::DoneMany { batches: 2, files: 3, failed: 1 }), "{told:?}");
}

#[test]
fn what_is_not_told_of_batches() {
    let ended = [(State::Confirmed, 3)];
    let none_safe = [(State::Failed, 3)];
    let cancelled =
        SourceView { state: SourceState::Cancelled, ..batch(1, &[(State::Confirmed, 1), (State::Skipped, 2)]) };
    let scanning = SourceView { scanning: true, ..batch(1, &[(State::Confirmed, 1)]) };
    for (what, end, circumstances) in [
        ("done before the start", None, CALM),
        ("none is safe", Some(batch(1, &none_safe)), Circumstances { notify_attention: false, ..CALM }),
        ("cancelled", Some(cancelled), CALM),
        ("still looked through", Some(scanning), CALM),
        ("turned off", Some(batch(1, &ended)), Circumstances { notify_done: false, ..CALM }),
        ("the window is in front", Some(batch(1, &ended)), Circumstances { watched: true, ..CALM }),
    ] {
        let mut notices = Notices::default();
        let begin = if end.is_some() { batch(1, &[(State::Queued, 3)]) } else { batch(1, &ended) };
        let end = with(vec![end.unwrap_or_else(|| batch(1, &ended))]);
        let mut told = notices.look(&with(vec![begin]), circumstances);
        for now_ms in [1000, 60_000, 120_000] {
            told.extend(notices.look(&end, Circumstances { now_ms, ..circumstances }));
        }
        assert!(told.is_empty(), "{what}: {told:?}");
    }
}

#[test]
fn trouble_is_gathered_and_rare() {
    let mut notices = Notices::default();
    let told: Vec<_> = [
        (0, 0),
        (1_000, 1),
        (2_000, 5),
        (1_000 + GATHER_MS, 40),
        (10_000, 41),
        (300_000, 42),
        (1_000 + GATHER_MS + ATTENTION_MS, 43),
        (2_000_000, 43),
        (2_100_000, 0),
        (2_200_000, 2),
        (2_200_000 + GATHER_MS, 2),
    ]
    .into_iter()
    .flat_map(|(now, files)| notices.look(&need(files), at(now)).into_iter().map(move |told| (now, told)))
    .collect();
    let attention = |files| Notification::Attention { files };
    assert_eq!(told, [(4_000, attention(40)), (604_000, attention(43)), (2_203_000, attention(2))]);
}

#[test]
fn old_trouble_and_seen_trouble_are_not_told() {
    let mut notices = Notices::default();
    let mut told = notices.look(&need(7), at(0));
    told.extend(notices.look(&need(7), at(60_000)));
    told.extend(notices.look(&need(9), Circumstances { watched: true, ..at(61_000) }));
    told.extend(notices.look(&need(9), at(120_000)));
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(notices.due_ms(), None);
}

#[test]
fn a_folder_that_went_away_and_other_trouble() {
    let mut notices = Notices::default();
    notices.look(&need(0), at(0));
    let away = Status { sources: vec![source(1, SourceState::Away)], ..status(Health::NeedsAttention, &[]) };
    notices.look(&away, at(1000));
    assert_eq!(notices.look(&away, at(9000)), [Notification::Away { folders: 1, name: "Wedding".into() }]);
    let ledger = status(Health::NeedsAttention, &[]);
    notices.look(&ledger, at(10_000));
    assert_eq!(notices.look(&ledger, at(9_000 + ATTENTION_MS)), [Notification::Trouble]);
}

#[test]
fn signed_out_is_told_once_each_time() {
    let mut notices = Notices::default();
    let out = status(Health::SignedOut, &[]);
    assert_eq!(notices.look(&out, at(0)), [Notification::SignedOut]);
    assert!(notices.look(&out, at(1000)).is_empty());
    notices.look(&need(0), at(2000));
    assert!(notices.look(&out, Circumstances { notify_attention: false, ..at(3000) }).is_empty());
    notices.look(&need(0), at(4000));
    assert_eq!(notices.look(&out, at(5000)), [Notification::SignedOut]);
}

#[test]
fn words() {
    let english = Texts::of(Tongue::En);
    for (notification, title, text) in [
        (Notification::Done { name: "Wedding".into(), files: 340, failed: 0 }, "Wedding", "340 files are safe"),
        (
            Notification::Done { name: "a\u{202e}b".into(), files: 1, failed: 2 },
            "a\u{fffd}b",
            "1 file is safe, 2 need you",
        ),
        (
            Notification::DoneMany { batches: 3, files: 1200, failed: 0 },
            "3 uploads are complete",
            "1,200 files are safe",
        ),
        (
            Notification::Attention { files: 1 },
            "Offload needs you",
            "1 file could not be uploaded. Open Offload to see why and what to do.",
        ),
        (
            Notification::Away { folders: 1, name: "Card".into() },
            "Card is not there",
            "Offload goes on as soon as the folder is back.",
        ),
        (Notification::SignedOut, "Offload is signed out", "Nothing is uploaded until you sign in again."),
    ] {
        assert_eq!(notification.text(&english), (title.to_owned(), text.to_owned()));
    }
}
