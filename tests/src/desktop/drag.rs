//! A drag source: paths taken with the pointer from a small window and carried onto another, over the XDND protocol.
//!
//! The pointer really moves and its button is really held (XTEST); the window below it is found as file managers do, and is
//! told by messages what hangs on the pointer. See <https://www.freedesktop.org/wiki/Specifications/XDND/>.

use super::{PATIENCE, Screen, XWindow};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ButtonReleaseEvent, ClientMessageEvent,
    ConnectionExt as _, CreateWindowAux, EventMask, MOTION_NOTIFY_EVENT, MotionNotifyEvent, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

x11rb::atom_manager! {
    /// The words of the protocol.
    Words: WordsCookie {
        XdndAware, XdndSelection, XdndEnter, XdndPosition, XdndStatus, XdndLeave, XdndDrop, XdndFinished, XdndActionCopy,
        TARGETS, TIMESTAMP, INTEGER, ATOM,
        URIS: b"text/uri-list",
    }
}

/// How a drag ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// The target said while the pointer was over it that it would take the paths.
    pub accepted: bool,
    /// They were let go over it and it fetched them.
    pub fetched: bool,
}

/// Drags paths onto the middle of a window and lets go there. Its own connection and thread: the caller's may wait for the target.
pub async fn drag(screen: &Screen, paths: &[PathBuf], onto: &XWindow) -> Carried {
    drag_looking(screen, paths, onto, async || ()).await
}

/// The same, with a look at the window between: the paths hang over it, and are let go when `look` is done.
pub async fn drag_looking(screen: &Screen, paths: &[PathBuf], onto: &XWindow, look: impl AsyncFnOnce()) -> Carried {
    let (display, onto) = (screen.display().to_owned(), onto.clone());
    let uris = uri_list(paths);
    let (over, is_over) = oneshot::channel();
    let (enough, seen_enough) = mpsc::channel();
    let looking = Looking { over, seen_enough };
    let carried = tokio::task::spawn_blocking(move || Source::open(&display, uris).carry(&onto, looking));
    // Where the window takes nothing there is nothing to look at.
    if is_over.await.is_ok() {
        look().await;
        // The source may have given up.
        let _ = enough.send(());
    }
    carried.await.unwrap()
}

/// How the drag's thread says that it is over the target, and hears that the caller has seen enough.
struct Looking {
    over: oneshot::Sender<()>,
    seen_enough: mpsc::Receiver<()>,
}

fn uri_list(paths: &[PathBuf]) -> Vec<u8> {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let line = |path: &PathBuf| format!("file://{}\r\n", percent_encode(path.as_os_str().as_bytes(), PLAIN));
    paths.iter().map(line).collect::<String>().into_bytes()
}

/// What the source knows of the window below the pointer.
#[derive(Debug, Default)]
struct Below {
    window: Window,
    /// A position was sent that was not answered yet.
    asked: bool,
    accepts: bool,
}

struct Source {
    x: RustConnection,
    root: Window,
    window: Window,
    words: Words,
    uris: Vec<u8>,
    below: Below,
    fetched: bool,
    finished: bool,
    began: Instant,
}

/// The source's window, in the upper left corner.
const EDGE: u16 = 40;

impl Source {
    fn open(display: &str, uris: Vec<u8>) -> Self {
        let (x, number) = x11rb::connect(Some(display)).unwrap();
        let (root, black) = (x.setup().roots[number].root, x.setup().roots[number].black_pixel);
        let words = Words::new(&x).unwrap().reply().unwrap();
        let window = x.generate_id().unwrap();
        let events = EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::BUTTON_MOTION;
        let look = CreateWindowAux::new()
            .background_pixel(black)
            .override_redirect(1)
            .event_mask(events | EventMask::EXPOSURE);
        x.create_window(0, window, root, 0, 0, EDGE, EDGE, 0, WindowClass::INPUT_OUTPUT, 0, &look).unwrap();
        x.map_window(window).unwrap();
        x.flush().unwrap();
        let below = Below::default();
        Self { x, root, window, words, uris, below, fetched: false, finished: false, began: Instant::now() }
    }

    fn carry(mut self, onto: &XWindow, looking: Looking) -> Carried {
        let middle = i16::try_from(EDGE / 2).unwrap();
        let target =
            (onto.at.0 + i16::try_from(onto.size.0 / 2).unwrap(), onto.at.1 + i16::try_from(onto.size.1 / 2).unwrap());
        self.until("the source's window on the screen", |_, event| matches!(event, Event::Expose(_)));
        self.move_pointer((middle, middle));
        self.button(true);
        self.until("the button held", |_, event| matches!(event, Event::ButtonPress(_)));
        self.x.set_selection_owner(self.window, self.words.XdndSelection, x11rb::CURRENT_TIME).unwrap();
        // Over the desktop first, then a way into the window, then small movements until it has made up its mind.
        let way = |step: i16| (middle + (target.0 - middle) / 10 * step, middle + (target.1 - middle) / 10 * step);
        for step in 1..10 {
            self.move_to(way(step));
        }
        let mut nudge = 0;
        while !self.below.accepts && self.began.elapsed() < PATIENCE / 3 {
            nudge = (nudge + 1) % 4;
            self.move_to((target.0 + nudge, target.1));
            self.listen(Duration::from_millis(30));
        }
        let accepted = self.below.accepts;
        if accepted && looking.over.send(()).is_ok() {
            // A caller that failed has dropped its end.
            while looking.seen_enough.try_recv() == Err(mpsc::TryRecvError::Empty) {
                self.listen(Duration::from_millis(10));
            }
            self.button(false);
            self.until("the button let go", |source, event| match event {
                Event::ButtonRelease(release) => source.let_go(release),
                _ => false,
            });
            self.until("the drop finished", |source, _| source.finished);
        } else {
            self.leave();
            self.button(false);
            self.until("the button let go", |_, event| matches!(event, Event::ButtonRelease(_)));
        }
        Carried { accepted, fetched: self.fetched }
    }

    fn move_pointer(&self, (x, y): (i16, i16)) {
        self.x.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, self.root, x, y, 0).unwrap();
        self.x.flush().unwrap();
    }

    fn button(&self, pressed: bool) {
        let kind = if pressed { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT };
        self.x.xtest_fake_input(kind, 1, 0, x11rb::NONE, 0, 0, 0).unwrap();
        self.x.flush().unwrap();
    }

    /// Moves the pointer and waits until the server says so.
    fn move_to(&mut self, at: (i16, i16)) {
        self.move_pointer(at);
        self.until(
            "the pointer moved",
            |_, event| matches!(event, Event::MotionNotify(motion) if (motion.root_x, motion.root_y) == at),
        );
    }

    /// Handles what comes in, until an event is as wanted.
    fn until(&mut self, what: &str, mut wanted: impl FnMut(&mut Self, &Event) -> bool) {
        loop {
            let event = self.next(PATIENCE.saturating_sub(self.began.elapsed()));
            let event = event.unwrap_or_else(|| panic!("a drag: never {what}; below the pointer: {:?}", self.below));
            self.handle(&event);
            if wanted(self, &event) {
                return;
            }
        }
    }

    /// Handles what comes in for some time.
    fn listen(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(event) = self.next(until.saturating_duration_since(Instant::now())) {
            self.handle(&event);
        }
    }

    fn next(&self, limit: Duration) -> Option<Event> {
        let until = Instant::now() + limit;
        loop {
            if let Some(event) = self.x.poll_for_event().unwrap() {
                return Some(event);
            }
            if Instant::now() >= until {
                return None;
            }
            #[expect(clippy::disallowed_methods, reason = "the drag's own thread")]
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn handle(&mut self, event: &Event) {
        match event {
            Event::MotionNotify(motion) => self.moved(motion),
            Event::SelectionRequest(request) => self.give(request),
            Event::ClientMessage(message) if message.type_ == self.words.XdndStatus => {
                let data = message.data.as_data32();
                if data[0] == self.below.window {
                    self.below.asked = false;
                    self.below.accepts = data[1] & 1 == 1;
                }
            }
            Event::ClientMessage(message) if message.type_ == self.words.XdndFinished => self.finished = true,
            _ => {}
        }
    }

    fn moved(&mut self, motion: &MotionNotifyEvent) {
        let found = self.aware_window_at(motion.root_x, motion.root_y).unwrap_or(x11rb::NONE);
        if found != self.below.window {
            self.leave();
            self.below = Below { window: found, ..Below::default() };
            self.tell(self.words.XdndEnter, [5 << 24, self.words.URIS, 0, 0]);
        }
        // One question at a time; the next motion asks again.
        if self.below.window != x11rb::NONE && !self.below.asked {
            self.below.asked = true;
            let at = (u32::from(motion.root_x.unsigned_abs()) << 16) | u32::from(motion.root_y.unsigned_abs());
            self.tell(self.words.XdndPosition, [0, at, motion.time, self.words.XdndActionCopy]);
        }
    }

    /// The window below a point that takes part in drags: the nearest on the way down from the root.
    fn aware_window_at(&self, x: i16, y: i16) -> Option<Window> {
        let mut window = self.root;
        loop {
            let below = self.x.translate_coordinates(self.root, window, x, y).ok()?.reply().ok()?.child;
            if below == x11rb::NONE {
                return None;
            }
            let aware = self.x.get_property(false, below, self.words.XdndAware, AtomEnum::ATOM, 0, 1).ok()?;
            if aware.reply().ok()?.length > 0 {
                return Some(below);
            }
            window = below;
        }
    }

    fn leave(&mut self) {
        self.tell(self.words.XdndLeave, [0; 4]);
        self.below = Below::default();
    }

    fn let_go(&mut self, release: &ButtonReleaseEvent) -> bool {
        self.tell(self.words.XdndDrop, [0, release.time, 0, 0]);
        true
    }

    fn tell(&self, what: Atom, rest: [u32; 4]) {
        if self.below.window == x11rb::NONE {
            return;
        }
        let [one, two, three, four] = rest;
        let event = ClientMessageEvent::new(32, self.below.window, what, [self.window, one, two, three, four]);
        self.x.send_event(false, self.below.window, EventMask::NO_EVENT, event).unwrap();
        self.x.flush().unwrap();
    }

    /// Hands the paths, or the list of forms they can be had in, to whoever asks.
    fn give(&mut self, request: &SelectionRequestEvent) {
        let property = if request.property == x11rb::NONE { request.target } else { request.property };
        let (to, words) = (request.requestor, self.words);
        let given = if request.target == words.URIS {
            self.fetched = true;
            self.x.change_property8(PropMode::REPLACE, to, property, words.URIS, &self.uris).is_ok()
        } else if request.target == words.TARGETS {
            let targets = [words.TARGETS, words.URIS];
            self.x.change_property32(PropMode::REPLACE, to, property, words.ATOM, &targets).is_ok()
        } else {
            false
        };
        let event = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: to,
            selection: request.selection,
            target: request.target,
            property: if given { property } else { x11rb::NONE },
        };
        self.x.send_event(false, to, EventMask::NO_EVENT, event).unwrap();
        self.x.flush().unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::uri_list;

    #[test]
    fn paths_are_written_as_file_managers_do() {
        let list = uri_list(&["/a/My Földer #1".into(), "/b/50%/x?y".into()]);
        assert_eq!(String::from_utf8(list).unwrap(), "file:///a/My%20F%C3%B6lder%20%231\r\nfile:///b/50%25/x%3Fy\r\n");
    }
}
