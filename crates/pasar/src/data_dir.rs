//! The data folder of `pasar up`: the private cluster and generated secrets.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use process::config::Secret;
use rand::RngCore as _;

/// The data folder.
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// Opens the folder, making it when it is new.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(path)
            .and_then(|()| path.canonicalize())
            .map(Self)
            .with_context(|| format!("the data folder {} cannot be made", path.display()))
    }

    /// Where the private cluster lies.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// The secret that the parts share; 32 random bytes made at the first start.
    pub(crate) fn internal_secret(&self) -> anyhow::Result<Secret> {
        self.secret("internal-secret", || {
            let mut bytes = [0_u8; 32];
            rand::rng().fill_bytes(&mut bytes);
            Ok(hex::encode(bytes))
        })
    }

    /// The key that signs access tokens, made at the first start.
    pub(crate) fn signing_key(&self) -> anyhow::Result<Secret> {
        self.secret("signing-key.pem", || {
            identity::keys::generate_pem().map_err(|fault| anyhow::anyhow!(fault.chain()))
        })
    }

    /// Whether something was finished in an earlier run.
    pub(crate) fn has_mark(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    /// Remembers that something is finished.
    pub(crate) fn set_mark(&self, name: &str) -> anyhow::Result<()> {
        fs::write(self.0.join(name), "").with_context(|| format!("cannot write the mark {name}"))
    }

    fn secret(
        &self,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<Secret> {
        let path = self.0.join(name);
        let context = || format!("the secret {} cannot be used", path.display());
        if !path.exists() {
            // Renamed into place, so that a killed start leaves no half of a secret.
            let fresh = self.0.join(format!("{name}.new"));
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&fresh).with_context(context)?;
            file.write_all(make()?.as_bytes())
                .and_then(|()| file.sync_all())
                .with_context(context)?;
            fs::rename(&fresh, &path).with_context(context)?;
        }
        Ok(Secret::new(
            fs::read_to_string(&path).with_context(context)?,
        ))
    }
}
