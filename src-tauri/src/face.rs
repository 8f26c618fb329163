//! What the tray shows, from how the engine stands. Pure: the tray's truth is tested here.

use crate::texts::{Say, Texts, number, words};
use jiff::ZonedDateTime;
use offload_protocol::view::{Health, Round, SourceState, Status};
use offload_protocol::window::Stage;

/// The six pictures of the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Picture {
    UpToDate,
    Uploading,
    Paused,
    Offline,
    NeedsAttention,
    SignedOut,
}

/// What the menu offers about going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pausing {
    CanPause,
    CanResume,
    /// No engine runs that could.
    Neither,
}

/// The tray's picture and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrayFace {
    pub(crate) picture: Picture,
    /// Short: beside the picture, or as its tooltip.
    pub(crate) label: String,
    /// The menu's first line.
    pub(crate) line: String,
    pub(crate) pausing: Pausing,
}

/// How the tray looks. Up to date only where the engine says so, and what it shows agrees.
pub(crate) fn face(stage: &Stage, status: Option<&Status>, texts: &Texts, now: &ZonedDateTime) -> TrayFace {
    match (stage, status) {
        (Stage::Ready, Some(status)) => of_status(status, texts, now),
        (stage, _) => of_stage(stage, texts),
    }
}

fn of_stage(stage: &Stage, texts: &Texts) -> TrayFace {
    let (picture, say) = match stage {
        Stage::Welcome => (Picture::SignedOut, Say::Welcome),
        Stage::Starting | Stage::Ready => (Picture::Uploading, Say::Starting),
        Stage::Elsewhere => (Picture::Paused, Say::Elsewhere),
        Stage::Broken(_) => (Picture::NeedsAttention, Say::Broken),
    };
    let label = texts.say(say);
    TrayFace { picture, line: label.clone(), label, pausing: Pausing::Neither }
}

fn of_status(status: &Status, texts: &Texts, now: &ZonedDateTime) -> TrayFace {
    let pending = status.totals.pending();
    let looking = status.sources.iter().any(|source| source.scanning);
    let waiting = (pending > 0).then(|| texts.fill(Say::Waiting, [("files", number(pending))]));
    let (picture, label, more) = match status.health {
        Health::UpToDate if pending == 0 && !looking => {
            let safe = status.totals.confirmed.files;
            // Safe is what the backend has confirmed; some can't.
            let confirms = !status.caveats.iter().any(|caveat| caveat.code == "unconfirmed");
            let say = if confirms { Say::Safe } else { Say::Stored };
            let more = (safe > 0).then(|| texts.fill(say, [("files", number(safe))]));
            (Picture::UpToDate, texts.say(Say::UpToDate), vec![more])
        }
        Health::UpToDate | Health::Working => working(status, pending, texts),
        Health::Paused => (Picture::Paused, texts.say(Say::Paused), vec![until(status, texts, now), waiting]),
        Health::Offline => (Picture::Offline, texts.say(Say::Offline), vec![waiting]),
        Health::NeedsAttention => {
            let mut more = trouble(status, texts);
            more.extend((pending > 0).then(|| texts.fill(Say::ToGo, [("files", number(pending))])).map(Some));
            (Picture::NeedsAttention, texts.say(Say::NeedsAttention), more)
        }
        // Nobody does what is to be done: not green, and not at work either.
        Health::Stopped => (Picture::NeedsAttention, texts.say(Say::NeedsAttention), vec![waiting]),
        Health::SignedOut => (Picture::SignedOut, texts.say(Say::SignedOut), vec![waiting]),
    };
    let line = std::iter::once(label.clone()).chain(more.into_iter().flatten()).collect::<Vec<_>>().join(" · ");
    let pausing = if status.health == Health::Paused { Pausing::CanResume } else { Pausing::CanPause };
    TrayFace { picture, label, line, pausing }
}

fn working(status: &Status, pending: u64, texts: &Texts) -> (Picture, String, Vec<Option<String>>) {
    if pending == 0 {
        return (Picture::Uploading, texts.say(Say::Checking), Vec::new());
    }
    let to_go = || texts.fill(Say::ToGo, [("files", number(pending))]);
    let Some(round) = status.round.filter(|round| round.files_all > 0) else {
        return (Picture::Uploading, texts.say(Say::Uploading), vec![Some(to_go())]);
    };
    let label = texts.fill(Say::UploadingPercent, [("percent", number(percent(&round)))]);
    let files = texts.fill(Say::Round, [("done", number(round.files_done)), ("files", number(round.files_all))]);
    (Picture::Uploading, label, vec![Some(files), round.seconds_left.map(|left| time_left(left, texts))])
}

/// Whole percents; never 100 while something is to do.
pub(crate) fn percent(round: &Round) -> u64 {
    let (done, all) = match round.bytes_all {
        0 => (round.files_done, round.files_all),
        bytes => (round.bytes_done, bytes),
    };
    if all == 0 { 0 } else { (u128::from(done) * 100 / u128::from(all)).min(99) as u64 }
}

fn time_left(seconds: u64, texts: &Texts) -> String {
    match seconds {
        0..60 => texts.say(Say::LeftSeconds),
        60..3600 => texts.fill(Say::LeftMinutes, [("minutes", number(seconds.div_ceil(60)))]),
        3600..86_400 => {
            texts.fill(Say::LeftHours, [("hours", number(seconds / 3600)), ("minutes", number(seconds % 3600 / 60))])
        }
        _ => texts.say(Say::LeftDays),
    }
}

fn trouble(status: &Status, texts: &Texts) -> Vec<Option<String>> {
    let files = status.totals.failed.files + status.totals.missing.files;
    let away = count(status, SourceState::Away);
    vec![
        (files > 0).then(|| texts.fill(Say::NeedYou, [("files", number(files))])),
        (away > 0).then(|| texts.fill(Say::Away, [("folders", number(away))])),
    ]
}

fn count(status: &Status, state: SourceState) -> u64 {
    status.sources.iter().filter(|source| source.state == state).count() as u64
}

/// When a pause ends, as far as that is known.
fn until(status: &Status, texts: &Texts, now: &ZonedDateTime) -> Option<String> {
    let end =
        jiff::Timestamp::from_millisecond(status.paused_until_ms?).ok()?.to_zoned_datetime(now.time_zone().clone());
    let tomorrow = now.date().tomorrow().ok();
    let (say, format) = match end.date() {
        date if status.code.as_deref() == Some("daily_limit") && date == now.date() => (Say::DailyLimit, "%H:%M"),
        date if date == now.date() => (Say::Until, "%H:%M"),
        date if Some(date) == tomorrow => (Say::UntilTomorrow, "%H:%M"),
        _ => (Say::Until, "%Y-%m-%d %H:%M"),
    };
    Some(texts.fill(say, [("time", words(&end.strftime(format).to_string()))]))
}

/// When a pause "until tomorrow" ends: six in the morning of the next day, here. `None` at the end of time.
pub(crate) fn tomorrow_morning_ms(now: &ZonedDateTime) -> Option<i64> {
    let morning = now.date().tomorrow().ok()?.at(6, 0, 0, 0);
    Some(morning.to_zoned_datetime(now.time_zone().clone()).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
pub(crate) mod tests;
