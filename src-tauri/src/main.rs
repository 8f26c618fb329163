//! Offload's window and tray.

mod app;
mod arguments;
mod awake;
mod commands;
mod desk;
mod face;
mod given;
#[cfg(target_os = "linux")]
mod graphics;
mod life;
mod names;
mod notices;
#[cfg(test)]
mod rights;
mod setting;
mod shell;
mod tauri_desk;
mod texts;
mod thumb;
mod tray_host;

use arguments::Arguments;
use clap::Parser;
use setting::Setting;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Time since the process began.
fn since_start() -> Duration {
    START.elapsed()
}

fn main() -> ExitCode {
    LazyLock::force(&START);
    #[cfg(target_os = "linux")]
    graphics::settle();
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            tracing::error!("{error:#}");
            // Started from a terminal, or into the desktop's journal: there is no window to say it in.
            #[expect(clippy::print_stderr)]
            {
                eprintln!("offload-desktop: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<i32> {
    let setting = Setting::new(&arguments)?;
    let _logs = offload_engine::program::begin_logs(&setting.dir, true);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    tauri::async_runtime::set(runtime.handle().clone());
    let code = app::run(arguments, setting)?;
    // A prompt of the keyring's may never end; nothing of ours is left to wait for.
    runtime.shutdown_background();
    Ok(code)
}
