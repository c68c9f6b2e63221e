//! A running `pasar up` on a new folder, for checks from outside.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::shell::{Outcome, command, target_dir};

/// A first start makes a cluster and seeds it, in a debug build on two cores.
const READY_LIMIT: Duration = Duration::from_secs(300);

/// A started process; it is stopped when dropped.
pub(crate) struct Server {
    child: Child,
    data: PathBuf,
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
}

/// Starts the debug binary with a little demo data and waits until it says that it is ready.
pub(crate) fn start() -> Result<Server, String> {
    let data = target_dir().join("xtask-data");
    remove(&data)?;
    let folder = data.display().to_string();
    let words = [
        "up",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &folder,
        "--seed",
        "small",
    ];
    let program = target_dir().join("debug").join("pasar");
    println!("$ pasar {}", words.join(" "));
    let mut child = command("", program, &words)
        // The default port may be somebody's who works here at the same time.
        .env("PASAR__HTTP__ADMIN_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("pasar cannot be started: {error}"))?;
    let lines = child.stdout.take();
    let mut server = Server {
        child,
        data,
        url: String::new(),
    };
    server.url = lines
        .and_then(wait_for_url)
        .ok_or("pasar did not say `ready http://…`; its output is above")?;
    Ok(server)
}

/// Reads on after the line that matters, so that the process never waits for us.
fn wait_for_url(out: ChildStdout) -> Option<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            println!("  {line}");
            let found = line
                .split_once("ready ")
                .and_then(|(_, rest)| rest.split_whitespace().next())
                .filter(|word| word.starts_with("http://"));
            if let Some(url) = found {
                // Nobody listens any more after the first.
                drop(tell.send(url.trim_end_matches('/').to_owned()));
            }
        }
    });
    told.recv_timeout(READY_LIMIT).ok()
}

impl Server {
    /// Stops it as Ctrl-C does and insists on a clean end.
    pub(crate) fn stop(mut self) -> Outcome {
        self.interrupt();
        let status = self.child.wait();
        let clean = status.as_ref().is_ok_and(std::process::ExitStatus::success);
        remove(&self.data)?;
        if clean {
            return Ok(());
        }
        Err(format!("pasar did not end cleanly: {status:?}"))
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        if !sent.is_ok_and(|status| status.success()) {
            eprintln!("process {pid} could not be interrupted");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.interrupt();
            drop(self.child.wait());
        }
    }
}

fn remove(folder: &PathBuf) -> Outcome {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("removing {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}
