//! Changing some values of the file and nothing else in it.

use super::{APPEARANCES, Config, ConfigError, FILE_NAME, LANGUAGES, read};
use crate::daily::clock_text;
use crate::ledger::make_private_folder;
use offload_protocol::window::{DailyLimit, WindowSettings};
use std::io::Write;
use std::path::Path;
use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// Changes the file, given what it says now. What would make it unreadable is not written.
pub(super) fn change(dir: &Path, change: impl FnOnce(&mut DocumentMut, &Config)) -> Result<(), ConfigError> {
    let path = dir.join(FILE_NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ConfigError::Unreadable { path, error }),
    };
    // A file that cannot be read as it stands is not written over: its owner mends it first.
    let now = read::config(&path, text.clone())?;
    let mut file = match Document::parse(text) {
        Ok(file) => file.into_mut(),
        Err(error) => return Err(ConfigError::Syntax { path, line: 1, detail: error.message().into() }),
    };
    change(&mut file, &now);
    let text = file.to_string();
    read::config(&path, text.clone())?;
    write(dir, &path, &text).map_err(|error| ConfigError::Unwritable { path, error })
}

pub(super) fn set(file: &mut DocumentMut, section: &str, key: &str, value: impl Into<Value>) {
    let table = file.entry(section).or_insert_with(|| Item::Table(Table::new()));
    if let Some(table) = table.as_table_like_mut() {
        put(table, key, value.into());
    }
}

fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        // The remark behind the old value stays behind the new one.
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// TOML's numbers are signed.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Writes what is otherwise than `now`.
pub(super) fn window(file: &mut DocumentMut, now: &WindowSettings, wanted: &WindowSettings) {
    if now.bandwidth != wanted.bandwidth {
        match wanted.bandwidth {
            Some(bandwidth) => set(file, "upload", "bandwidth", number(bandwidth)),
            None => unset(file, "upload", "bandwidth"),
        }
    }
    if now.daily != wanted.daily {
        match &wanted.daily {
            Some(daily) => set_daily(file, daily),
            None => unset(file, "upload", "daily"),
        }
    }
    if now.concurrency != wanted.concurrency {
        set(file, "upload", "concurrency", i64::from(wanted.concurrency));
    }
    for (section, key, now, wanted) in [
        ("upload", "gps", now.gps, wanted.gps),
        ("app", "notify_done", now.notify_done, wanted.notify_done),
        ("app", "notify_attention", now.notify_attention, wanted.notify_attention),
        ("app", "keep_awake", now.keep_awake, wanted.keep_awake),
    ] {
        if now != wanted {
            set(file, section, key, wanted);
        }
    }
    if now.appearance != wanted.appearance {
        set(file, "app", "appearance", word(&APPEARANCES, wanted.appearance));
    }
    if now.language != wanted.language {
        set(file, "app", "language", word(&LANGUAGES, wanted.language));
    }
}

pub(super) fn word<T: PartialEq + Copy>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, one)| *one == value).map_or("system", |(word, _)| word)
}

fn set_daily(file: &mut DocumentMut, daily: &DailyLimit) {
    let upload = file.entry("upload").or_insert_with(|| Item::Table(Table::new()));
    let Some(upload) = upload.as_table_like_mut() else { return };
    let fresh = || Item::Value(Value::InlineTable(InlineTable::new()));
    let Some(table) = upload.entry("daily").or_insert_with(fresh).as_table_like_mut() else { return };
    put(table, "from", clock_text(daily.from_minute).into());
    put(table, "to", clock_text(daily.to_minute).into());
    match daily.bandwidth {
        Some(bandwidth) => put(table, "bandwidth", number(bandwidth).into()),
        None => drop(table.remove("bandwidth")),
    }
}

pub(super) fn unset(file: &mut DocumentMut, section: &str, key: &str) {
    if let Some(table) = file.get_mut(section).and_then(Item::as_table_like_mut) {
        table.remove(key);
    }
}

/// Written beside its place and renamed there: a full disk or a kill leaves the old file.
fn write(dir: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    make_private_folder(dir)?;
    let fresh = dir.join(format!("{FILE_NAME}.{}.new", std::process::id()));
    let written = (|| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    })();
    written.and_then(|()| std::fs::rename(&fresh, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&fresh);
    })
}
