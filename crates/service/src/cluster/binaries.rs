//! Which server programs to use: installed ones, or fetched ones.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::fetch;
use super::folder::Folder;
use super::{ClusterError, ClusterSource, Progress};

/// The oldest supported major version.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// How to install the server here.
pub(super) const INSTALL_HINT: &str = if cfg!(target_os = "macos") {
    "`brew install postgresql@18`"
} else {
    "`apt-get install postgresql`, or `dnf install postgresql-server postgresql-contrib`"
};

/// A folder with `postgres`, `initdb` and `pg_ctl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) bin_dir: PathBuf,
    /// As printed: `15.18`.
    pub(super) version: String,
    /// Downloaded by us rather than found.
    pub(super) fetched: bool,
}

impl Binaries {
    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    fn major(&self) -> Option<u32> {
        major(&self.version)
    }
}

/// Finds or fetches programs that fit the data folder.
pub(super) async fn choose(
    source: ClusterSource,
    folder: &Folder,
    cache: &Path,
    progress: Progress<'_>,
) -> Result<Binaries, ClusterError> {
    let made_by = folder.made_by()?;
    let mut reason = "the installed ones were not to be used".to_owned();
    if source != ClusterSource::Fetched {
        let found = installed(&candidates()).await;
        match pick(found, made_by) {
            Ok(binaries) => return Ok(binaries),
            Err(why) => reason = why,
        }
    }
    let fetch_fits = made_by.is_none_or(|major| major == fetch::MAJOR);
    if source != ClusterSource::Installed && fetch_fits {
        match fetch::fetch(cache, folder.account(), progress).await {
            Ok(bin_dir) => match version(&bin_dir).await {
                Some(version) => {
                    return Ok(Binaries {
                        bin_dir,
                        version,
                        fetched: true,
                    });
                }
                None => reason += " and the downloaded one does not run on this machine",
            },
            Err(why) => reason += &format!(" and the download failed ({why})"),
        }
    }
    Err(match made_by {
        Some(made_by) => ClusterError::WrongVersion {
            data_dir: folder.root().to_owned(),
            made_by,
            reason,
        },
        None => ClusterError::NoBinaries { reason },
    })
}

/// The newest usable one; of the data folder's own major version when there is data.
fn pick(found: Vec<Binaries>, made_by: Option<u32>) -> Result<Binaries, String> {
    let versions: Vec<&str> = found.iter().map(|b| b.version.as_str()).collect();
    let reason = if versions.is_empty() {
        "none is installed on this machine".to_owned()
    } else {
        format!("only {} is installed", versions.join(", "))
    };
    found
        .into_iter()
        .filter(|binaries| match (binaries.major(), made_by) {
            (Some(major), Some(made_by)) => major == made_by,
            (Some(major), None) => major >= OLDEST_MAJOR,
            (None, _) => false,
        })
        .max_by_key(|binaries| version_key(&binaries.version))
        .ok_or(reason)
}

/// Folders worth a look: those on `PATH`, then where packages put them.
fn candidates() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    // PATH is the system's, not a setting of ours.
    if let Some(path) = std::env::var_os("PATH") {
        for dir in std::env::split_paths(&path) {
            // A link in a common folder leads to the folder with all the programs.
            if let Ok(program) = dir.join("postgres").canonicalize() {
                dirs.extend(program.parent().map(Path::to_owned));
            }
        }
    }
    dirs.extend(children("/usr/lib/postgresql", "", "bin"));
    dirs.extend(children("/usr", "pgsql-", "bin"));
    dirs.push(PathBuf::from("/usr/local/pgsql/bin"));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt"] {
        dirs.extend(children(prefix, "postgresql@", "bin"));
    }
    dirs.extend(children(
        "/Applications/Postgres.app/Contents/Versions",
        "",
        "bin",
    ));
    dirs.retain(|dir| has_programs(dir));
    dirs.sort();
    dirs.dedup();
    dirs
}

/// `parent/<starts with prefix>/last`, for every child there is.
fn children(parent: &str, prefix: &str, last: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(last))
        .collect()
}

/// Whether all the programs we call are there; some packages ship only the clients.
fn has_programs(dir: &Path) -> bool {
    ["postgres", "initdb", "pg_ctl"]
        .iter()
        .all(|name| dir.join(name).is_file())
}

async fn installed(dirs: &[PathBuf]) -> Vec<Binaries> {
    let mut found = Vec::new();
    for dir in dirs {
        if let Some(version) = version(dir).await {
            found.push(Binaries {
                bin_dir: dir.clone(),
                version,
                fetched: false,
            });
        }
    }
    found
}

/// The version that `postgres --version` prints; `None` when it does not run.
async fn version(bin_dir: &Path) -> Option<String> {
    let output = Command::new(bin_dir.join("postgres"))
        .arg("--version")
        .output()
        .await
        .ok()?;
    parse_version(&String::from_utf8(output.stdout).ok()?)
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is `15.18`.
fn parse_version(printed: &str) -> Option<String> {
    let version = printed.split(") ").nth(1)?.split_whitespace().next()?;
    major(version)?;
    Some(version.to_owned())
}

fn major(version: &str) -> Option<u32> {
    version_key(version).first().copied()
}

/// The leading numbers of a version, for comparing: `18beta1` is `[18]`.
fn version_key(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(versions: &[&str]) -> Vec<Binaries> {
        let make = |version: &&str| Binaries {
            bin_dir: PathBuf::from(format!("/bin/{version}")),
            version: (*version).to_owned(),
            fetched: false,
        };
        versions.iter().map(make).collect()
    }

    #[test]
    fn the_version_is_read_from_what_the_program_prints() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian).as_deref(), Some("15.18"));
        assert_eq!(
            parse_version("postgres (PostgreSQL) 18beta1\n").as_deref(),
            Some("18beta1")
        );
        assert_eq!(parse_version("postgres: not found"), None);
    }

    #[test]
    fn a_new_cluster_takes_the_newest_version_by_number() {
        let picked = pick(found(&["9.6.24", "15.9", "15.18", "14.2"]), None).unwrap();
        assert_eq!(picked.version, "15.18");
        let refused = pick(found(&["9.6.24", "14.2"]), None).unwrap_err();
        assert_eq!(refused, "only 9.6.24, 14.2 is installed");
        assert_eq!(
            pick(Vec::new(), None).unwrap_err(),
            "none is installed on this machine"
        );
    }

    #[test]
    fn an_old_cluster_takes_its_own_major_version_only() {
        let picked = pick(found(&["15.18", "16.1", "17.0"]), Some(16)).unwrap();
        assert_eq!(picked.version, "16.1");
        assert!(pick(found(&["15.18", "17.0"]), Some(16)).is_err());
    }
}
