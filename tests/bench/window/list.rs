//! The list of 100,000 files: its pages as the window waits for them, jumps to anywhere in it, its memory, and its rest.

use super::start::painted;
use super::{Known, app};
use crate::Scale;
use crate::measure::{Rounds, cpu_of, processes_of, resident};
use crate::place::Sandbox;
use crate::report::Line;
use anyhow::{Context, Result, anyhow, ensure};
use offload_engine::control::Client;
use offload_protocol::control::{Reply, Request};
use offload_protocol::view::{Filter, Order, PageQuery, State, Status};
use offload_tests::desktop::{By, Desktop, PATIENCE, Window};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// A page, asked for in the window: through Tauri to the engine and back.
const A_PAGE_MS: f64 = 50.0;
const AIM_PERCENT: f64 = 0.5;
/// By then WebKit's own caches are as large as they get.
const JUMPS: u32 = 500;
const TRIES: u32 = 9;

/// Asks for each page some times; the milliseconds, page by page.
const ASK_PAGES: &str = r"
    const [queries, tries, done] = arguments;
    const all = [];
    for (const query of queries) {
      const took = [];
      for (let at = 0; at < tries; at++) {
        const began = performance.now();
        await window.__TAURI_INTERNALS__.invoke('page', { query });
        took.push(performance.now() - began);
      }
      all.push(took);
    }
    done(all);
";

/// Jumps to places all over the list, and waits each time until the rows there stand on the screen; the milliseconds.
const JUMP: &str = r"
    const [jumps, done] = arguments;
    const grid = document.querySelector('[role=grid]');
    const frame = () => new Promise(requestAnimationFrame);
    const filled = () => {
      const box = grid.getBoundingClientRect();
      const inside = [...grid.querySelectorAll('[data-index]')].filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return top >= box.top && bottom <= box.bottom;
      });
      return inside.length > 5 && inside.every((row) => row.querySelector('[title]'));
    };
    const all = [];
    for (let at = 0; at < jumps; at++) {
      const began = performance.now();
      grid.scrollTop = ((at * 7919) % 1000) / 1000 * (grid.scrollHeight - grid.clientHeight);
      await frame();
      while (!filled() && performance.now() - began < 5000) await frame();
      all.push(performance.now() - began);
    }
    done(all);
";

pub(super) async fn pages_and_memory(
    scale: Scale,
    desktop: &Desktop,
    sandbox: &Sandbox,
    few: &Known,
    many: &Known,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut memory = Vec::new();
    for known in [few, many] {
        let window = app(desktop, sandbox, &known.data)?.open().await;
        window.find(&By::css("[role=grid] [data-index] [title]")).await;
        at_rest(&known.data).await?;
        let pages = pages(&window, known.files).await?;
        let jumps = jumps(&window, if scale.rounds(2) == 1 { 10 } else { JUMPS }).await?;
        if known.files == many.files {
            lines.extend(pages);
            lines.push(Line::new(
                format!("a jump to anywhere among {} files, until its rows stand there", known.files),
                jumps.show("ms", 0),
            ));
        }
        memory.push((web_process(&window)?, application(&window)?));
        window.close().await;
    }
    let [(web_few, app_few), (web_many, app_many)] = memory[..] else { return Err(anyhow!("two windows were opened")) };
    let counts = format!("{} files, beside {}", many.files, few.files);
    lines.push(
        Line::new(format!("resident memory of the page after {JUMPS} jumps: {counts}"), format!("{web_many:.0} MB"))
            .floor(format!("{web_few:.0} MB"), web_many / web_few)
            .aim("no growth (1.1 or less)", web_many / web_few <= 1.1),
    );
    lines.push(
        Line::new(format!("resident memory of the app's own process: {counts}"), format!("{app_many:.0} MB"))
            .floor(format!("{app_few:.0} MB"), app_many / app_few),
    );
    Ok(lines)
}

async fn pages(window: &Window<'_>, files: u64) -> Result<Vec<Line>> {
    let page = |order, offset, filter| PageQuery { filter, order, descending: true, offset, limit: 200, count: true };
    let all = Filter::default;
    let search = |text: &str| Filter { search: Some(text.into()), ..all() };
    let asked = [
        ("first, as seen", page(Order::Seen, 0, all())),
        ("middle, as seen", page(Order::Seen, files / 2, all())),
        ("last, by name", page(Order::Path, files - files.min(200), all())),
        ("middle, by size", page(Order::Size, files / 2, all())),
        (
            "middle of the confirmed, by change",
            page(Order::Changed, files / 2, Filter { states: vec![State::Confirmed], ..all() }),
        ),
        ("failed (none)", page(Order::Changed, 0, Filter { states: vec![State::Failed], ..all() })),
        ("search with many hits", page(Order::Seen, 0, search("img"))),
        ("search with one hit", page(Order::Seen, 0, search("img_000777"))),
        ("search with no hit", page(Order::Path, 0, search("wedding"))),
    ];
    let queries: Vec<&PageQuery> = asked.iter().map(|(_, query)| query).collect();
    let took = window.answer(ASK_PAGES, json!([queries, TRIES])).await?;
    let took: Vec<Vec<f64>> = serde_json::from_value(took)?;
    ensure!(took.len() == asked.len(), "not every page was answered");
    Ok(asked.iter().zip(took).map(|((word, _), took)| a_page(word, took)).collect())
}

fn a_page(word: &str, took: Vec<f64>) -> Line {
    let mut rounds = Rounds::default();
    took.into_iter().for_each(|took| rounds.push(took));
    Line::new(format!("page in the window, with its count: {word}"), rounds.show("ms", 1))
        .aim("under 50 ms", rounds.median() < A_PAGE_MS)
}

async fn jumps(window: &Window<'_>, jumps: u32) -> Result<Rounds> {
    let took: Vec<f64> = serde_json::from_value(window.answer(JUMP, json!([jumps])).await?)?;
    let mut rounds = Rounds::default();
    took.into_iter().for_each(|took| rounds.push(took));
    Ok(rounds)
}

fn web_process(window: &Window<'_>) -> Result<f64> {
    let processes = processes_of(window.group());
    let found = processes.iter().find(|(_, name)| name.starts_with("WebKitWebProc"));
    found.and_then(|(process, _)| resident(*process)).with_context(|| format!("no web process among {processes:?}"))
}

fn application(window: &Window<'_>) -> Result<f64> {
    window.process().and_then(resident).context("the app does not run")
}

/// CPU of the app and its web processes while nothing happens and its window is open.
pub(super) async fn rest(scale: Scale, desktop: &Desktop, sandbox: &Sandbox, known: &Known) -> Result<Vec<Line>> {
    let (mut running, _) = painted(&app(desktop, sandbox, &known.data)?, "painted after ").await?;
    at_rest(&known.data).await?;
    // What the start left to do: caches, the tray, the window's own frame.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let seconds = if scale.rounds(2) == 1 { 3 } else { 30 };
    let cpu = || processes_of(running.id()).into_iter().filter_map(|(process, _)| cpu_of(process)).sum::<f64>();
    let (began, before) = (Instant::now(), cpu());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let percent = (cpu() - before) / began.elapsed().as_secs_f64() * 100.0;
    let processes = processes_of(running.id());
    let memory: f64 = processes.iter().filter_map(|(process, _)| resident(*process)).sum();
    running.terminate();
    running.ended().await;
    Ok(vec![
        Line::new(
            format!("CPU of one core over {seconds} s, window open, {} files watched, all confirmed", known.files),
            format!("{percent:.2} %"),
        )
        .aim("under 0.5 %", percent < AIM_PERCENT),
        Line::new(
            format!("resident memory of its {} processes, what they share counted in each", processes.len()),
            format!("{memory:.0} MB"),
        ),
    ])
}

/// Waits until the first look through the folder is over and nothing is left to do.
async fn at_rest(data: &Path) -> Result<()> {
    let still = |status: &Status| {
        status.totals.pending() == 0
            && status.account.is_some()
            && status.sources.iter().all(|source| !source.scanning && source.scanned_at_ms.is_some())
    };
    until(data, still).await.map(|_| ())
}

/// Asks the app's engine for its status until it is as wanted.
pub(super) async fn until(data: &Path, wanted: impl Fn(&Status) -> bool) -> Result<Status> {
    let began = Instant::now();
    let mut client = None;
    loop {
        if client.is_none() {
            client = Client::connect(data).await;
        }
        if let Some(engine) = &mut client {
            match engine.request(&Request::Status).await {
                Ok(Reply::Status(status)) if wanted(&status) => return Ok(*status),
                Ok(_) => {}
                Err(_) => client = None,
            }
        }
        ensure!(began.elapsed() < PATIENCE * 3, "the engine on {} never came to rest", data.display());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
