//! Reading the file: every wrong value is an error that names its key and line, every unknown key a warning.

use super::{APPEARANCES, CONCURRENCY, Config, ConfigError, LANGUAGES, PROTOCOLS, parse_bandwidth};
use crate::backend::Address;
use crate::daily::parse_clock;
use offload_protocol::window::DailyLimit;
use std::ops::Range;
use std::path::Path;
use toml_edit::{Document, Item, TableLike};

const SECTIONS: [(&str, &[&str]); 4] = [
    ("backend", &["url", "auth_scheme", "protocol", "params_path"]),
    ("upload", &["concurrency", "bandwidth", "daily", "gps"]),
    ("watch", &["rescan_minutes", "settle_ms"]),
    ("app", &["notify_done", "notify_attention", "keep_awake", "appearance", "language", "close_told"]),
];

pub(super) fn config(path: &Path, text: String) -> Result<Config, ConfigError> {
    let file = Document::parse(text.as_str()).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| line_of(&text, &span)),
        detail: error.message().trim().replace('\n', "; "),
    })?;
    let reader = Reader { path, text: &text };
    let mut config = Config { warnings: reader.unknown_keys(file.as_table())?, ..Config::default() };
    let at = |section: &str, key: &str| -> Option<Found<'_>> {
        let item = file.get(section)?.as_table_like()?.get(key)?;
        Some(Found { reader: &reader, key: format!("{section}.{key}"), item })
    };
    if let Some(found) = at("backend", "url") {
        let text = found.text("has to be an address in quotes")?;
        config.backend.url =
            Some(Address::parse(text).map_err(|cause| found.wrong(&format!("cannot be used: {cause}")))?);
    }
    if let Some(found) = at("backend", "auth_scheme") {
        let text = found.text("has to be one word in quotes")?;
        if !is_token(text) {
            return Err(found.wrong("has to be one word of letters, digits and dashes"));
        }
        config.backend.dialect.auth_scheme = text.into();
    }
    if let Some(found) = at("backend", "protocol") {
        config.backend.dialect.protocol = found.one_of(&PROTOCOLS)?;
    }
    if let Some(found) = at("backend", "params_path") {
        let text = found.text("has to be a path in quotes, like \"s3/params\"")?.trim_matches('/');
        if text.is_empty() || text.contains(['?', '#', '\\']) || text.split('/').any(|part| part == "..") {
            return Err(found.wrong("has to be a path below the address, like \"s3/params\""));
        }
        config.backend.dialect.params_path = text.into();
    }
    if let Some(found) = at("upload", "concurrency") {
        config.upload.concurrency = found.whole(*CONCURRENCY.start(), *CONCURRENCY.end())?;
    }
    if let Some(found) = at("upload", "bandwidth") {
        config.upload.bandwidth = Some(found.bandwidth()?);
    }
    if let Some(found) = at("upload", "gps") {
        config.upload.gps = found.yes_or_no()?;
    }
    if let Some(found) = at("upload", "daily") {
        config.upload.daily = Some(daily(&found, &mut config.warnings)?);
    }
    if let Some(found) = at("watch", "rescan_minutes") {
        config.watch.rescan_minutes = found.whole(1, 7 * 24 * 60)?;
    }
    if let Some(found) = at("watch", "settle_ms") {
        config.watch.settle_ms = Some(found.whole(0, 3_600_000)?.into());
    }
    let app = &mut config.app;
    for (key, value) in [
        ("notify_done", &mut app.notify_done),
        ("notify_attention", &mut app.notify_attention),
        ("keep_awake", &mut app.keep_awake),
        ("close_told", &mut app.close_told),
    ] {
        if let Some(found) = at("app", key) {
            *value = found.yes_or_no()?;
        }
    }
    if let Some(found) = at("app", "appearance") {
        app.appearance = found.one_of(&APPEARANCES)?;
    }
    if let Some(found) = at("app", "language") {
        app.language = found.one_of(&LANGUAGES)?;
    }
    Ok(config)
}

/// `{ from = "08:00", to = "18:00", bandwidth = "1MB" }`
fn daily(found: &Found<'_>, warnings: &mut Vec<String>) -> Result<DailyLimit, ConfigError> {
    let Some(table) = found.item.as_table_like() else {
        return Err(found.wrong("looks like { from = \"08:00\", to = \"18:00\", bandwidth = \"1MB\" }"));
    };
    let part = |key: &str| {
        let item = table.get(key)?;
        Some(Found { reader: found.reader, key: format!("{}.{key}", found.key), item })
    };
    let minute = |key: &str| match part(key) {
        None => Err(found.wrong(&format!("lacks `{key}`; it looks like {{ from = \"08:00\", to = \"18:00\" }}"))),
        Some(part) => {
            let text = part.text("has to be a time of day in quotes, like \"08:00\"")?;
            parse_clock(text).ok_or_else(|| part.wrong("has to be a time of day, like \"08:00\""))
        }
    };
    let bandwidth = match part("bandwidth") {
        Some(part) if part.is_zero() => None,
        Some(part) => Some(part.bandwidth()?),
        None => None,
    };
    let strange = table.iter().map(|(key, _)| key).filter(|key| !["from", "to", "bandwidth"].contains(key));
    warnings.extend(strange.map(|key| found.reader.warning(table, key, &format!("{}.{key}", found.key))));
    Ok(DailyLimit { from_minute: minute("from")?, to_minute: minute("to")?, bandwidth })
}

/// A token of RFC 9110: what may stand as an authentication scheme.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn unknown_keys(&self, root: &toml_edit::Table) -> Result<Vec<String>, ConfigError> {
        let mut warnings = Vec::new();
        for (name, item) in root {
            let Some((_, known)) = SECTIONS.iter().find(|(section, _)| *section == name) else {
                warnings.push(self.warning(root, name, name));
                continue;
            };
            let Some(section) = item.as_table_like() else {
                return Err(ConfigError::Value {
                    path: self.path.to_owned(),
                    line: self.line(root, name),
                    key: name.into(),
                    detail: format!("has to be a section: write [{name}] on a line of its own"),
                });
            };
            let strange = section.iter().map(|(key, _)| key).filter(|key| !known.contains(key));
            warnings.extend(strange.map(|key| self.warning(section, key, &format!("{name}.{key}"))));
        }
        Ok(warnings)
    }

    fn warning(&self, table: &dyn TableLike, key: &str, shown: &str) -> String {
        format!(
            "{}, line {}: no setting is called `{shown}`; it was passed over",
            self.path.display(),
            self.line(table, key)
        )
    }

    fn line(&self, table: &dyn TableLike, key: &str) -> usize {
        let span = table.key(key).and_then(toml_edit::Key::span).or_else(|| table.get(key).and_then(Item::span));
        span.map_or(1, |span| line_of(self.text, &span))
    }
}

struct Found<'a> {
    reader: &'a Reader<'a>,
    key: String,
    item: &'a Item,
}

impl Found<'_> {
    fn wrong(&self, detail: &str) -> ConfigError {
        ConfigError::Value {
            path: self.reader.path.to_owned(),
            line: self.item.span().map_or(1, |span| line_of(self.reader.text, &span)),
            key: self.key.clone(),
            detail: detail.into(),
        }
    }

    fn text(&self, expected: &str) -> Result<&str, ConfigError> {
        self.item.as_str().ok_or_else(|| self.wrong(expected))
    }

    fn yes_or_no(&self) -> Result<bool, ConfigError> {
        self.item.as_bool().ok_or_else(|| self.wrong("has to be true or false"))
    }

    fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let found = self.item.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        let list = || words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        found.map(|(_, value)| *value).ok_or_else(|| self.wrong(&format!("has to be one of {}", list())))
    }

    fn bandwidth(&self) -> Result<u64, ConfigError> {
        let text = match (self.item.as_integer(), self.item.as_str()) {
            (Some(number), _) => number.to_string(),
            (None, Some(text)) => text.to_owned(),
            (None, None) => return Err(self.wrong("has to be bytes a second, or words like \"5MB\"")),
        };
        parse_bandwidth(&text).map_err(|detail| self.wrong(&detail))
    }

    fn is_zero(&self) -> bool {
        self.item.as_integer() == Some(0) || self.item.as_str().is_some_and(|text| text.trim() == "0")
    }

    fn whole(&self, low: u32, high: u32) -> Result<u32, ConfigError> {
        self.item
            .as_integer()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (low..=high).contains(number))
            .ok_or_else(|| self.wrong(&format!("has to be a whole number from {low} to {high}")))
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}
