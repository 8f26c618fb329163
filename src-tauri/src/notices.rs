//! When the desktop is told something, and what. Pure: seen statuses and a steady clock in, few notifications out.

use crate::names::in_title;
use crate::texts::{Say, Texts, number, words};
use offload_protocol::view::{Health, SourceKind, SourceState, Status};
use offload_protocol::window::WindowSettings;
use std::collections::HashSet;

/// Batches that end within this time are told together; so is trouble.
const GATHER_MS: u64 = 3_000;
/// Between two calls for attention.
const ATTENTION_MS: u64 = 10 * 60_000;

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notification {
    Done {
        name: String,
        files: u64,
        failed: u64,
    },
    DoneMany {
        batches: u64,
        files: u64,
        failed: u64,
    },
    Attention {
        files: u64,
    },
    Away {
        folders: u64,
        name: String,
    },
    /// The whole is held up by something that is no file's fault.
    Trouble,
    SignedOut,
}

impl Notification {
    /// Title and text. Names only stand in titles: some desktops read the text as markup.
    pub(crate) fn text(&self, texts: &Texts) -> (String, String) {
        let done = |files: u64, failed: u64| match failed {
            0 => texts.fill(Say::NotifyDone, [("files", number(files))]),
            _ => texts.fill(Say::NotifyDoneSome, [("files", number(files)), ("failed", number(failed))]),
        };
        match self {
            Self::Done { name, files, failed } => {
                (texts.fill(Say::NotifyDoneTitle, [("name", words(&in_title(name)))]), done(*files, *failed))
            }
            Self::DoneMany { batches, files, failed } => {
                (texts.fill(Say::NotifyDoneManyTitle, [("batches", number(*batches))]), done(*files, *failed))
            }
            Self::Attention { files } => {
                (texts.say(Say::NotifyAttentionTitle), texts.fill(Say::NotifyAttention, [("files", number(*files))]))
            }
            Self::Away { folders, name } => (
                texts.fill(Say::NotifyAwayTitle, [("folders", number(*folders)), ("name", words(&in_title(name)))]),
                texts.fill(Say::NotifyAway, [("folders", number(*folders))]),
            ),
            Self::Trouble => (texts.say(Say::NotifyAttentionTitle), texts.say(Say::NotifyTrouble)),
            Self::SignedOut => (texts.say(Say::NotifySignedOutTitle), texts.say(Say::NotifySignedOut)),
        }
    }
}

/// What counts when it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Circumstances {
    pub(crate) now_ms: u64,
    pub(crate) notify_done: bool,
    pub(crate) notify_attention: bool,
    /// The window is in front: the person sees it there.
    pub(crate) watched: bool,
}

impl Circumstances {
    pub(crate) fn new(now_ms: u64, settings: &WindowSettings, watched: bool) -> Self {
        Self { now_ms, notify_done: settings.notify_done, notify_attention: settings.notify_attention, watched }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Need {
    files: u64,
    away: u64,
    trouble: bool,
}

impl Need {
    fn of(status: &Status) -> Self {
        let files = status.totals.failed.files + status.totals.missing.files;
        let away = status.sources.iter().filter(|source| source.state == SourceState::Away).count() as u64;
        Self { files, away, trouble: status.health == Health::NeedsAttention && files == 0 && away == 0 }
    }

    fn is_more_than(self, other: Self) -> bool {
        self.files > other.files || self.away > other.away || (self.trouble && !other.trouble)
    }

    /// What is no longer so may be told again when it comes back.
    fn lowered_to(self, now: Self) -> Self {
        Self { files: self.files.min(now.files), away: self.away.min(now.away), trouble: self.trouble && now.trouble }
    }
}

/// What was seen and told so far.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// Batches that were at work when last seen.
    at_work: HashSet<i64>,
    /// The last batch there was; `None` before the first look.
    newest: Option<i64>,
    /// Ended since, not told yet: name, files safe, files in need.
    ended: Vec<(String, u64, u64)>,
    ended_at_ms: u64,
    /// What was told of, or stood so when the first status was seen.
    known: Option<Need>,
    more_since_ms: Option<u64>,
    attention_told_ms: Option<u64>,
    signed_out: bool,
}

impl Notices {
    /// Notes a status, and says what is to be told now.
    pub(crate) fn look(&mut self, status: &Status, at: Circumstances) -> Vec<Notification> {
        self.note_batches(status, at);
        let mut told = Vec::new();
        told.extend(self.ended_batches(at));
        told.extend(self.attention(status, at));
        told.extend(self.sign_out(status, at));
        told
    }

    /// When to look again though nothing happens, steady milliseconds.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        let ended = (!self.ended.is_empty()).then_some(self.ended_at_ms + GATHER_MS);
        let attention = self.more_since_ms.map(|since| self.attention_due(since));
        ended.into_iter().chain(attention).min()
    }

    fn attention_due(&self, since: u64) -> u64 {
        (since + GATHER_MS).max(self.attention_told_ms.map_or(0, |told| told + ATTENTION_MS))
    }

    fn note_batches(&mut self, status: &Status, at: Circumstances) {
        let mut still = HashSet::new();
        // A small batch may begin and end between two looks. Those of the first look ended before.
        let known = *self.newest.get_or_insert(i64::MAX);
        let batches = || status.sources.iter().filter(|source| source.kind == SourceKind::Batch);
        for batch in batches() {
            let is_new = batch.id > known;
            if batch.scanning || batch.totals.pending() > 0 || (is_new && batch.totals.all().files == 0) {
                if batch.state != SourceState::Cancelled {
                    still.insert(batch.id);
                }
            } else if (is_new || self.at_work.contains(&batch.id)) && batch.state == SourceState::Active {
                let failed = batch.totals.failed.files + batch.totals.missing.files;
                // Where all failed it is the call for attention that says so.
                if batch.totals.confirmed.files > 0 {
                    self.ended.push((batch.name.clone(), batch.totals.confirmed.files, failed));
                    self.ended_at_ms = at.now_ms;
                }
            }
        }
        self.at_work = still;
        self.newest = Some(batches().map(|batch| batch.id).max().unwrap_or_default());
    }

    fn ended_batches(&mut self, at: Circumstances) -> Option<Notification> {
        if self.ended.is_empty() || at.now_ms < self.ended_at_ms + GATHER_MS {
            return None;
        }
        let ended = std::mem::take(&mut self.ended);
        if !at.notify_done || at.watched {
            return None;
        }
        let (files, failed) = ended.iter().fold((0, 0), |(files, failed), end| (files + end.1, failed + end.2));
        let batches = ended.len() as u64;
        ended.into_iter().next().map(|(name, ..)| match batches {
            1 => Notification::Done { name, files, failed },
            _ => Notification::DoneMany { batches, files, failed },
        })
    }

    fn attention(&mut self, status: &Status, at: Circumstances) -> Option<Notification> {
        let need = Need::of(status);
        // What stood so at the start was told before, or is seen in the tray.
        let known = self.known.get_or_insert(need).lowered_to(need);
        self.known = Some(known);
        if !need.is_more_than(known) {
            self.more_since_ms = None;
            return None;
        }
        if at.watched || !at.notify_attention {
            self.known = Some(need);
            self.more_since_ms = None;
            return None;
        }
        let since = *self.more_since_ms.get_or_insert(at.now_ms);
        if at.now_ms < self.attention_due(since) {
            return None;
        }
        self.known = Some(need);
        self.more_since_ms = None;
        self.attention_told_ms = Some(at.now_ms);
        Some(if need.files > known.files {
            Notification::Attention { files: need.files }
        } else if need.away > known.away {
            let away = status.sources.iter().find(|source| source.state == SourceState::Away);
            Notification::Away { folders: need.away, name: away.map(|source| source.name.clone()).unwrap_or_default() }
        } else {
            Notification::Trouble
        })
    }

    fn sign_out(&mut self, status: &Status, at: Circumstances) -> Option<Notification> {
        let was = std::mem::replace(&mut self.signed_out, status.health == Health::SignedOut);
        (self.signed_out && !was && at.notify_attention && !at.watched).then_some(Notification::SignedOut)
    }
}

#[cfg(test)]
mod tests;
