//! The server process: starting, ending, and ending what a killed run left.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::binaries::Binaries;
use super::folder::Folder;
use super::log::{last_words, may_pass, rotate, written_since};
use super::{ClusterError, Progress};

/// Crash recovery replays at most `max_wal_size`, which a slow disk does in well under this.
const START_LIMIT: Duration = Duration::from_secs(180);
const STOP_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);
/// The system's limit for a socket path is 104 to 108 bytes, name included.
const SOCKET_DIR_LIMIT: usize = 80;
/// Another process may take the chosen port, and processes of a killed server need a moment to end, more of it
/// when they were recovering from another crash.
const START_ATTEMPTS: u32 = 20;

/// For small machines, and for the pools of seven installations side by side, as tests have them; the rest are
/// PostgreSQL's defaults.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "max_connections=500",
    "shared_buffers=128MB",
    "max_wal_size=1GB",
    "checkpoint_timeout=15min",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] %d ",
    "log_destination=stderr",
    "logging_collector=off",
];

/// What a cluster gives up when its data may be lost.
const NOT_DURABLE: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// A server started by this process.
pub(super) struct Postmaster {
    child: Child,
    // Ends the server when this process is gone in whatever way; see `guard`.
    guard: Child,
    pid: u32,
    port: u16,
    pg_ctl: Signaller,
    log: PathBuf,
}

/// `pg_ctl kill`, which sends signals without unsafe code and only as the server's own user.
struct Signaller {
    program: PathBuf,
    account: super::Account,
}

impl Signaller {
    fn new(folder: &Folder, binaries: &Binaries) -> Self {
        Self {
            program: binaries.program("pg_ctl"),
            account: folder.account(),
        }
    }

    fn command(&self, signal: &str, pid: u32) -> Command {
        let mut command = self.account.command(&self.program);
        command
            .args(["kill", signal, &pid.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    async fn send(&self, signal: &str, pid: u32) -> Result<(), ClusterError> {
        // A failure means that the process is gone already, which the caller sees by waiting.
        self.command(signal, pid)
            .status()
            .await
            .map(|_| ())
            .map_err(ClusterError::io(format!(
                "running {}",
                self.program.display()
            )))
    }
}

/// Ends a server that a killed parent left behind for this folder, and clears what lies about it.
pub(super) async fn end_orphan(
    folder: &Folder,
    binaries: &Binaries,
    progress: Progress<'_>,
) -> Result<(), ClusterError> {
    let pid_file = folder.cluster().join("postmaster.pid");
    let Some(pid) = PidFile::read(&pid_file).map(|file| file.pid) else {
        return Ok(());
    };
    if is_server_of(pid, &folder.cluster()).await {
        progress(&format!(
            "ending PostgreSQL (process {pid}) that a killed run left behind"
        ));
        let signaller = Signaller::new(folder, binaries);
        signaller.send("INT", pid).await?;
        let started = Instant::now();
        let mut asked_again = false;
        while is_server_of(pid, &folder.cluster()).await {
            if started.elapsed() > STOP_LIMIT && !asked_again {
                signaller.send("QUIT", pid).await?;
                asked_again = true;
            } else if started.elapsed() > STOP_LIMIT * 2 {
                return Err(ClusterError::Failed {
                    what: "the PostgreSQL of an earlier run does not end",
                    output: format!("stop process {pid} by hand"),
                    log: folder.log(),
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }
    // Whoever has that process id now is not our server, and the folder's lock is ours. A server
    // would refuse to start because of it.
    match std::fs::remove_file(&pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ClusterError::io(format!("removing {}", pid_file.display()))(error))
        }
        _ => Ok(()),
    }
}

/// Whether a process is a server that was started for this data directory.
async fn is_server_of(pid: u32, cluster: &Path) -> bool {
    let proc = PathBuf::from(format!("/proc/{pid}/cmdline"));
    let command_line = if Path::new("/proc/self/cmdline").exists() {
        std::fs::read(proc).unwrap_or_default()
    } else {
        let ps = Command::new("ps")
            .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
            .output();
        ps.await.map(|output| output.stdout).unwrap_or_default()
    };
    let command_line = String::from_utf8_lossy(&command_line).replace('\0', " ");
    // As `Postmaster::spawn` writes it.
    command_line.contains(&format!("/postgres -D {} -p ", cluster.display()))
}

impl Postmaster {
    /// Starts the server and waits until it accepts connections.
    pub(super) async fn start(
        folder: &Folder,
        binaries: &Binaries,
        durable: bool,
    ) -> Result<Self, ClusterError> {
        let socket_dir = folder.make_private("socket")?;
        rotate(&folder.log())?;
        let mut attempt = 1;
        loop {
            let log_start = std::fs::metadata(folder.log()).map_or(0, |file| file.len());
            let mut postmaster = Self::spawn(folder, binaries, durable, &socket_dir)?;
            match postmaster.wait_until_ready(&folder.cluster()).await {
                Ok(()) => return Ok(postmaster),
                Err(failure) => {
                    let written = written_since(&folder.log(), log_start);
                    if attempt == START_ATTEMPTS || !may_pass(&written) {
                        return Err(ClusterError::Failed {
                            what: failure,
                            output: last_words(&written),
                            log: folder.log(),
                        });
                    }
                    attempt += 1;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    fn spawn(
        folder: &Folder,
        binaries: &Binaries,
        durable: bool,
        socket_dir: &Path,
    ) -> Result<Self, ClusterError> {
        let port = free_port()?;
        let log = folder.log();
        let opening = || ClusterError::io(format!("opening {}", log.display()));
        let out = OpenOptions::new()
            .create(true)
            .append(true)
            // It may quote statements.
            .mode(0o600)
            .open(&log)
            .map_err(opening())?;
        let err = out.try_clone().map_err(opening())?;
        let mut command = folder.account().command(&binaries.program("postgres"));
        command.arg("-D").arg(folder.cluster());
        command.args(["-p", &port.to_string()]);
        command.arg("-k");
        if socket_dir.as_os_str().len() <= SOCKET_DIR_LIMIT {
            command.arg(socket_dir);
        } else {
            command.arg("");
        }
        let extra = if durable { &[][..] } else { NOT_DURABLE };
        for setting in SETTINGS.iter().chain(extra) {
            command.args(["-c", setting]);
        }
        let child = command
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(ClusterError::io("starting postgres"))?;
        let pid = child.id().ok_or_else(|| ClusterError::Failed {
            what: "postgres ended at once",
            output: String::new(),
            log: log.clone(),
        })?;
        Ok(Self {
            guard: guard(folder, pid)?,
            child,
            pid,
            port,
            pg_ctl: Signaller::new(folder, binaries),
            log,
        })
    }

    async fn wait_until_ready(&mut self, cluster: &Path) -> Result<(), &'static str> {
        let pid_file = cluster.join("postmaster.pid");
        let started = Instant::now();
        loop {
            let ready = PidFile::read(&pid_file)
                .is_some_and(|file| file.pid == self.pid && file.status == "ready");
            if ready {
                return Ok(());
            }
            if !self.is_running() {
                return Err("PostgreSQL did not start");
            }
            if started.elapsed() > START_LIMIT {
                return Err("PostgreSQL was not ready in time");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// A fast shutdown; an immediate one when that takes too long.
    pub(super) async fn stop(mut self) -> Result<(), ClusterError> {
        for signal in ["INT", "QUIT"] {
            if self.is_running() {
                self.pg_ctl.send(signal, self.pid).await?;
            }
            let ended = tokio::time::timeout(STOP_LIMIT, self.child.wait()).await;
            if let Ok(status) = ended {
                return self.judge(status);
            }
        }
        Err(ClusterError::Failed {
            what: "PostgreSQL does not end",
            output: format!("stop process {} by hand", self.pid),
            log: self.log.clone(),
        })
    }

    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn judge(&self, status: std::io::Result<std::process::ExitStatus>) -> Result<(), ClusterError> {
        let status = status.map_err(ClusterError::io("waiting for postgres"))?;
        if status.success() {
            return Ok(());
        }
        Err(ClusterError::Failed {
            what: "PostgreSQL had ended by itself",
            output: status.to_string(),
            log: self.log.clone(),
        })
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if self.is_running() {
            // Makes the guard end the server. Waiting for that is what `stop` is for.
            drop(self.guard.stdin.take());
        } else if let Err(error) = self.guard.start_kill() {
            tracing::warn!(%error, "the guard of PostgreSQL does not end");
        }
    }
}

/// A shell that waits for its input to close, which the system does when this process ends even by
/// `kill -9`, and then asks the server to shut down. So no server outlives its parent.
fn guard(folder: &Folder, pid: u32) -> Result<Child, ClusterError> {
    folder
        .account()
        .command(Path::new("sh"))
        .args(["-c", "read -r _; kill -INT \"$0\" 2>/dev/null"])
        .arg(pid.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(ClusterError::io("starting the guard of postgres"))
}

/// The lines of `postmaster.pid` that matter here.
struct PidFile {
    pid: u32,
    status: String,
}

impl PidFile {
    fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let mut lines = text.lines();
        Some(Self {
            pid: lines.next()?.trim().parse().ok()?,
            // Absent while the server is still writing the file.
            status: lines.nth(6).unwrap_or_default().trim().to_owned(),
        })
    }
}

/// A port that was free a moment ago; the server is started again with another when it no longer is.
fn free_port() -> Result<u16, ClusterError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(ClusterError::io("finding a free port"))
}
