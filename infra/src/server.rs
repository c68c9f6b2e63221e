//! One running server.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Guard, Identity};
use crate::recipe::{self, Ports};
use crate::{Failure, Part, Progress, Tuning, broken, ready};

/// How long a server may take to answer; on a busy machine Java takes its time.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long a server may take to end when asked to.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A server that this process started; killed when dropped or when this process ends in whatever way.
pub struct Server {
    part: Part,
    tuning: Tuning,
    home: PathBuf,
    folder: PathBuf,
    ports: Ports,
    running: Option<Running>,
}

struct Running {
    child: Child,
    guard: Option<Guard>,
}

impl Server {
    /// Starts a server with data in `folder` and waits until it answers. `home` is where fetched programs
    /// are kept.
    ///
    /// # Errors
    /// [`Failure`] when the machine cannot have it, or when it does not become ready.
    pub fn start(
        part: Part,
        tuning: Tuning,
        home: &Path,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<Self, Failure> {
        let mut server = Self {
            part,
            tuning,
            home: home.to_owned(),
            folder: folder.to_owned(),
            ports: Ports::free(part)?,
            running: None,
        };
        match server.start_again(progress) {
            // Somebody may have taken a port just before; a second time that does not happen by chance.
            Err(Failure::Broken(_)) => {
                server.ports = Ports::free(part)?;
                server.start_again(progress)?;
            }
            other => other?,
        }
        Ok(server)
    }

    /// Starts it after [`Self::kill`] or [`Self::stop`], at the address and with the data that it had.
    ///
    /// # Errors
    /// [`Failure`] when it does not become ready; its log is named.
    pub fn start_again(&mut self, progress: Progress<'_>) -> Result<(), Failure> {
        self.kill();
        let mut command = recipe::prepare(
            self.part,
            &self.home,
            &self.folder,
            self.ports,
            self.tuning,
            progress,
        )?;
        let path = self.log();
        let log = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(broken(format!("opening {}", path.display())))?;
        let errors = log.try_clone().map_err(broken("the server's log"))?;
        let child = command
            // Ctrl-C on the terminal is ours: we stop it in order.
            .process_group(0)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(broken(format!("starting {}", self.part.name())))?;
        let guard = Guard::of(child.id())?;
        self.running = Some(Running {
            child,
            guard: Some(guard),
        });
        self.wait()
    }

    fn wait(&mut self) -> Result<(), Failure> {
        let until = Instant::now() + START_LIMIT;
        let name = recipe::cluster_name(self.ports);
        loop {
            if ready::is_ready(self.part, self.ports.client, &name) {
                return Ok(());
            }
            let ended = match &mut self.running {
                Some(running) => !matches!(running.child.try_wait(), Ok(None)),
                None => true,
            };
            if ended || Instant::now() > until {
                self.kill();
                let what = if ended {
                    "ended while it started"
                } else {
                    "is not ready in time"
                };
                return Err(Failure::Broken(format!(
                    "{} {what}: see {}",
                    self.part.name(),
                    self.log().display()
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What clients connect to: `127.0.0.1:9092` for Kafka, else a URL.
    #[must_use]
    pub fn address(&self) -> String {
        recipe::address(self.part, self.ports.client)
    }

    /// Where Kafka's clients must give a name and a password, and both of these.
    #[must_use]
    pub fn secured(&self) -> (String, &'static str, &'static str) {
        let (user, password) = recipe::KAFKA_USER;
        let address = recipe::address(self.part, self.ports.secured);
        (address, user, password)
    }

    /// Where it writes what it has to say.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Kills it without a chance to clean up (`kill -9`).
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            drop(running.child.kill());
            drop(running.child.wait());
        }
    }

    /// Stops it as an operator would.
    ///
    /// # Errors
    /// [`Failure`] when it does not end.
    pub fn stop(&mut self) -> Result<(), Failure> {
        if let Some(running) = self.running.take() {
            // `Identity::end` looks at the process from outside, so it must be collected meanwhile.
            let identity = Identity::of(running.child.id());
            let mut child = running.child;
            let collector = std::thread::spawn(move || drop(child.wait()));
            if let Some(identity) = identity {
                identity.end(STOP_LIMIT)?;
            }
            drop(collector.join());
        }
        Ok(())
    }

    /// Lets it live on when this process ends, and tells who it is.
    pub(crate) fn release(mut self) -> Option<(Identity, Ports)> {
        let mut running = self.running.take()?;
        drop(running.guard.take());
        Identity::of(running.child.id()).map(|identity| (identity, self.ports))
    }

    /// Who it is now.
    pub(crate) fn identity(&self) -> Option<(Identity, Ports)> {
        let running = self.running.as_ref()?;
        Identity::of(running.child.id()).map(|identity| (identity, self.ports))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Removes what a server of an earlier run left.
pub(crate) fn clear(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(broken(format!("removing {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

/// Ends a server that another process released.
pub(crate) fn end(identity: Identity) -> Result<(), Failure> {
    identity.end(STOP_LIMIT)
}
