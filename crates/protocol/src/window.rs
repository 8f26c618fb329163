//! What the desktop window and its shell say to each other: the commands, their types, and what the window hears unasked.
//!
//! Declared once, here: the shell makes its Tauri commands from `window_commands!`, and `typescript` writes the window's types.

use crate::control::ControlError;
use crate::view::{ChangedPolicy, Event, Page, Status};
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// Where the window begins, and what it may have to say first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "stage", content = "with", rename_all = "snake_case")]
pub enum Stage {
    /// No backend is known yet: the first run.
    Welcome,
    /// The engine opens its ledger.
    Starting,
    /// Another Offload (a service in a terminal) owns the ledger; it is tried again until that one ends.
    Elsewhere,
    /// The engine cannot start: why, and what to do.
    Broken(ControlError),
    Ready,
}

/// What the window needs to know before it shows anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Opening {
    pub stage: Stage,
    pub version: String,
    pub backend: Option<String>,
    /// First word of the Authorization header.
    pub auth_scheme: String,
    pub protocol: BackendProtocol,
    /// The token is set in the environment: signing in and out is not the window's to do.
    pub token_from_environment: bool,
    pub data_dir: String,
    pub settings: WindowSettings,
    /// The language that `settings.language` comes to on this machine.
    pub speaks: Tongue,
}

/// All that the window's first picture is made of, in one answer. Without an engine there is only the opening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FirstPicture {
    pub opening: Opening,
    pub status: Option<Status>,
    /// The answer to `PageQuery::first`.
    pub page: Option<Page>,
}

/// What the person enters to connect. Goes one way only, into the shell; `{:?}` withholds the token.
#[derive(Clone, Deserialize, TS)]
pub struct Connection {
    pub backend: String,
    /// Empty for a Companion that asks for none.
    pub token: String,
    pub auth_scheme: Option<String>,
    #[serde(default)]
    pub protocol: BackendProtocol,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("backend", &self.backend).finish_non_exhaustive()
    }
}

/// The backend took the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Connected {
    pub backend: String,
    pub account: Option<String>,
}

/// How a person may sign in at a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignInWays {
    /// By approving it in a browser; else by a token that they paste.
    pub browser: bool,
}

/// A sign-in that waits until the person has approved it in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowserCode {
    /// To be compared with what the page shows, or typed there.
    pub user_code: String,
    /// https, or http on loopback.
    pub page: String,
    /// Host of the page, and its port where it is not the usual one.
    pub host: String,
    /// The page knows the code; else it has to be typed.
    pub code_in_page: bool,
    /// Seconds from now.
    pub expires_in_s: u32,
}

/// Folders and files a person gave: dropped, chosen, or named when Offload was started. The paths themselves stay in the shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Given {
    pub id: u32,
    /// What a batch of it would be called.
    pub name: String,
    pub folders: u32,
    pub files: u32,
    /// The first few, as text for people.
    pub paths: Vec<String>,
    /// It is one folder, and not watched yet.
    pub can_watch: bool,
}

/// What lies in something given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Measured {
    pub files: u64,
    pub bytes: u64,
    /// `false`: there is more; counting stopped after two seconds.
    pub complete: bool,
}

/// What the person decided about something given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Taking {
    pub given: u32,
    /// Keep watching; else upload once.
    pub watch: bool,
    pub prefix: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub changed: ChangedPolicy,
}

/// What a backend speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum BackendProtocol {
    /// Backend protocol v1.
    #[default]
    Offload,
    /// Uppy Companion, or another presign endpoint of its kind: no confirmation, keys that change.
    Companion,
}

/// A part of each day with a limit of its own, in the machine's local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DailyLimit {
    /// Minutes after midnight, 0 to 1439.
    pub from_minute: u16,
    /// Minutes after midnight; before `from_minute` it is the next day's, the same is the whole day.
    pub to_minute: u16,
    /// Bytes a second; `None`: nothing is sent.
    pub bandwidth: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Appearance {
    #[default]
    System,
    Light,
    Dark,
}

/// The language a person asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// The desktop's, where Offload speaks it; else English.
    #[default]
    System,
    En,
    Ko,
}

/// A language Offload speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    #[default]
    En,
    Ko,
}

/// Everything the settings page shows and changes, beside the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WindowSettings {
    /// Bytes a second; `None`: no limit.
    pub bandwidth: Option<u64>,
    pub daily: Option<DailyLimit>,
    /// Uploads at once, at most: 1 to 64.
    pub concurrency: u32,
    /// Tell the backend where a photograph was taken.
    pub gps: bool,
    pub start_at_login: bool,
    pub notify_done: bool,
    pub notify_attention: bool,
    /// The machine does not fall asleep while files are on their way.
    pub keep_awake: bool,
    pub appearance: Appearance,
    pub language: Language,
}

/// A place in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Files,
    Attention,
    Settings,
    /// Choose a folder to add.
    AddFolder,
}

/// What the window hears without asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "window", content = "with", rename_all = "snake_case")]
pub enum WindowEvent {
    Engine(Event),
    /// Events were lost, or the machine slept: fetch everything again.
    FetchAgain,
    Stage(Stage),
    /// Something is held over the window (so many files and folders), or no longer (`None`).
    Hover(Option<u32>),
    /// Something was dropped on the window: ask what to do with it.
    Given(Given),
    /// A folder named on the command line was added without a question: it is watched, or sent once.
    Added {
        source_id: i64,
        name: String,
        watched: bool,
    },
    Go(Place),
    Settings(WindowSettings),
    /// The person wants to quit while this many files are not confirmed: ask, then `quit`.
    AskQuit {
        pending: u64,
    },
    /// Something could not be done that no command waits for.
    Trouble(ControlError),
}

/// The commands of the window: `window_commands!(then)` hands the list to the macro `then`.
///
/// Each may fail with a `ControlError`.
#[macro_export]
macro_rules! window_commands {
    ($then:ident) => {
        $then! {
            /// The first question of a window.
            first_picture() -> FirstPicture;
            opening() -> Opening;
            /// Checks address and token against the backend, keeps them, and starts the engine.
            connect(connection: Connection) -> Connected;
            /// How one may sign in at a backend, asked without a token.
            sign_in_ways(backend: String, protocol: BackendProtocol) -> SignInWays;
            /// Asks for a code to be approved in a browser. One at a time: a sign-in that waited already is given up.
            begin_browser_sign_in(connection: Connection) -> BrowserCode;
            /// Opens the page of the sign-in that waits in the system's browser.
            open_sign_in_page() -> ();
            /// Waits until the sign-in is approved, then does as `connect`.
            finish_browser_sign_in() -> Connected;
            /// Gives up the sign-in that waits, if there is one.
            cancel_browser_sign_in() -> ();
            /// Forgets the token.
            sign_out() -> ();
            status() -> Status;
            page(query: PageQuery) -> Page;
            /// Rows by their numbers; those that are gone are left out.
            rows(ids: Vec<i64>) -> Vec<FileRow>;
            /// The story of a row's path.
            story(id: i64) -> Option<Story>;
            /// Lets the person choose folders, or files, in the system's dialog; `None`: they did not.
            choose(folders: bool) -> Option<Given>;
            /// Counts what lies in something given.
            measure(given: u32) -> Measured;
            /// Adds what was given as a source.
            take(taking: Taking) -> SourceView;
            /// The person decided against it.
            leave(given: u32) -> ();
            edit_source(edit: SourceEdit) -> SourceView;
            remove_source(id: i64) -> ();
            cancel_batch(id: i64) -> ();
            /// `until_ms` only for everything; `None`: until resumed.
            pause(scope: Scope, until_ms: Option<i64>) -> ();
            resume(scope: Scope) -> ();
            retry(what: RetryWhat) -> u64;
            dismiss(what: RetryWhat) -> u64;
            rescan() -> ();
            settings() -> WindowSettings;
            /// What was kept, which is what counts now.
            change_settings(settings: WindowSettings) -> WindowSettings;
            /// Shows a row's file in the system's file manager.
            reveal(id: i64) -> ();
            open_logs() -> ();
            /// Puts a description of this installation, without secrets, on the clipboard, and gives it back.
            copy_diagnostics() -> String;
            /// Looks at this machine and its backend. `probe`: a small file is really sent, and what arrived stays in the bucket.
            doctor(probe: bool) -> Checkup;
            /// Ends Offload; what is on its way goes back to the queue.
            quit() -> ();
            /// The list was painted for the first time.
            painted() -> ();
        }
    };
}
