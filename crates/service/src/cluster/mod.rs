//! A private PostgreSQL cluster: the embedded default of `pasar up` and of the tests.
//!
//! [`start`] finds or fetches the server programs, makes the cluster once and runs it as a child
//! process; [`Cluster::stop`] shuts it down. What lies in the data folder:
//!
//! ```text
//! cluster/        the database files (PostgreSQL's own data directory)
//! socket/         the Unix socket
//! password        the superuser's password, readable by the server's user only
//! postgres.log    the server's log
//! lock            held by the process that runs the cluster
//! location        only where root's folder is closed to the server's user: the folder used instead
//! ```

mod account;
mod binaries;
mod fetch;
mod folder;
mod initdb;
mod log;
mod postmaster;
pub mod provision;

use std::path::PathBuf;

use account::Account;
use binaries::Binaries;
use folder::Folder;
use postmaster::Postmaster;

/// The name of the superuser of a private cluster.
const SUPERUSER: &str = "pasar";

/// Says what takes long while a cluster starts; each call is one line for a person.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// How a private cluster is made and run.
#[derive(Debug, Clone)]
pub struct ClusterSettings {
    /// The folder of the cluster; it is created when missing.
    pub data_dir: PathBuf,
    /// Where the server programs come from.
    pub source: ClusterSource,
    /// Where fetched programs are kept, to share one download between clusters; `None` keeps them
    /// in the data folder.
    pub cache_dir: Option<PathBuf>,
    /// Off only where losing the data is harmless, as in tests.
    pub durable: bool,
}

impl ClusterSettings {
    /// A durable cluster in `data_dir` with programs from wherever they are found.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            source: ClusterSource::Auto,
            cache_dir: None,
            durable: true,
        }
    }
}

/// Where the server programs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterSource {
    /// Installed programs where there are any, else fetched ones.
    Auto,
    /// Only programs installed on this machine.
    Installed,
    /// Only programs downloaded from Maven Central.
    Fetched,
}

/// Why a private cluster could not be started; each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No usable server programs.
    #[error(
        "PostgreSQL {} or newer is needed but {reason}: install it ({}) or set PASAR__POSTGRES__URL \
         to a running server",
        binaries::OLDEST_MAJOR,
        binaries::INSTALL_HINT
    )]
    NoBinaries {
        /// What was tried.
        reason: String,
    },
    /// The data folder was made by another major version.
    #[error(
        "the data in {} was made by PostgreSQL {made_by} but {reason}: install PostgreSQL {made_by}, \
         or choose another data folder", data_dir.display()
    )]
    WrongVersion {
        /// The cluster's folder.
        data_dir: PathBuf,
        /// The major version that made it.
        made_by: u32,
        /// What was found instead.
        reason: String,
    },
    /// Another process runs this cluster.
    #[error(
        "the data folder {} is in use by process {pid}: stop that process or choose another folder",
        data_dir.display()
    )]
    InUse {
        /// The folder.
        data_dir: PathBuf,
        /// The holder as it wrote itself down.
        pid: String,
    },
    /// The superuser's password is gone.
    #[error(
        "{} is missing, so nobody can log in to the cluster beside it: restore the file, or remove \
         the folder to start with an empty one", path.display()
    )]
    PasswordLost {
        /// Where the password should be.
        path: PathBuf,
    },
    /// There is no user to run the server as.
    #[error(
        "PostgreSQL refuses to run as root and {reason}: start pasar as another user, or choose a data \
         folder that every user may enter"
    )]
    NoAccount {
        /// What was tried.
        reason: String,
    },
    /// The cluster could not be made.
    #[error("initdb could not make the cluster: {output}")]
    InitFailed {
        /// What it printed.
        output: String,
    },
    /// The server failed.
    #[error("{what}: {output} (the whole log is in {})", log.display())]
    Failed {
        /// What was being done.
        what: &'static str,
        /// The last words of the program.
        output: String,
        /// The log to read.
        log: PathBuf,
    },
    /// A file or program could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
}

impl ClusterError {
    /// Wraps an I/O error with what was being done.
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// A running private cluster. Dropping it without [`Cluster::stop`] also ends the server, but does
/// not wait for it.
pub struct Cluster {
    admin_url: String,
    description: String,
    postmaster: Postmaster,
    // Held for its lock: the folder is free again when the cluster is gone.
    folder: Folder,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL holds the superuser's password.
        f.debug_struct("Cluster")
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// The superuser's URL of the maintenance database; it holds the password.
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// One line for a person: version, where the programs come from, port and folder.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.postmaster.pid()
    }

    /// Shuts the server down: open transactions are rolled back, everything committed is kept.
    pub async fn stop(self) -> Result<(), ClusterError> {
        let Self {
            postmaster, folder, ..
        } = self;
        let stopped = postmaster.stop().await;
        drop(folder);
        stopped
    }
}

/// Starts the cluster of `settings.data_dir`, making it first when the folder is new.
///
/// Works by itself after a crash of this process, of the server or of the machine.
pub async fn start(
    settings: ClusterSettings,
    progress: Progress<'_>,
) -> Result<Cluster, ClusterError> {
    let account = Account::choose().await?;
    let folder = Folder::open(&settings.data_dir, account, progress).await?;
    let cache = folder.cache(settings.cache_dir.as_deref()).await?;
    let binaries = binaries::choose(settings.source, &folder, &cache, progress).await?;
    postmaster::end_orphan(&folder, &binaries, progress).await?;
    if folder.made_by()?.is_none() {
        progress(&format!(
            "making a PostgreSQL {} cluster in {}",
            binaries.version,
            folder.root().display()
        ));
        initdb::make(&folder, &binaries, settings.durable).await?;
    }
    let password = folder.password()?;
    let postmaster = Postmaster::start(&folder, &binaries, settings.durable).await?;
    let port = postmaster.port();
    Ok(Cluster {
        admin_url: format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"),
        description: describe(&binaries, port, &folder),
        postmaster,
        folder,
    })
}

fn describe(binaries: &Binaries, port: u16, folder: &Folder) -> String {
    let origin = if binaries.fetched {
        "fetched"
    } else {
        "installed"
    };
    format!(
        "PostgreSQL {}, {origin}, private cluster on port {port}, data in {}",
        binaries.version,
        folder.root().display()
    )
}
