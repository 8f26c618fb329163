//! What is said at the end: how many are safe, and of every other file its cause and next step.

use super::verdict::{End, exit};
use crate::failure::Failure;
use crate::link::Link;
use crate::list::{each, line};
use crate::out;
use crate::setting::Setting;
use crate::words::{bytes, clean, files};
use offload_protocol::view::{Filter, PageQuery, SourceView, State};
use std::io::Write;

/// A batch that is over.
pub(super) struct Over {
    pub(super) batch: i64,
    pub(super) end: End,
    /// Why nothing goes out, where the engine said so.
    pub(super) detail: Option<String>,
    /// Another process's engine has it and goes on.
    pub(super) goes_on: bool,
}

pub(super) async fn report(setting: &Setting, link: &mut Link, over: &Over) -> Result<u8, Failure> {
    let Over { batch, end, goes_on, .. } = *over;
    let status = link.status().await?;
    let Some(source) = status.sources.iter().find(|source| source.id == batch) else {
        return Err(Failure::new("no_such_source", "the batch was removed"));
    };
    let exit = exit(end, &source.totals);
    let states = State::ALL.into_iter().filter(|state| *state != State::Confirmed).collect();
    let query =
        PageQuery { filter: Filter { source_id: Some(batch), states, ..Filter::default() }, ..PageQuery::default() };
    if setting.json {
        as_json(link, query, source, over, exit).await?;
        return Ok(exit);
    }
    for notice in &source.notices {
        out::line(format_args!("note: {}", clean(&notice.text)))?;
    }
    let totals = &source.totals;
    // What the person stopped is only counted; of everything else each file is named.
    let stopped =
        |state| end == End::Interrupted && matches!(state, State::Settling | State::Queued | State::Uploading);
    each(link, query, u64::MAX, |file| if stopped(file.state) { Ok(()) } else { Ok(out::line(line(&file))?) }).await?;
    out::line(format_args!("Batch {batch} ({}): {}", clean(&source.name), summary(source, end)))?;
    let unsafe_files = totals.all().files - totals.confirmed.files;
    if let Some(advice) = advice(end, unsafe_files, goes_on, batch) {
        out::line(advice)?;
    }
    if matches!(end, End::SignedOut | End::NoProgress | End::OnlyWaiting)
        && let Some(detail) = &over.detail
    {
        out::line(format_args!("The cause: {}.", clean(detail)))?;
    }
    Ok(exit)
}

fn summary(source: &SourceView, end: End) -> String {
    let totals = &source.totals;
    let all = totals.all();
    if all.files == 0 {
        return if end == End::Through { "no files found.".into() } else { "no files found yet.".into() };
    }
    if totals.confirmed.files == all.files {
        return format!("all {} confirmed, {}.", files(all.files), bytes(all.bytes));
    }
    let counts: Vec<String> = State::ALL
        .into_iter()
        .filter(|state| *state != State::Confirmed && totals.get(*state).files > 0)
        .map(|state| format!("{} {}", totals.get(state).files, state.as_str()))
        .collect();
    format!("{} of {} confirmed; {}.", totals.confirmed.files, files(all.files), counts.join(", "))
}

/// What to do now; `None` where nothing is left to do.
fn advice(end: End, unsafe_files: u64, goes_on: bool, batch: i64) -> Option<String> {
    let again = "the same command goes on where it stopped";
    Some(match end {
        End::Through if unsafe_files == 0 => return None,
        End::Through => format!("Not everything is safe. When the causes are mended, {again}."),
        End::SignedOut => format!("Signed out: sign in with `offload login`; then {again}."),
        End::OnlyWaiting if goes_on => {
            "What is left was tried many times in vain; Offload tries it again later.".into()
        }
        End::OnlyWaiting => format!("What is left was tried many times in vain. Later, {again}."),
        End::NoProgress if goes_on => "Nothing has moved for too long; Offload goes on by itself.".into(),
        End::NoProgress => format!("Given up, since nothing has moved for too long. Later, {again}."),
        End::Interrupted if goes_on => {
            format!("Offload goes on with it in the background; `offload cancel {batch}` would end it.")
        }
        End::Interrupted => format!("Stopped; nothing is lost, and {again}."),
    })
}

/// One object, written row by row: a batch may have very many files that are not confirmed.
async fn as_json(link: &mut Link, query: PageQuery, source: &SourceView, over: &Over, exit: u8) -> Result<(), Failure> {
    let counts: serde_json::Map<String, serde_json::Value> = State::ALL
        .into_iter()
        .map(|state| (state.as_str().to_owned(), source.totals.get(state).files.into()))
        .collect();
    let mut head = serde_json::json!({
        "batch": { "id": source.id, "name": source.name, "roots": source.roots, "prefix": source.prefix, "notices": source.notices },
        "end": over.end.as_str(),
        "detail": over.detail,
        "counts": counts,
        "totals": source.totals,
        "exit": exit,
    })
    .to_string();
    // The object stays open for its rows.
    head.pop();
    out_raw(&format!("{head},\"files\":["))?;
    let mut first = true;
    each(link, query, u64::MAX, |file| {
        let row = serde_json::to_string(&file).map_err(std::io::Error::from)?;
        let comma = if std::mem::take(&mut first) { "" } else { "," };
        Ok(out_raw(&format!("{comma}{row}"))?)
    })
    .await?;
    Ok(out_raw("]}\n")?)
}

fn out_raw(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::{advice, summary};
    use crate::status::tests::{source, totals};
    use crate::upload::verdict::End;
    use offload_protocol::view::{SourceState, State};

    #[test]
    fn summaries() {
        let of = |files: &[(State, u64)]| source(SourceState::Active, Some(1), totals(files));
        for (files, end, text) in [
            (&[][..], End::Through, "no files found."),
            (&[], End::NoProgress, "no files found yet."),
            (&[(State::Confirmed, 1)], End::Through, "all 1 file confirmed, 1.0 kB."),
            (&[(State::Confirmed, 340)], End::Through, "all 340 files confirmed, 340 kB."),
            (
                &[(State::Confirmed, 3), (State::Failed, 1), (State::Waiting, 2)],
                End::OnlyWaiting,
                "3 of 6 files confirmed; 2 waiting, 1 failed.",
            ),
        ] {
            assert_eq!(summary(&of(files), end), text);
        }
    }

    #[test]
    fn there_is_a_next_step_unless_all_is_safe() {
        for end in [End::Through, End::OnlyWaiting, End::SignedOut, End::NoProgress, End::Interrupted] {
            for goes_on in [true, false] {
                assert!(advice(end, 1, goes_on, 3).is_some_and(|text| text.ends_with('.')), "{end:?}");
            }
        }
        assert_eq!(advice(End::Through, 0, false, 3), None);
    }
}
