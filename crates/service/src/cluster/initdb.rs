//! Making a cluster, once per data folder.

use super::binaries::Binaries;
use super::folder::Folder;
use super::{ClusterError, SUPERUSER};

const UNFINISHED: &str = "cluster.new-";

/// Makes the cluster. It appears under its name only when it is whole.
pub(super) async fn make(
    folder: &Folder,
    binaries: &Binaries,
    durable: bool,
) -> Result<(), ClusterError> {
    folder.remove_beginning_with(UNFINISHED)?;
    let mut failure = String::new();
    // Not every system has the C.UTF-8 locale; both order text by code point.
    for locale in ["C.UTF-8", "C"] {
        // A new name each time: the initdb of a killed run may still be at work on another.
        let name = format!("{UNFINISHED}{:08x}", rand::random::<u32>());
        let unfinished = folder.make_private(&name)?;
        let password = folder.make_password()?;
        let mut command = folder.account().command(&binaries.program("initdb"));
        command
            .arg("--pgdata")
            .arg(&unfinished)
            .args(["--username", SUPERUSER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", locale])
            .arg("--pwfile")
            .arg(&password);
        if !durable {
            command.arg("--no-sync");
        }
        let output = command
            .output()
            .await
            .map_err(ClusterError::io("running initdb"))?;
        if output.status.success() {
            return std::fs::rename(&unfinished, folder.cluster()).map_err(ClusterError::io(
                format!("renaming {}", unfinished.display()),
            ));
        }
        failure = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if !failure.contains("locale") {
            break;
        }
    }
    Err(ClusterError::InitFailed { output: failure })
}
