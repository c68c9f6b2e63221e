//! Who runs the server: this process's own user, or an unprivileged one when that is root.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::ClusterError;

/// The user to become for every server program; `None` stays who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    become_user: Option<Ids>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ids {
    uid: u32,
    gid: u32,
}

impl Account {
    /// Looks up the unprivileged user when this process is root.
    pub(super) async fn choose() -> Result<Self, ClusterError> {
        if id(&["-u"]).await != Some(0) {
            return Ok(Self { become_user: None });
        }
        for name in ["postgres", "nobody"] {
            let ids = (id(&["-u", name]).await, id(&["-g", name]).await);
            if let (Some(uid), Some(gid)) = ids {
                let become_user = Some(Ids { uid, gid });
                return Ok(Self { become_user });
            }
        }
        Err(ClusterError::NoAccount {
            reason: "there is neither a user postgres nor a user nobody".to_owned(),
        })
    }

    /// The same, except that an existing cluster stays with its owner: the server insists on that.
    pub(super) fn for_cluster(self, cluster: &Path) -> Self {
        let owner = std::fs::metadata(cluster).ok().filter(|it| it.uid() != 0);
        match (self.become_user, owner) {
            (Some(_), Some(owner)) => Self {
                become_user: Some(Ids {
                    uid: owner.uid(),
                    gid: owner.gid(),
                }),
            },
            _ => self,
        }
    }

    /// A command run as this user, in a process group of its own so that a Ctrl-C in the terminal
    /// reaches only the parent, which then stops the server in order.
    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // The current folder may be closed to the other user; every path given is absolute.
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(ids) = self.become_user {
            command.uid(ids.uid).gid(ids.gid);
        }
        command
    }

    /// Gives a file or folder to this user.
    pub(super) fn give(self, path: &Path) -> Result<(), ClusterError> {
        let Some(ids) = self.become_user else {
            return Ok(());
        };
        std::os::unix::fs::chown(path, Some(ids.uid), Some(ids.gid)).map_err(ClusterError::io(
            format!("giving {} to the server's user", path.display()),
        ))
    }

    /// Whether this user may enter the folder; only asked for another user than this process's.
    pub(super) async fn can_enter(self, path: &Path) -> bool {
        if self.become_user.is_none() {
            return true;
        }
        let status = self
            .command(Path::new("sh"))
            .args(["-c", "cd \"$0\""])
            .arg(path)
            .stderr(Stdio::null())
            .status()
            .await;
        status.is_ok_and(|status| status.success())
    }
}

/// What `id` prints: the only portable answer without unsafe code, and it knows every user database.
async fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().await.ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
