//! `export`: the whole ledger, row by row, all of one moment.

use crate::args::{Export, Format};
use crate::failure::{DONE, Failure};
use crate::setting::Setting;
use crate::words::utc;
use offload_engine::ledger::{LedgerReader, read, sources};
use offload_protocol::view::{FileRow, Filter};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const HEADINGS: &str = "source,path,state,size,modified,sha256,key,etag,uploaded,confirmed,code,reason,next_step,attempts,latest_version,file_id,supersedes";

pub(crate) async fn export(setting: &Setting, export: Export) -> Result<u8, Failure> {
    let dir = setting.dir.clone();
    let format = export.format.unwrap_or(if setting.json { Format::Json } else { Format::Csv });
    tokio::task::spawn_blocking(move || match &export.output {
        Some(path) => to_file(&dir, path, format),
        None => write(&dir, format, BufWriter::new(std::io::stdout().lock())),
    })
    .await??;
    Ok(DONE)
}

/// Written beside its place and renamed there: half an export never passes for a whole one.
fn to_file(dir: &Path, path: &Path, format: Format) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new("io", format!("cannot write {}: {error}", path.display()));
    let name = path.file_name().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
    let mut fresh = name.to_owned();
    fresh.push(format!(".{}.part", std::process::id()));
    let fresh = path.with_file_name(fresh);
    let written = File::create_new(&fresh)
        .map_err(failed)
        .and_then(|file| {
            write(dir, format, BufWriter::new(&file))?;
            file.sync_all().map_err(failed)
        })
        .and_then(|()| std::fs::rename(&fresh, path).map_err(failed));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

fn write(dir: &Path, format: Format, mut to: impl Write) -> Result<(), Failure> {
    let reader = LedgerReader::open(dir)?;
    let db = reader.connection();
    let names: HashMap<i64, String> = sources::list(db)?.into_iter().map(|source| (source.id, source.name)).collect();
    if format == Format::Csv {
        to.write_all(HEADINGS.as_bytes())?;
        to.write_all(b"\r\n")?;
    }
    let filter = Filter { old_versions: true, ..Filter::default() };
    read::each(db, &filter, |file| match format {
        Format::Csv => Ok::<_, Failure>(to.write_all(row(&file, names.get(&file.source_id)).as_bytes())?),
        Format::Json => {
            serde_json::to_writer(&mut to, &file).map_err(std::io::Error::from)?;
            Ok(to.write_all(b"\n")?)
        }
    })?;
    Ok(to.flush()?)
}

/// One row of RFC 4180.
fn row(file: &FileRow, source: Option<&String>) -> String {
    let time = |at: Option<i64>| at.map(utc).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        source.cloned().unwrap_or_else(|| file.source_id.to_string()),
        file.path.clone(),
        file.state.as_str().into(),
        file.size.to_string(),
        utc(file.modified_ms),
        text(&file.sha256),
        text(&file.key),
        text(&file.etag),
        time(file.uploaded_at_ms),
        time(file.confirmed_at_ms),
        text(&file.code),
        text(&file.reason),
        text(&file.hint),
        file.attempts.to_string(),
        if file.current { "yes".into() } else { "no".into() },
        file.file_id.clone(),
        text(&file.supersedes),
    ];
    let mut row = cells.map(|text| cell(&text)).join(",");
    row.push_str("\r\n");
    row
}

/// Quoted where it must be; what a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let guarded = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if guarded { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::{HEADINGS, cell, row, to_file};
    use crate::args::Format;
    use crate::list::tests::file;
    use offload_engine::ledger::observe::{Observation, Settling, observe};
    use offload_engine::ledger::{Ledger, sources};
    use offload_engine::watch::Stat;
    use offload_protocol::control::NewSource;
    use offload_protocol::view::{ChangedPolicy, FileRow, State};
    use std::path::PathBuf;

    #[test]
    fn cells() {
        for (text, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd()", "'=cmd()"),
            ("-5", "'-5"),
            ("@x,", "\"'@x,\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn as_many_cells_as_headings() {
        let row = row(&file("a.jpg", State::Confirmed), Some(&"Wedding".to_owned()));
        assert_eq!(row.trim_end().split(',').count(), HEADINGS.split(',').count());
        assert!(row.starts_with("Wedding,a.jpg,confirmed,24300000,1970-01-01T00:00:00Z,") && row.ends_with("\r\n"));
    }

    #[test]
    fn a_whole_file_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out.csv");
        assert_eq!(to_file(dir.path(), &out, Format::Csv).unwrap_err().code, "ledger_absent");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
        let ledger = Ledger::open(dir.path()).unwrap();
        to_file(dir.path(), &out, Format::Csv).unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), format!("{HEADINGS}\r\n"));
        ledger
            .write_blocking(|db| {
                let root = sources::NewRoot { path: "/photos".into(), is_folder: true };
                let source = sources::add_watched(db, &NewSource::default(), &root, 1)?;
                for number in 0..3 {
                    let path = format!("a{number}, \"b\".jpg");
                    let local = PathBuf::from("/photos").join(&path);
                    let seen =
                        Observation { local, path, stat: Stat { size: number, mtime_ns: 0, ctime_ns: None, id: None } };
                    observe(db, source, ChangedPolicy::NewVersion, &seen, Settling { now_ms: 1, still_ms: 0 })?;
                }
                Ok(())
            })
            .unwrap();
        to_file(dir.path(), &out, Format::Csv).unwrap();
        let text = std::fs::read_to_string(&out).unwrap();
        let rows: Vec<&str> = text.split_terminator("\r\n").skip(1).collect();
        assert_eq!(rows.len(), 3);
        assert!(rows[2].starts_with("photos,\"a2, \"\"b\"\".jpg\",settling,2,1970-01-01T00:00:00Z,"), "{}", rows[2]);
        to_file(dir.path(), &out, Format::Json).unwrap();
        let text = std::fs::read_to_string(&out).unwrap();
        let files: Vec<FileRow> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(files.iter().map(|file| file.size).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
