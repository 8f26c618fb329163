use super::{Pausing, Picture, face, percent, tomorrow_morning_ms};
use crate::texts::Texts;
use jiff::ZonedDateTime;
use jiff::civil::date;
use jiff::tz::TimeZone;
use offload_protocol::control::ControlError;
use offload_protocol::view::{
    ChangedPolicy, Health, Notice, Round, SourceKind, SourceState, SourceView, State, Status, Tally, Totals,
};
use offload_protocol::window::{Stage, Tongue};

pub(crate) fn status(health: Health, counts: &[(State, u64)]) -> Status {
    let mut totals = Totals::default();
    for (state, files) in counts {
        *totals.get_mut(*state) = Tally { files: *files, bytes: files * 1000 };
    }
    Status {
        health,
        detail: None,
        code: None,
        retry_in_s: None,
        running: true,
        backend: None,
        account: None,
        caveats: Vec::new(),
        totals,
        sources: Vec::new(),
        concurrency: 4,
        bandwidth_limit: None,
        speed: 0,
        round: None,
        paused_until_ms: None,
        seq: 1,
    }
}

pub(crate) fn source(id: i64, state: SourceState) -> SourceView {
    SourceView {
        id,
        kind: SourceKind::Watched,
        name: "Wedding".into(),
        roots: vec!["/photos".into()],
        prefix: String::new(),
        include: Vec::new(),
        exclude: Vec::new(),
        changed: ChangedPolicy::NewVersion,
        state,
        scanning: false,
        notices: Vec::new(),
        scanned_at_ms: Some(1),
        totals: Totals::default(),
    }
}

fn noon() -> ZonedDateTime {
    date(2026, 11, 24).at(12, 0, 0, 0).to_zoned_datetime(TimeZone::UTC).unwrap()
}

#[test]
fn what_no_backend_confirms_is_not_called_safe() {
    let mut status = status(Health::UpToDate, &[(State::Confirmed, 12)]);
    status.caveats.push(Notice::new("unconfirmed", "this backend confirms nothing"));
    assert_eq!(seen(&status), (Picture::UpToDate, "Up to date · 12 files uploaded".into()));
}

fn seen(status: &Status) -> (Picture, String) {
    let face = face(&Stage::Ready, Some(status), &Texts::of(Tongue::En), &noon());
    assert!(face.line.starts_with(&face.label), "{face:?}");
    (face.picture, face.line)
}

#[test]
fn six_pictures_and_their_words() {
    use State::{Confirmed, Failed, Missing, Queued, Settling, Uploaded, Uploading, Waiting};
    let round = Round { files_done: 120, files_all: 340, bytes_done: 459, bytes_all: 1000, seconds_left: Some(250) };
    let working = |counts| status(Health::Working, counts);
    let at = |hour, day| {
        date(2026, 11, day).at(hour, 30, 0, 0).to_zoned_datetime(TimeZone::UTC).unwrap().timestamp().as_millisecond()
    };
    let paused = |end| Status { paused_until_ms: end, ..status(Health::Paused, &[(Queued, 12)]) };
    let away = Status { sources: vec![source(1, SourceState::Away)], ..status(Health::NeedsAttention, &[]) };
    let looking =
        Status { sources: vec![SourceView { scanning: true, ..source(1, SourceState::Active) }], ..working(&[]) };
    let table = [
        (status(Health::UpToDate, &[]), Picture::UpToDate, "Up to date"),
        (status(Health::UpToDate, &[(Confirmed, 1)]), Picture::UpToDate, "Up to date · 1 file safe"),
        (status(Health::UpToDate, &[(Confirmed, 12_340)]), Picture::UpToDate, "Up to date · 12,340 files safe"),
        (working(&[]), Picture::Uploading, "Looking through the folders"),
        (looking, Picture::Uploading, "Looking through the folders"),
        (working(&[(Settling, 1)]), Picture::Uploading, "Uploading · 1 file to go"),
        (working(&[(Uploaded, 2), (Waiting, 3)]), Picture::Uploading, "Uploading · 5 files to go"),
        (
            Status { round: Some(round), ..working(&[(Uploading, 4), (Queued, 216)]) },
            Picture::Uploading,
            "Uploading 45% · 120 of 340 files · 5 min left",
        ),
        (
            Status { round: Some(Round { seconds_left: None, ..round }), ..working(&[(Queued, 1)]) },
            Picture::Uploading,
            "Uploading 45% · 120 of 340 files",
        ),
        (status(Health::Paused, &[]), Picture::Paused, "Paused"),
        (paused(None), Picture::Paused, "Paused · 12 files wait"),
        (paused(Some(at(14, 24))), Picture::Paused, "Paused · until 14:30 · 12 files wait"),
        (paused(Some(at(6, 25))), Picture::Paused, "Paused · until tomorrow, 06:30 · 12 files wait"),
        (paused(Some(at(6, 28))), Picture::Paused, "Paused · until 2026-11-28 06:30 · 12 files wait"),
        (
            Status { code: Some("daily_limit".into()), ..paused(Some(at(18, 24))) },
            Picture::Paused,
            "Paused · daily limit, until 18:30 · 12 files wait",
        ),
        (status(Health::Offline, &[(Queued, 1)]), Picture::Offline, "Offline · 1 file waits"),
        (
            status(Health::NeedsAttention, &[(Failed, 2), (Missing, 1)]),
            Picture::NeedsAttention,
            "Needs attention · 3 files need you",
        ),
        (
            status(Health::NeedsAttention, &[(Failed, 1), (Queued, 7)]),
            Picture::NeedsAttention,
            "Needs attention · 1 file needs you · 7 files to go",
        ),
        (away, Picture::NeedsAttention, "Needs attention · 1 folder is away"),
        (status(Health::SignedOut, &[(Queued, 5)]), Picture::SignedOut, "Signed out · 5 files wait"),
        (status(Health::Stopped, &[(Queued, 5)]), Picture::NeedsAttention, "Needs attention · 5 files wait"),
    ];
    for (status, picture, line) in table {
        assert_eq!(seen(&status), (picture, line.to_owned()), "{:?}", status.health);
    }
}

/// Whatever the engine's word, and whatever the states: the green picture stands only over an empty desk.
#[test]
fn green_only_over_an_empty_desk() {
    let healths = [
        Health::SignedOut,
        Health::Offline,
        Health::Paused,
        Health::NeedsAttention,
        Health::Stopped,
        Health::Working,
        Health::UpToDate,
    ];
    for health in healths {
        for state in State::ALL {
            let (picture, _) = seen(&status(health, &[(state, 1)]));
            let green = health == Health::UpToDate && !state.is_pending();
            assert_eq!(picture == Picture::UpToDate, green, "{health:?} {state:?}");
        }
        let looking = SourceView { scanning: true, ..source(1, SourceState::Active) };
        let (picture, _) = seen(&Status { sources: vec![looking], ..status(health, &[]) });
        assert_ne!(picture, Picture::UpToDate, "{health:?} while a folder is looked through");
    }
}

#[test]
fn before_the_engine_runs_nothing_is_green() {
    let broken = Stage::Broken(ControlError { code: "ledger".into(), message: "damaged".into(), hint: None });
    let green = status(Health::UpToDate, &[]);
    for (stage, picture, line) in [
        (Stage::Welcome, Picture::SignedOut, "Not connected yet"),
        (Stage::Starting, Picture::Uploading, "Starting"),
        (Stage::Elsewhere, Picture::Paused, "Offload runs in another place"),
        (broken, Picture::NeedsAttention, "Offload can’t start"),
    ] {
        for status in [None, Some(&green)] {
            let face = face(&stage, status, &Texts::of(Tongue::En), &noon());
            assert_eq!(
                (face.picture, face.line.as_str(), face.pausing),
                (picture, line, Pausing::Neither),
                "{stage:?}"
            );
        }
    }
    let ready = face(&Stage::Ready, None, &Texts::of(Tongue::En), &noon());
    assert_ne!(ready.picture, Picture::UpToDate, "nothing is known yet");
}

#[test]
fn only_what_is_paused_can_be_resumed() {
    for health in [Health::Working, Health::UpToDate, Health::Offline, Health::SignedOut, Health::NeedsAttention] {
        let face = face(&Stage::Ready, Some(&status(health, &[])), &Texts::of(Tongue::En), &noon());
        assert_eq!(face.pausing, Pausing::CanPause, "{health:?}");
    }
    let face = face(&Stage::Ready, Some(&status(Health::Paused, &[])), &Texts::of(Tongue::En), &noon());
    assert_eq!(face.pausing, Pausing::CanResume);
}

#[test]
fn percents() {
    for (files_done, files_all, bytes_done, bytes_all, shown) in [
        (0, 0, 0, 0, 0),
        (1, 2, 0, 0, 50),
        (2, 2, 0, 0, 99),
        (0, 2, 999, 1000, 99),
        (2, 2, 1000, 1000, 99),
        (0, 1, u64::MAX, u64::MAX, 99),
        (1, 9, 5, 1000, 0),
    ] {
        assert_eq!(percent(&Round { files_done, files_all, bytes_done, bytes_all, seconds_left: None }), shown);
    }
}

#[test]
fn tomorrow_is_the_next_morning_here() {
    let seoul = TimeZone::fixed(jiff::tz::offset(9));
    for (now, end) in [
        (date(2026, 11, 24).at(23, 59, 0, 0), date(2026, 11, 25).at(6, 0, 0, 0)),
        (date(2026, 11, 24).at(0, 1, 0, 0), date(2026, 11, 25).at(6, 0, 0, 0)),
        (date(2026, 12, 31).at(12, 0, 0, 0), date(2027, 1, 1).at(6, 0, 0, 0)),
    ] {
        let now = now.to_zoned_datetime(seoul.clone()).unwrap();
        let end = end.to_zoned_datetime(seoul.clone()).unwrap().timestamp().as_millisecond();
        assert_eq!(tomorrow_morning_ms(&now), Some(end));
    }
}
