//! What goes on by itself: the window hears of events, tray and notifications follow, the machine stays awake.

use super::Shell;
use crate::awake::{self, Awake};
use crate::desk::Recent;
use crate::face::{Picture, face};
use crate::names::in_menu;
use crate::notices::{Circumstances, Notices};
use crate::setting::blocking;
use crate::texts::Say;
use offload_engine::engine::Handle;
use offload_protocol::view::{Filter, Order, PageQuery, State, Status};
use offload_protocol::window::WindowEvent;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

/// The tray changes at most twice a second, unless it is green.
const BEAT: Duration = Duration::from_millis(500);
/// And is looked at this often though nothing happened: the day may have changed.
const SLOW_BEAT: Duration = Duration::from_secs(60);
/// Files in the tray's list.
const RECENT: u32 = 5;
/// How often it is looked whether the machine slept, and how far the clocks part then.
const CLOCK: Duration = Duration::from_secs(10);
const SLEPT: Duration = Duration::from_secs(15);

/// Runs as long as the shell does.
pub(crate) async fn live(shell: Arc<Shell>) {
    tokio::join!(follow(&shell), wear(&shell), heed(&shell), watch_clock(&shell));
}

/// Passes on what the engine tells.
async fn follow(shell: &Shell) {
    let mut standing = shell.life.watch();
    loop {
        let (stage, mut events) = {
            let now = standing.borrow_and_update();
            // Listens before it is said that the engine runs: nothing may fall between.
            (now.stage.clone(), now.engine.as_ref().map(Handle::subscribe))
        };
        shell.desk.tell(&WindowEvent::Stage(stage));
        shell.stirred.send_replace(());
        loop {
            let event = async {
                match &mut events {
                    Some(events) => events.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = standing.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                event = event => match event {
                    Ok(event) => shell.desk.tell(&WindowEvent::Engine(event)),
                    Err(RecvError::Lagged(lost)) => {
                        tracing::debug!(lost, "the window fell behind");
                        shell.desk.tell(&WindowEvent::FetchAgain);
                    }
                    Err(RecvError::Closed) => events = None,
                },
            }
            shell.stirred.send_replace(());
        }
    }
}

/// The tray follows how things stand. By itself: it must not wait for a notification service, or stay green meanwhile.
async fn wear(shell: &Shell) {
    let mut stirred = shell.stirred.subscribe();
    let mut worn = Worn::default();
    loop {
        stirred.borrow_and_update();
        let status = shell.status().await.ok();
        let green = worn.show(shell, status.as_ref()).await;
        // Green is taken back at once: it must not outlast the truth by half a second.
        if !green {
            tokio::time::sleep(BEAT).await;
        }
        until_stirred(&mut stirred, SLOW_BEAT).await;
    }
}

/// Notifications, and staying awake.
async fn heed(shell: &Shell) {
    let mut stirred = shell.stirred.subscribe();
    let mut heeded =
        Heeded { began: Instant::now(), notices: Notices::default(), awake: Some(Awake::default()), is_awake: false };
    loop {
        stirred.borrow_and_update();
        let status = shell.status().await.ok();
        if let Some(status) = &status {
            heeded.notify(shell, status).await;
        }
        heeded.stay_awake(shell, status.as_ref()).await;
        // Before the engine runs nothing is known: what happens first after its start must not pass for what stood so before.
        if status.is_some() {
            tokio::time::sleep(BEAT).await;
        }
        until_stirred(&mut stirred, heeded.until_due()).await;
    }
}

/// Until something happens, or so long. The sender lives as long as the shell that is borrowed here.
async fn until_stirred(stirred: &mut watch::Receiver<()>, longest: Duration) {
    let _ = tokio::time::timeout(longest, stirred.changed()).await;
}

/// What the tray wore last.
#[derive(Debug, Default)]
struct Worn {
    recent: Vec<Recent>,
    /// The outbox's number that `recent` is true for.
    seq: Option<i64>,
}

impl Worn {
    /// Whether the tray is green now.
    async fn show(&mut self, shell: &Shell, status: Option<&Status>) -> bool {
        if let Some(seq) = status.map(|status| status.seq).filter(|seq| self.seq != Some(*seq)) {
            match recent(shell).await {
                Ok(files) => {
                    self.recent = files;
                    self.seq = Some(seq);
                }
                Err(error) => tracing::debug!(code = error.code, "{}", error.message),
            }
        }
        let texts = shell.preferences.texts();
        let face = face(&shell.life.stage(), status, &texts, &jiff::ZonedDateTime::now());
        shell.desk.wear(&face, &self.recent);
        face.picture == Picture::UpToDate
    }
}

/// What was told, and whether the machine is held awake.
#[derive(Debug)]
struct Heeded {
    began: Instant,
    notices: Notices,
    awake: Option<Awake>,
    is_awake: bool,
}

impl Heeded {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn until_due(&self) -> Duration {
        let due = self.notices.due_ms().map(|due| Duration::from_millis(due.saturating_sub(self.now_ms())));
        due.unwrap_or(SLOW_BEAT).min(SLOW_BEAT)
    }

    async fn notify(&mut self, shell: &Shell, status: &Status) {
        let settings = shell.preferences.settings();
        let at = Circumstances::new(self.now_ms(), &settings, shell.desk.is_watched());
        for notification in self.notices.look(status, at) {
            tracing::info!(?notification, "told");
            let (title, text) = notification.text(&shell.preferences.texts());
            shell.notify(title, text).await;
        }
    }

    async fn stay_awake(&mut self, shell: &Shell, status: Option<&Status>) {
        let wished = shell.preferences.settings().keep_awake;
        let needed = status.is_some_and(|status| awake::is_needed(status, wished));
        if needed == self.is_awake {
            return;
        }
        let Some(mut awake) = self.awake.take() else { return };
        let reason = shell.preferences.say(Say::AwakeReason);
        // The system's answer may take its time; where the thread is lost, so is the wish.
        let asked = blocking(move || {
            awake.set(needed, &reason);
            awake
        });
        self.awake = asked.await.ok();
        self.is_awake = needed;
    }
}

async fn recent(shell: &Shell) -> Result<Vec<Recent>, offload_protocol::control::ControlError> {
    let query = PageQuery {
        filter: Filter { states: vec![State::Confirmed], ..Filter::default() },
        order: Order::Changed,
        descending: true,
        limit: RECENT,
        ..PageQuery::default()
    };
    let page = shell.page(query).await?;
    Ok(page.files.into_iter().map(|file| Recent { id: file.id, label: in_menu(&file.path) }).collect())
}

/// After a sleep everything is looked through, and the way out is tried at once.
async fn watch_clock(shell: &Shell) {
    let mut tick = tokio::time::interval(CLOCK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut steady, mut wall) = (Instant::now(), SystemTime::now());
    loop {
        tick.tick().await;
        let (steady_now, wall_now) = (Instant::now(), SystemTime::now());
        if has_slept(steady_now - steady, wall_now.duration_since(wall).unwrap_or_default()) {
            tracing::info!("the machine slept, or its clock was set: looking through everything");
            if let Err(error) = shell.rescan().await {
                tracing::debug!(code = error.code, "{}", error.message);
            }
            shell.desk.tell(&WindowEvent::FetchAgain);
        }
        (steady, wall) = (steady_now, wall_now);
    }
}

/// A sleeping machine's steady clock stands still; where it does not, the tick itself came late.
fn has_slept(steady: Duration, wall: Duration) -> bool {
    wall > steady + SLEPT || steady > CLOCK + 4 * SLEPT
}

impl Shell {
    pub(super) async fn notify(&self, title: String, text: String) {
        let desk = Arc::clone(&self.desk);
        if let Err(error) = blocking(move || desk.notify(&title, &text)).await {
            tracing::warn!(code = error.code, "{}", error.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::has_slept;
    use std::time::Duration;

    #[test]
    fn sleeping() {
        for (steady, wall, slept) in
            [(10, 10, false), (10, 12, false), (11, 3600, true), (10, 0, false), (3600, 3600, true), (30, 30, false)]
        {
            assert_eq!(has_slept(Duration::from_secs(steady), Duration::from_secs(wall)), slept, "{steady} {wall}");
        }
    }
}
