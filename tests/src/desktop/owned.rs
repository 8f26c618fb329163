//! Processes that end with their owner, whatever way that one ends.

use super::{LOOK_AGAIN, PATIENCE};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// A process at the head of a group of its own. Dropping it kills the whole group.
#[derive(Debug)]
pub struct Owned {
    name: String,
    child: Child,
    group: Pid,
    log: PathBuf,
}

impl Owned {
    /// Starts it; what it writes goes to the log, which also keeps a child that outlives it from holding our pipes open.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let out = File::options().create(true).append(true).open(log).unwrap();
        let err = out.try_clone().unwrap();
        let child = command
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let group = Pid::from_child(&child);
        reaper(true, group);
        Self { name, child, group, log: log.to_owned() }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// SIGTERM to the process alone.
    pub fn terminate(&self) {
        rustix::process::kill_process(self.group, Signal::TERM).unwrap();
    }

    /// SIGKILL to the whole group: no time to say goodbye.
    pub fn kill(mut self) {
        self.end();
    }

    /// Waits until it has ended by itself; its exit code, -1 for a signal.
    pub async fn ended(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.has_ended() {
                return status.code().unwrap_or(-1);
            }
            assert!(began.elapsed() < PATIENCE, "{} does not end:\n{}", self.name, self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn end(&mut self) {
        // The group may be gone already, which is as good.
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
        reaper(false, self.group);
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.end();
    }
}

/// A shell that is told every group that starts and ends, and kills those that are left when its input closes: also where
/// the test program is killed, or ends by a signal from the terminal, which reaches no other group.
fn reaper(started: bool, group: Pid) {
    const SCRIPT: &str = r#"
        left=" "
        while read -r what group; do
            case $what in
                +) left="$left$group " ;;
                -) left="${left%% $group *} ${left#* $group }" ;;
            esac
        done
        for group in $left; do kill -KILL -- "-$group" 2>/dev/null; done
    "#;
    static INPUT: OnceLock<Mutex<ChildStdin>> = OnceLock::new();
    let input = INPUT.get_or_init(|| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Mutex::new(shell.spawn().unwrap().stdin.take().unwrap())
    });
    let word = if started { '+' } else { '-' };
    let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(input, "{word} {}", group.as_raw_nonzero()).unwrap();
}
