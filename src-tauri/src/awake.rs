//! The machine stays awake while files are on their way, if the person wishes so.

use offload_protocol::view::{Health, Status};

/// Whether the machine has to stay awake.
pub(crate) fn is_needed(status: &Status, keep_awake: bool) -> bool {
    let totals = &status.totals;
    let on_its_way = totals.uploading.files + totals.uploaded.files > 0;
    keep_awake
        && match status.health {
            Health::Working => on_its_way || totals.queued.files + totals.settling.files > 0,
            // Files beside those in trouble go on; where something holds the whole up, waiting for it is no reason.
            Health::NeedsAttention => on_its_way || (totals.queued.files > 0 && status.detail.is_none()),
            // A single folder may be paused while others go on.
            Health::Paused => totals.uploading.files > 0,
            Health::SignedOut | Health::Offline | Health::Stopped | Health::UpToDate => false,
        }
}

/// The system's promise, while it is held.
#[derive(Default)]
pub(crate) struct Awake {
    held: Option<keepawake::KeepAwake>,
    /// It can't be had; asked again when it is needed the next time.
    refused: bool,
    /// That was said once.
    said: bool,
}

impl std::fmt::Debug for Awake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awake").field("held", &self.held.is_some()).finish_non_exhaustive()
    }
}

impl Awake {
    /// Asks the system for it, or gives it back. Blocking.
    pub(crate) fn set(&mut self, needed: bool, reason: &str) {
        if !needed {
            self.refused = false;
            if self.held.take().is_some() {
                tracing::info!("the machine may fall asleep again");
            }
            return;
        }
        if self.held.is_some() || self.refused {
            return;
        }
        // Against falling asleep by itself only: who sends the machine to sleep means it.
        let asked = keepawake::Builder::default()
            .idle(true)
            .reason(reason)
            .app_name("Offload")
            .app_reverse_domain("app.offload.desktop")
            .create();
        match asked {
            Ok(held) => {
                self.held = Some(held);
                tracing::info!("the machine is kept awake while files are on their way");
            }
            Err(error) => {
                self.refused = true;
                if !std::mem::replace(&mut self.said, true) {
                    tracing::warn!(%error, "the machine cannot be kept awake");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_needed;
    use crate::face::tests::status;
    use offload_protocol::view::{Health, State, Status};

    #[test]
    fn only_while_files_are_on_their_way() {
        use Health::{NeedsAttention, Offline, Paused, SignedOut, Stopped, UpToDate, Working};
        use State::{Confirmed, Failed, Queued, Settling, Uploaded, Uploading, Waiting};
        for (health, state, needed) in [
            (Working, Uploading, true),
            (Working, Queued, true),
            (Working, Settling, true),
            (Working, Uploaded, true),
            (Working, Waiting, false),
            (Working, Confirmed, false),
            (NeedsAttention, Uploading, true),
            (NeedsAttention, Queued, true),
            (NeedsAttention, Failed, false),
            (Paused, Queued, false),
            (Paused, Uploading, true),
            (Offline, Queued, false),
            (Offline, Uploading, false),
            (SignedOut, Queued, false),
            (Stopped, Queued, false),
            (UpToDate, Confirmed, false),
        ] {
            assert_eq!(is_needed(&status(health, &[(state, 1)]), true), needed, "{health:?} {state:?}");
            assert!(!is_needed(&status(health, &[(state, 1)]), false), "turned off");
        }
        let held_up = Status { detail: Some("the disk is full".into()), ..status(NeedsAttention, &[(Queued, 9)]) };
        assert!(!is_needed(&held_up, true));
    }
}
