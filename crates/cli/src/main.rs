//! `offload`: uploads photographs from a terminal, a script or a server, with the same engine as the app.

mod args;
mod doctor;
mod export;
mod failure;
mod link;
mod list;
mod login;
mod out;
mod run;
mod setting;
mod shell;
mod sources;
mod status;
mod steer;
mod until;
mod upload;
mod why;
mod words;

use args::{Arguments, Verb};
use clap::Parser;
use failure::{CONFIGURATION, Failure};
use offload_engine::program::begin_logs;
use setting::Setting;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.common.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ended(Err(error.into()), json),
    };
    let exit = runtime.block_on(carry_out(arguments));
    // A prompt of the keyring's, or a read of a terminal, may never end; nothing of ours is left to wait for.
    runtime.shutdown_background();
    ended(exit, json)
}

async fn carry_out(arguments: Arguments) -> Result<u8, Failure> {
    match arguments.verb {
        Verb::Completions { shell } => return shell::completions(shell),
        Verb::Man { folder } => return shell::man(folder.as_deref()),
        _ => {}
    }
    let setting = Setting::new(arguments.common)?;
    let _logs = begin_logs(&setting.dir, arguments.verb.makes_data());
    let exit = one_verb(&setting, arguments.verb).await;
    if let Err(failure) = &exit {
        tracing::error!(code = failure.code, "{}", failure.message);
    }
    exit
}

async fn one_verb(setting: &Setting, verb: Verb) -> Result<u8, Failure> {
    // Boxed: the verbs' futures are large, and one stands for all.
    match verb {
        Verb::Upload(upload) => Box::pin(upload::upload(setting, upload)).await,
        Verb::Add(add) => Box::pin(sources::add(setting, add)).await,
        Verb::Edit(edit) => Box::pin(sources::edit(setting, edit)).await,
        Verb::Remove { source } => Box::pin(sources::remove(setting, &source)).await,
        Verb::Sources => Box::pin(sources::list(setting)).await,
        Verb::Run { wait } => Box::pin(run::run(setting, wait)).await,
        Verb::Status => Box::pin(status::status(setting)).await,
        Verb::List(list) => Box::pin(list::list(setting, list)).await,
        Verb::Why { path } => Box::pin(why::why(setting, &path)).await,
        Verb::Dismiss(what) => Box::pin(steer::dismiss(setting, what)).await,
        Verb::Retry(retry) => Box::pin(steer::retry(setting, retry)).await,
        Verb::Pause(pause) => Box::pin(steer::pause(setting, pause)).await,
        Verb::Resume { source } => Box::pin(steer::resume(setting, source.as_deref())).await,
        Verb::Cancel { batch } => Box::pin(steer::cancel(setting, &batch)).await,
        Verb::Limit { rate } => Box::pin(steer::limit(setting, rate.0)).await,
        Verb::Export(export) => Box::pin(export::export(setting, export)).await,
        Verb::Login(login) => Box::pin(login::login(setting, login)).await,
        Verb::Logout => Box::pin(login::logout(setting)).await,
        Verb::Doctor(doctor) => Box::pin(doctor::doctor(setting, doctor)).await,
        Verb::Completions { .. } | Verb::Man { .. } => Ok(CONFIGURATION),
    }
}

fn ended(exit: Result<u8, Failure>, json: bool) -> ExitCode {
    match exit {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.show(json);
            failure.exit.into()
        }
    }
}
