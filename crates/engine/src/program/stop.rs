//! Ctrl-C and SIGTERM.

use std::io;

/// Waits for the system's wish that this process ends: Ctrl-C, SIGTERM, a closed console.
#[derive(Debug)]
pub struct StopSignal {
    #[cfg(unix)]
    kinds: [tokio::signal::unix::Signal; 3],
    #[cfg(windows)]
    kinds: (tokio::signal::windows::CtrlC, tokio::signal::windows::CtrlBreak, tokio::signal::windows::CtrlClose),
}

impl StopSignal {
    /// Begins to listen; from here on the system's own way of ending the process is off.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            kinds: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?],
        })
    }

    /// Begins to listen; from here on the system's own way of ending the process is off.
    #[cfg(windows)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self { kinds: (ctrl_c()?, ctrl_break()?, ctrl_close()?) })
    }

    /// Waits until the process is to end.
    #[cfg(unix)]
    pub async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.kinds;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    /// Waits until the process is to end.
    #[cfg(windows)]
    pub async fn wait(&mut self) {
        let (c, pause, close) = &mut self.kinds;
        tokio::select! {
            _ = c.recv() => {}
            _ = pause.recv() => {}
            _ = close.recv() => {}
        }
    }
}
