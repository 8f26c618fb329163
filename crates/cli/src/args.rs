//! The command line: verbs, options, and the words that explain them.

use clap::{Args, Parser, Subcommand, ValueEnum};
use offload_engine::config::parse_bandwidth;
use offload_protocol::view::{ChangedPolicy, State};
use offload_protocol::window::BackendProtocol;
use std::path::PathBuf;

/// Upload photographs straight to your studio's storage, and know that each one arrived.
///
/// Offload asks your backend where each file may go, sends it there, checks that the bytes arrived whole, and tells the
/// backend. Every file is kept in a ledger: nothing is sent twice, nothing is forgotten, and a stop at any moment loses nothing.
#[derive(Debug, Parser)]
#[command(name = "offload", version, about, long_about, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Start with:\n  offload login --backend https://photos.example.com/api\n  offload upload ~/Pictures/Wedding"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Options of every verb.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Folder with the ledger, the settings and the logs.
    #[arg(
        long,
        global = true,
        env = "OFFLOAD_DATA_DIR",
        hide_env_values = true,
        value_name = "FOLDER",
        help_heading = "General options"
    )]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address of your backend, instead of the one you signed in to.
    #[arg(
        long,
        global = true,
        env = "OFFLOAD_BACKEND",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "General options"
    )]
    pub(crate) backend: Option<String>,
    /// Print JSON for other programs to read.
    #[arg(long, global = true, help_heading = "General options")]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Upload folders or files once, and wait until each one is safe.
    Upload(Upload),
    /// Watch a folder: whatever is put into it is uploaded while Offload runs.
    Add(Add),
    /// Change a source's name, destination or patterns. Its folder stays.
    Edit(Edit),
    /// Stop watching a folder, or put a batch out of sight. Nothing is deleted anywhere.
    #[command(visible_alias = "rm")]
    Remove {
        /// Number from `offload sources`, or the folder itself.
        #[arg(value_name = "SOURCE")]
        source: PathBuf,
    },
    /// List the watched folders and the batches.
    Sources,
    /// Run without a window: watch and upload until Ctrl-C or SIGTERM.
    Run {
        /// If another Offload works on the ledger, an upload say, wait until it ends instead of giving up.
        #[arg(long)]
        wait: bool,
    },
    /// Say whether everything is safe.
    ///
    /// Exit code: 0 everything is confirmed, 1 some files failed or went missing, 3 not everything is confirmed yet,
    /// 2 the ledger or the settings cannot be read.
    Status,
    /// List files.
    #[command(visible_alias = "ls")]
    List(List),
    /// Tell the whole story of one file: its versions, every try, what went wrong and what to do.
    Why {
        /// The file on this machine. It need not exist any more.
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
    /// Try files again that failed or wait.
    Retry(Retry),
    /// Stop asking for files that went missing before they were sent. Back on disk they are sent all the same.
    Dismiss(Retry),
    /// Stop sending for now: everything, or one source.
    Pause(Pause),
    /// Go on after a pause.
    Resume {
        /// Number from `offload sources`, or the folder itself.
        #[arg(value_name = "SOURCE")]
        source: Option<PathBuf>,
    },
    /// Cancel a batch: what has not been sent yet stays unsent.
    Cancel {
        /// Number from `offload sources`, or the path that was given.
        #[arg(value_name = "BATCH")]
        batch: PathBuf,
    },
    /// Limit how fast Offload sends, from now on and for the next start; `off` lifts the limit.
    Limit {
        /// Bytes a second, as in 5MB or 500kB, or `off`.
        #[arg(value_name = "RATE", value_parser = rate)]
        rate: Rate,
    },
    /// Write the whole ledger, for a spreadsheet or another program.
    Export(Export),
    /// Sign in to your backend; the token goes into this machine's keyring.
    Login(Login),
    /// Forget the token.
    Logout,
    /// Check this machine and the backend's whole contract, and say how to mend what is wrong.
    ///
    /// The backend is asked for signatures of files that exist in name only; they are taken apart. Two files of 1 KB
    /// (offload-doctor-…, under offload-doctor/) are really sent and confirmed, and stay in the bucket.
    /// Exit code: 0 no problem, 1 some problem.
    Doctor(Doctor),
    /// Print completions for your shell.
    Completions {
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Write the manual: one page a verb into a folder, or the main page to the terminal.
    Man {
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

impl Verb {
    /// Whether the verb may make the data folder where there is none.
    pub(crate) const fn makes_data(&self) -> bool {
        matches!(self, Self::Upload(_) | Self::Add(_) | Self::Run { .. } | Self::Login(_))
    }
}

/// Bytes a second; `None`: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate(pub(crate) Option<u64>);

fn rate(text: &str) -> Result<Rate, String> {
    if matches!(text.trim().to_ascii_lowercase().as_str(), "off" | "none" | "unlimited") {
        return Ok(Rate(None));
    }
    bandwidth(text).map(|rate| Rate(Some(rate)))
}

fn bandwidth(text: &str) -> Result<u64, String> {
    parse_bandwidth(text).map_err(|detail| format!("it {detail}"))
}

fn protocol(word: &str) -> Result<BackendProtocol, String> {
    match word.to_ascii_lowercase().as_str() {
        "offload" => Ok(BackendProtocol::Offload),
        "companion" => Ok(BackendProtocol::Companion),
        _ => Err("it is offload or companion".into()),
    }
}

fn state(word: &str) -> Result<State, String> {
    State::parse(&word.to_ascii_lowercase()).ok_or_else(|| {
        let words: Vec<&str> = State::ALL.into_iter().map(State::as_str).collect();
        format!("the states are {}", words.join(", "))
    })
}

/// Which files of a folder, and where they go.
#[derive(Debug, Clone, Args)]
pub(crate) struct Choice {
    /// Folder in the storage to put them under, as in clients/smith.
    #[arg(long, value_name = "FOLDER", default_value = "")]
    pub(crate) prefix: String,
    /// Name to show; otherwise that of the folder.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Send only what matches, as in "*.cr3" or "selects/**"; may be given more than once.
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out what matches; may be given more than once.
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 every file is confirmed, 1 some are not, 2 it could not be tried.\nThe same paths again are the same batch: only what is new, changed or failed is sent."
)]
pub(crate) struct Upload {
    /// Folders and files to upload.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Send no faster than this, as in 5MB (a second).
    #[arg(long, value_name = "RATE", value_parser = bandwidth)]
    pub(crate) bandwidth: Option<u64>,
    /// Upload at most so many files at once.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) concurrency: Option<u32>,
    /// Give up when nothing has moved for so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) give_up_after: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The folder to watch.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// When a file changes after it was sent, keep the first version and do not send the change.
    #[arg(long)]
    pub(crate) keep_first: bool,
}

/// What happens when a file changes after it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnChange {
    /// The change is sent too, as a new version.
    NewVersion,
    /// The first version stands.
    KeepFirst,
}

impl From<OnChange> for ChangedPolicy {
    fn from(changed: OnChange) -> Self {
        match changed {
            OnChange::NewVersion => Self::NewVersion,
            OnChange::KeepFirst => Self::KeepFirst,
        }
    }
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "What is not named stays as it is. Files that the new patterns leave out and that were not sent yet are skipped;\nfiles that they let in are found at once."
)]
pub(crate) struct Edit {
    /// Number from `offload sources`, or the folder itself.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    /// Name to show.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Folder in the storage for what is sent from now on; empty for none.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) prefix: Option<String>,
    /// Send only what matches, in place of the patterns before; may be given more than once, and one empty one takes all away.
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out what matches, in place of the patterns before; one empty one takes all away.
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// What happens when a file changes after it was sent.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) changed: Option<OnChange>,
}

#[derive(Debug, Args)]
pub(crate) struct Pause {
    /// Number from `offload sources`, or the folder itself.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Option<PathBuf>,
    /// Go on by itself after so long, as in 30min or "1h 30min"; only for everything.
    #[arg(long = "for", value_name = "DURATION", value_parser = crate::until::length, conflicts_with_all = ["source", "until"])]
    pub(crate) length: Option<jiff::Span>,
    /// Go on by itself at this time, as in 07:00 or "2026-12-24 18:00"; only for everything.
    #[arg(long, value_name = "TIME", value_parser = crate::until::moment, conflicts_with = "source")]
    pub(crate) until: Option<crate::until::Moment>,
}

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// As they were first seen.
    Seen,
    Path,
    Size,
    /// By their last change of state.
    Changed,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only files in this state (failed, waiting, confirmed, …); may be given more than once.
    #[arg(long = "state", value_name = "STATE", value_parser = state)]
    pub(crate) states: Vec<State>,
    /// Only files of this source: its number, or its folder.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<PathBuf>,
    /// Only files with this in their path, in any case.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Sort by this.
    #[arg(long, value_enum, default_value_t = By::Seen, value_name = "ORDER")]
    pub(crate) order: By,
    /// Turn the order round.
    #[arg(long)]
    pub(crate) reverse: bool,
    /// Files to show, at most.
    #[arg(long, default_value_t = 50, conflicts_with = "all", value_name = "NUMBER")]
    pub(crate) limit: u64,
    /// Files to pass over first.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) offset: u64,
    /// Show all files.
    #[arg(long)]
    pub(crate) all: bool,
    /// Also show versions that later ones replaced.
    #[arg(long)]
    pub(crate) old_versions: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Retry {
    /// Everything there is.
    #[arg(long)]
    pub(crate) all: bool,
    /// Everything of one source: its number, or its folder.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<PathBuf>,
    /// These files.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One line a file, with a line of headings; opens in any spreadsheet.
    Csv,
    /// One JSON object a line (JSON Lines).
    Json,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Every version of every file is written, with its state, checksum, place in the storage and times in UTC.\nJSON is written as JSON Lines: one object a line, so that it can be read piece by piece."
)]
pub(crate) struct Export {
    /// csv, or json for JSON Lines; --json means the latter.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Write to this file instead of the terminal.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "On a machine without a keyring set OFFLOAD_TOKEN in the environment instead.")]
pub(crate) struct Login {
    /// Word before the token in the Authorization header, where your backend wants another than Bearer.
    #[arg(long, value_name = "WORD")]
    pub(crate) auth_scheme: Option<String>,
    /// Read the token from standard input instead of asking for it.
    #[arg(long)]
    pub(crate) token_stdin: bool,
    /// Sign in by a browser, also where this is no terminal; fails where the backend offers no such sign-in.
    #[arg(long, conflicts_with_all = ["token_stdin", "no_token"])]
    pub(crate) browser: bool,
    /// Ask for a token, also where the backend offers a sign-in by a browser.
    #[arg(long, conflicts_with_all = ["browser", "no_token"])]
    pub(crate) paste: bool,
    /// What the backend speaks: offload (protocol v1), or companion (Uppy Companion, a Shrine presign endpoint).
    #[arg(long, value_name = "PROTOCOL", value_parser = protocol)]
    pub(crate) protocol: Option<BackendProtocol>,
    /// There is no token: a Companion that asks for none.
    #[arg(long, conflicts_with = "token_stdin")]
    pub(crate) no_token: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Send no file: the signatures are still taken apart, S3 itself and the confirmation are not tried.
    #[arg(long)]
    pub(crate) no_probe: bool,
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Rate, Verb, rate};
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_verb_and_option_is_explained() {
        let mut command = Arguments::command();
        command.build();
        let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
        assert_eq!(verbs.len(), 21, "{verbs:?}");
        for verb in command.get_subcommands_mut() {
            let name = verb.get_name().to_owned();
            assert!(verb.get_about().is_some(), "{name} has no explanation");
            for argument in verb.get_opts() {
                assert!(argument.get_help().is_some(), "{name} {} has no explanation", argument.get_id());
            }
            let help = verb.render_long_help().to_string();
            assert!(help.contains("--json") && help.contains("--data-dir"), "{name}");
        }
    }

    #[test]
    fn rates() {
        assert_eq!(rate("off"), Ok(Rate(None)));
        assert_eq!(rate("5MB"), Ok(Rate(Some(5_000_000))));
        assert!(rate("5").is_err() && rate("fast").is_err());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for line in [
            "upload",
            "upload a --concurrency 0",
            "upload a --concurrency 65",
            "upload a --bandwidth 5",
            "retry",
            "retry --all a.jpg",
            "list --state lost",
            "pause 1 --for 1h",
            "pause --for 1h --until 07:00",
            "pause --for soon",
            "pause --until noonish",
            "edit",
            "edit 1 --changed never",
            "list --all --limit 5",
            "export --format xml",
        ] {
            let words = std::iter::once("offload").chain(line.split(' '));
            assert!(Arguments::try_parse_from(words).is_err(), "{line}");
        }
    }

    #[test]
    fn options_stand_before_or_behind_the_verb() {
        for line in ["offload --json status", "offload status --json"] {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            assert!(arguments.common.json && matches!(arguments.verb, Verb::Status));
        }
    }
}
