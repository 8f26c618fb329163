//! Changing one value of the file and nothing else in it.

use super::{ConfigError, FILE_NAME, read};
use crate::ledger::make_private_folder;
use std::io::Write;
use std::path::Path;
use toml_edit::{Document, DocumentMut, Item, Table, Value};

pub(super) fn change(dir: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<(), ConfigError> {
    let path = dir.join(FILE_NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ConfigError::Unreadable { path, error }),
    };
    // A file that cannot be read as it stands is not written over: its owner mends it first.
    read::config(&path, text.clone())?;
    let mut file = match Document::parse(text) {
        Ok(file) => file.into_mut(),
        Err(error) => return Err(ConfigError::Syntax { path, line: 1, detail: error.message().into() }),
    };
    change(&mut file);
    write(dir, &path, &file.to_string()).map_err(|error| ConfigError::Unwritable { path, error })
}

pub(super) fn set(file: &mut DocumentMut, section: &str, key: &str, value: impl Into<Value>) {
    let table = file.entry(section).or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = table.as_table_like_mut() else { return };
    let mut value = value.into();
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        // The remark behind the old value stays behind the new one.
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
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
