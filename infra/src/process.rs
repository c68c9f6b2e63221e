//! Processes by their number: recognised again, killed, watched, never left behind.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, broken};

/// A process that is recognised although numbers are used again: by when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) pid: u32,
    began: u64,
}

impl Identity {
    /// The process that has this number now.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let began = began(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
        Some(Self { pid, began })
    }

    /// Reads what [`Self::to_text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pid, began) = text.trim().split_once(' ')?;
        Some(Self {
            pid: pid.parse().ok()?,
            began: began.parse().ok()?,
        })
    }

    pub(crate) fn to_text(self) -> String {
        format!("{} {}", self.pid, self.began)
    }

    /// Whether it still runs. One that ended and was not collected does not.
    pub(crate) fn is_running(self) -> bool {
        let line = std::fs::read(format!("/proc/{}/cmdline", self.pid));
        Self::of(self.pid) == Some(self) && line.is_ok_and(|line| !line.is_empty())
    }

    /// Sends a signal, if it still runs.
    pub(crate) fn signal(self, name: &str) -> Result<(), Failure> {
        if !self.is_running() {
            return Ok(());
        }
        let what = format!("sending {name} to process {}", self.pid);
        Command::new("kill")
            .args([format!("-{name}"), self.pid.to_string()])
            .stderr(Stdio::null())
            .status()
            .map_err(broken(what))?;
        Ok(())
    }

    /// Asks it to end, and insists after `patience`.
    pub(crate) fn end(self, patience: Duration) -> Result<(), Failure> {
        self.signal("TERM")?;
        if self.is_gone_within(patience) {
            return Ok(());
        }
        self.signal("KILL")?;
        if self.is_gone_within(patience) {
            return Ok(());
        }
        Err(Failure::Broken(format!(
            "process {} does not end",
            self.pid
        )))
    }

    fn is_gone_within(self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while self.is_running() {
            if Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        true
    }
}

/// The 22nd field of `/proc/<pid>/stat`, counted behind the name in brackets, which may hold anything.
fn began(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

/// Kills a process when this one ends in whatever way: it waits on a pipe that closes with it. Drop it after the
/// process was waited for.
pub struct Guard {
    shell: Child,
    _pipe: Option<ChildStdin>,
}

impl Guard {
    /// Of the process with that id.
    ///
    /// # Errors
    /// When there is no `sh`.
    pub fn of(pid: u32) -> Result<Self, Failure> {
        let mut shell = Command::new("sh")
            .args(["-c", "read -r line; kill -9 \"$0\"", &pid.to_string()])
            // Not in our group: Ctrl-C on the terminal must not end it before us.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken("starting sh"))?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, _pipe: pipe })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Before the pipe closes: the number may be somebody else's by now.
        drop(self.shell.kill());
        drop(self.shell.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_found_behind_any_name() {
        let rest = (3..=30).map(|field| format!("{field}")).collect::<Vec<_>>();
        let stat = format!("17 (a) b (c)) {}", rest.join(" "));
        assert_eq!(began(&stat), Some(22));
        assert_eq!(began(""), None);
    }

    #[test]
    fn a_process_is_known_by_number_and_beginning() {
        let own = Identity::of(std::process::id()).unwrap();
        assert!(own.is_running());
        assert_eq!(Identity::parse(&own.to_text()), Some(own));
        let other = Identity {
            began: own.began + 1,
            ..own
        };
        assert!(!other.is_running(), "the same number, another process");
        other.signal("KILL").unwrap();
    }

    #[test]
    fn a_guard_kills_when_its_pipe_closes_and_not_when_it_is_dropped() {
        let mut kept = Command::new("sleep").arg("60").spawn().unwrap();
        drop(Guard::of(kept.id()).unwrap());
        assert!(kept.try_wait().unwrap().is_none());
        let mut guard = Guard::of(kept.id()).unwrap();
        drop(guard._pipe.take());
        assert!(!kept.wait().unwrap().success());
    }
}
