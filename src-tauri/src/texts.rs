//! All that tray, notifications and dialogs say, in the languages Offload speaks: `ui/src/locales/*/shell.ftl`.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use offload_protocol::window::{Language, Tongue};
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../../ui/src/locales/en/shell.ftl");
const KOREAN: &str = include_str!("../../ui/src/locales/ko/shell.ftl");

/// Declares every message once; a test holds the list against both files.
macro_rules! messages {
    ($($name:ident = $id:literal),* $(,)?) => {
        /// A message of the shell.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Say { $($name),* }

        impl Say {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];

            const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }
        }
    };
}

messages! {
    UpToDate = "tray-up-to-date",
    Uploading = "tray-uploading",
    UploadingPercent = "tray-uploading-percent",
    Checking = "tray-checking",
    Paused = "tray-paused",
    Offline = "tray-offline",
    NeedsAttention = "tray-needs-attention",
    SignedOut = "tray-signed-out",
    Starting = "tray-starting",
    Elsewhere = "tray-elsewhere",
    Broken = "tray-broken",
    Welcome = "tray-welcome",
    Safe = "status-safe",
    Stored = "status-stored",
    Round = "status-round",
    ToGo = "status-to-go",
    Waiting = "status-waiting",
    NeedYou = "status-need-you",
    Away = "status-away",
    Until = "status-until",
    UntilTomorrow = "status-until-tomorrow",
    DailyLimit = "status-daily-limit",
    LeftSeconds = "left-seconds",
    LeftMinutes = "left-minutes",
    LeftHours = "left-hours",
    LeftDays = "left-days",
    MenuOpen = "menu-open",
    MenuPause = "menu-pause",
    MenuPauseHour = "menu-pause-hour",
    MenuPauseTomorrow = "menu-pause-tomorrow",
    MenuPauseEver = "menu-pause-ever",
    MenuResume = "menu-resume",
    MenuRecent = "menu-recent",
    MenuRecentNone = "menu-recent-none",
    MenuAdd = "menu-add",
    MenuQuit = "menu-quit",
    NotifyDoneTitle = "notify-done-title",
    NotifyDone = "notify-done",
    NotifyDoneSome = "notify-done-some",
    NotifyDoneManyTitle = "notify-done-many-title",
    NotifyAttentionTitle = "notify-attention-title",
    NotifyAttention = "notify-attention",
    NotifyAwayTitle = "notify-away-title",
    NotifyAway = "notify-away",
    NotifyTrouble = "notify-trouble",
    NotifySignedOutTitle = "notify-signed-out-title",
    NotifySignedOut = "notify-signed-out",
    NotifyClosedTitle = "notify-closed-title",
    NotifyClosed = "notify-closed",
    NotifyMinimisedTitle = "notify-minimised-title",
    NotifyMinimised = "notify-minimised",
    NotifyFailedTitle = "notify-failed-title",
    DialogFolders = "dialog-folders",
    DialogFiles = "dialog-files",
    AwakeReason = "awake-reason",
}

/// What a message's variable is filled with.
pub(crate) type Filling<'a> = (&'static str, FluentValue<'a>);

/// A number for a message: it chooses the plural, and reads like `12,345`.
pub(crate) fn number(count: u64) -> FluentValue<'static> {
    FluentValue::from(count)
}

/// A name for a message.
pub(crate) fn words(text: &str) -> FluentValue<'_> {
    FluentValue::from(text)
}

/// The messages of one language.
pub(crate) struct Texts(FluentBundle<FluentResource>);

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

impl Texts {
    pub(crate) fn of(tongue: Tongue) -> Self {
        let (language, source) = match tongue {
            Tongue::En => ("en", ENGLISH),
            Tongue::Ko => ("ko", KOREAN),
        };
        let language: LanguageIdentifier = language.parse().unwrap_or_default();
        // What can't be read of it is left out, and `say` shows its id; the tests let no such thing pass.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(read, _errors)| read);
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Names are cleaned before they come here, and some trays show the isolation marks as boxes.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(grouped(number.value)),
            _ => None,
        }));
        bundle.add_resource_overriding(resource);
        Self(bundle)
    }

    pub(crate) fn say(&self, what: Say) -> String {
        self.fill(what, [])
    }

    pub(crate) fn fill<'a>(&self, what: Say, fillings: impl IntoIterator<Item = Filling<'a>>) -> String {
        let mut filled = FluentArgs::new();
        for (name, value) in fillings {
            filled.set(name, value);
        }
        let Some(pattern) = self.0.get_message(what.id()).and_then(|message| message.value()) else {
            return what.id().to_owned();
        };
        self.0.format_pattern(pattern, Some(&filled), &mut Vec::new()).into_owned()
    }
}

/// A whole number with commas between thousands, as both languages write it.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The language that is spoken: the one asked for, or the desktop's where Offload speaks it.
pub(crate) fn tongue(language: Language, desktop: Option<&str>) -> Tongue {
    match language {
        Language::En => Tongue::En,
        Language::Ko => Tongue::Ko,
        Language::System => {
            let primary = desktop.unwrap_or_default().split(['-', '_', '.']).next().unwrap_or_default();
            if primary.eq_ignore_ascii_case("ko") { Tongue::Ko } else { Tongue::En }
        }
    }
}

#[cfg(test)]
mod tests;
