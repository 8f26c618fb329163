//! What stands on the display: windows by their title, and pictures of the whole.

use super::{LOOK_AGAIN, PATIENCE};
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// The display of one desktop.
#[derive(Debug)]
pub struct Screen {
    x: RustConnection,
    root: Window,
    display: String,
}

/// A top-level window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XWindow {
    pub id: Window,
    pub title: String,
    /// The process it belongs to, where it says so.
    pub process: Option<u32>,
    /// It is on the screen: neither hidden nor minimised.
    pub visible: bool,
    /// Left and upper edge, on the screen.
    pub at: (i16, i16),
    pub size: (u16, u16),
}

impl Screen {
    pub(crate) fn connect(display: &str) -> Self {
        let (x, number) = x11rb::connect(Some(display)).unwrap();
        let root = x.setup().roots[number].root;
        Self { x, root, display: display.to_owned() }
    }

    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// Waits until a window manager has taken over.
    pub(crate) async fn until_managed(&self) {
        let began = Instant::now();
        while self.windows_of(self.root, "_NET_SUPPORTING_WM_CHECK").is_empty() {
            assert!(began.elapsed() < PATIENCE, "the window manager does not start");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn atom(&self, name: &str) -> Atom {
        self.x.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    fn windows_of(&self, window: Window, property: &str) -> Vec<Window> {
        let cookie = self.x.get_property(false, window, self.atom(property), AtomEnum::WINDOW, 0, 1024).unwrap();
        let Ok(reply) = cookie.reply() else { return Vec::new() };
        reply.value32().map(Iterator::collect).unwrap_or_default()
    }

    /// Top-level windows, as the window manager lists them. Those that go while we look are left out.
    pub fn windows(&self) -> Vec<XWindow> {
        let windows = self.windows_of(self.root, "_NET_CLIENT_LIST");
        windows.into_iter().filter_map(|window| self.window(window)).collect()
    }

    /// A window by its exact title.
    pub fn titled(&self, title: &str) -> Option<XWindow> {
        self.windows().into_iter().find(|window| window.title == title)
    }

    /// The window that has the keyboard.
    pub fn active(&self) -> Option<Window> {
        self.windows_of(self.root, "_NET_ACTIVE_WINDOW").first().copied().filter(|&window| window != 0)
    }

    fn window(&self, id: Window) -> Option<XWindow> {
        let text = |property: Atom, kind: Atom| {
            let reply = self.x.get_property(false, id, property, kind, 0, 1024).ok()?.reply().ok()?;
            (!reply.value.is_empty()).then(|| String::from_utf8_lossy(&reply.value).into_owned())
        };
        let title = text(self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"))
            .or_else(|| text(AtomEnum::WM_NAME.into(), AtomEnum::STRING.into()))
            .unwrap_or_default();
        let process = self.x.get_property(false, id, self.atom("_NET_WM_PID"), AtomEnum::CARDINAL, 0, 1).ok()?;
        let process = process.reply().ok()?.value32().and_then(|mut values| values.next());
        let visible = self.x.get_window_attributes(id).ok()?.reply().ok()?.map_state == MapState::VIEWABLE;
        let geometry = self.x.get_geometry(id).ok()?.reply().ok()?;
        let at = self.x.translate_coordinates(id, self.root, 0, 0).ok()?.reply().ok()?;
        let (at, size) = ((at.dst_x, at.dst_y), (geometry.width, geometry.height));
        Some(XWindow { id, title, process, visible, at, size })
    }

    /// Closes a window as its button does.
    pub fn close(&self, window: &XWindow) {
        self.ask_manager(window.id, "_NET_CLOSE_WINDOW", [0, 2, 0, 0, 0]);
    }

    /// Gives a window another size, as dragging its edge does.
    pub fn resize(&self, window: &XWindow, to: (u16, u16)) {
        // Gravity of the upper left corner, width and height, asked by a pager.
        const WHAT: u32 = 1 | 1 << 10 | 1 << 11 | 2 << 12;
        self.ask_manager(window.id, "_NET_MOVERESIZE_WINDOW", [WHAT, 0, 0, to.0.into(), to.1.into()]);
    }

    /// Brings a window to the front, as a click in a task bar does.
    pub fn raise(&self, window: &XWindow) {
        self.ask_manager(window.id, "_NET_ACTIVE_WINDOW", [2, 0, 0, 0, 0]);
    }

    fn ask_manager(&self, window: Window, what: &str, data: [u32; 5]) {
        let event = ClientMessageEvent::new(32, window, self.atom(what), data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.x.send_event(false, self.root, mask, event).unwrap();
        self.x.flush().unwrap();
    }

    /// Writes the screen as PNG.
    pub fn save_picture(&self, file: &Path) {
        let size = self.x.get_geometry(self.root).unwrap().reply().unwrap();
        let (width, height) = (size.width, size.height);
        let image = self.x.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0).unwrap();
        // 32 bits a pixel: blue, green, red, nothing.
        let pixels = image.reply().unwrap().data;
        let colours: Vec<u8> = pixels.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        let out = BufWriter::new(std::fs::File::create(file).unwrap());
        let mut png = png::Encoder::new(out, width.into(), height.into());
        png.set_color(png::ColorType::Rgb);
        png.set_depth(png::BitDepth::Eight);
        png.write_header().unwrap().write_image_data(&colours).unwrap();
    }
}
