//! The data folder: its lock, its password, and where it really is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::{ClusterError, Progress};

/// Where clusters of root go when the wanted folder is closed to the server's user.
const SYSTEM_DIR: &str = "/var/lib/pasar";

/// An opened and locked data folder.
pub(super) struct Folder {
    root: PathBuf,
    account: Account,
    _lock: File,
}

impl Folder {
    /// Creates the folder when missing and locks it.
    pub(super) async fn open(
        wanted: &Path,
        account: Account,
        progress: Progress<'_>,
    ) -> Result<Self, ClusterError> {
        let wanted = create(wanted)?;
        let lock = lock(&wanted)?;
        let account = account.for_cluster(&wanted.join("cluster"));
        let moved = wanted.join("location").exists();
        let root = if moved || !account.can_enter(&wanted).await {
            let root = system_folder(&wanted)?;
            progress(&format!(
                "the user that runs PostgreSQL may not enter {}: the data is kept in {}",
                wanted.display(),
                root.display()
            ));
            root
        } else {
            wanted
        };
        let account = account.for_cluster(&root.join("cluster"));
        if !account.can_enter(&root).await {
            return Err(ClusterError::NoAccount {
                reason: format!("the user to run it as may not enter {}", root.display()),
            });
        }
        Ok(Self {
            root,
            account,
            _lock: lock,
        })
    }

    /// The folder itself, absolute.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Something in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// PostgreSQL's own data directory.
    pub(super) fn cluster(&self) -> PathBuf {
        self.path("cluster")
    }

    /// The server's log.
    pub(super) fn log(&self) -> PathBuf {
        self.path("postgres.log")
    }

    /// Where to keep fetched programs: the wanted place if the server's user may enter it.
    pub(super) async fn cache(&self, wanted: Option<&Path>) -> Result<PathBuf, ClusterError> {
        if let Some(wanted) = wanted {
            let wanted = create(wanted)?;
            if self.account.can_enter(&wanted).await {
                return Ok(wanted);
            }
        }
        create(&self.path("programs"))
    }

    /// The user that runs the server.
    pub(super) fn account(&self) -> Account {
        self.account
    }

    /// The major version that made the cluster; `None` while there is no cluster.
    pub(super) fn made_by(&self) -> Result<Option<u32>, ClusterError> {
        let path = self.cluster().join("PG_VERSION");
        match std::fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map(Some).map_err(|error| {
                ClusterError::io(format!("reading {}", path.display()))(std::io::Error::other(
                    format!("{error}"),
                ))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::io(format!("reading {}", path.display()))(
                error,
            )),
        }
    }

    /// Creates an empty folder inside, open to the server's user only.
    pub(super) fn make_private(&self, name: &str) -> Result<PathBuf, ClusterError> {
        let path = self.path(name);
        let what = format!("creating {}", path.display());
        std::fs::create_dir_all(&path).map_err(ClusterError::io(what.clone()))?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700))
            .map_err(ClusterError::io(what))?;
        self.account.give(&path)?;
        Ok(path)
    }

    /// Removes the folders inside whose names begin so.
    pub(super) fn remove_beginning_with(&self, prefix: &str) -> Result<(), ClusterError> {
        let remove = || -> std::io::Result<()> {
            for entry in std::fs::read_dir(&self.root)? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().starts_with(prefix) {
                    std::fs::remove_dir_all(entry.path())?;
                }
            }
            Ok(())
        };
        remove().map_err(ClusterError::io(format!(
            "clearing {}",
            self.root.display()
        )))
    }

    /// Writes a new random password for the superuser and returns its file.
    pub(super) fn make_password(&self) -> Result<PathBuf, ClusterError> {
        let path = self.path("password");
        let password: String = rand::random::<[u8; 24]>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let what = format!("writing {}", path.display());
        let write = || -> std::io::Result<()> {
            // A left-over of an interrupted first start, perhaps of another user.
            if path.exists() {
                std::fs::remove_file(&path)?;
            }
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(password.as_bytes())?;
            file.sync_all()
        };
        write().map_err(ClusterError::io(what))?;
        self.account.give(&path)?;
        Ok(path)
    }

    /// The superuser's password.
    pub(super) fn password(&self) -> Result<String, ClusterError> {
        let path = self.path("password");
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            Ok(_) => Err(ClusterError::PasswordLost { path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(ClusterError::PasswordLost { path })
            }
            Err(error) => Err(ClusterError::io(format!("reading {}", path.display()))(
                error,
            )),
        }
    }
}

fn create(wanted: &Path) -> Result<PathBuf, ClusterError> {
    let what = format!("creating {}", wanted.display());
    std::fs::create_dir_all(wanted).map_err(ClusterError::io(what.clone()))?;
    wanted.canonicalize().map_err(ClusterError::io(what))
}

/// Takes the folder's lock, which the system releases when this process ends in whatever way.
fn lock(root: &Path) -> Result<File, ClusterError> {
    let path = root.join("lock");
    let what = format!("locking {}", path.display());
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(ClusterError::io(what.clone()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid)
                .map_err(ClusterError::io(what))?;
            return Err(ClusterError::InUse {
                data_dir: root.to_owned(),
                pid: pid.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(ClusterError::io(what)(error)),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(ClusterError::io(what))?;
    Ok(file)
}

/// The folder that stands in for `wanted`, remembered in `wanted` so that removing `wanted` means
/// starting anew.
fn system_folder(wanted: &Path) -> Result<PathBuf, ClusterError> {
    let pointer = wanted.join("location");
    let root = match std::fs::read_to_string(&pointer) {
        Ok(text) => PathBuf::from(text.trim()),
        Err(_) => Path::new(SYSTEM_DIR).join(format!("{:016x}", rand::random::<u64>())),
    };
    let what = format!("creating {}", root.display());
    std::fs::create_dir_all(&root).map_err(ClusterError::io(what))?;
    std::fs::write(&pointer, format!("{}\n", root.display()))
        .map_err(ClusterError::io(format!("writing {}", pointer.display())))?;
    Ok(root)
}
