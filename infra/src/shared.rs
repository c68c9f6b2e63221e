//! Servers that several processes use: one of each kind per checkout, known by a file below `target/services`.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::process::Identity;
use crate::recipe::{self, Ports};
use crate::{Failure, Part, Progress, Server, Tuning, broken, ready, server};

/// Whom a shared server outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Nobody: it runs until [`down`].
    Down,
    /// It ends with this process at the latest.
    ThisProcessEnds,
}

/// What [`up`] did.
pub enum Started {
    /// It ran already, at this address.
    Ran(String),
    /// It was started and lives on.
    Released(String),
    /// It was started and lives as long as this.
    Held(Server),
}

impl Started {
    /// What clients connect to.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Ran(address) | Self::Released(address) => address.clone(),
            Self::Held(server) => server.address(),
        }
    }
}

/// The address of the shared server of that kind, if it runs and answers. `home` is `target/services`.
#[must_use]
pub fn running(home: &Path, part: Part) -> Option<String> {
    let (identity, ports) = read(home, part)?;
    let is_ready =
        identity.is_running() && ready::is_ready(part, ports.client, &recipe::cluster_name(ports));
    is_ready.then(|| recipe::address(part, ports.client))
}

/// The process id of the shared server of that kind, if it runs.
#[must_use]
pub fn pid(home: &Path, part: Part) -> Option<u32> {
    let (identity, _) = read(home, part)?;
    identity.is_running().then_some(identity.pid)
}

/// Starts the shared server of that kind unless it runs.
///
/// # Errors
/// [`Failure`] when the machine cannot have it, or when it does not become ready.
pub fn up(
    home: &Path,
    part: Part,
    until: Until,
    progress: Progress<'_>,
) -> Result<Started, Failure> {
    let lock = lock(home, part)?;
    if let Some(address) = running(home, part) {
        return Ok(Started::Ran(address));
    }
    stop(home, part)?;
    let server = Server::start(part, Tuning::Start, home, &folder(home, part), progress)?;
    if let Some(found) = server.identity() {
        write(home, part, found)?;
    }
    let address = server.address();
    let started = match until {
        Until::ThisProcessEnds => Started::Held(server),
        Until::Down => {
            server.release();
            Started::Released(address)
        }
    };
    drop(lock);
    Ok(started)
}

/// Stops the shared server of that kind and removes its data. Gives whether it ran.
///
/// # Errors
/// [`Failure`] when it does not end.
pub fn down(home: &Path, part: Part) -> Result<bool, Failure> {
    let lock = lock(home, part)?;
    let ran = stop(home, part)?;
    drop(lock);
    Ok(ran)
}

fn stop(home: &Path, part: Part) -> Result<bool, Failure> {
    let found = read(home, part).filter(|(identity, _)| identity.is_running());
    if let Some((identity, _)) = found {
        server::end(identity)?;
    }
    server::clear(&folder(home, part))?;
    Ok(found.is_some())
}

fn folder(home: &Path, part: Part) -> PathBuf {
    home.join(part.name())
}

fn state_file(home: &Path, part: Part) -> PathBuf {
    folder(home, part).join("state")
}

fn read(home: &Path, part: Part) -> Option<(Identity, Ports)> {
    let text = fs::read_to_string(state_file(home, part)).ok()?;
    let mut lines = text.lines();
    let identity = Identity::parse(lines.next()?)?;
    let mut numbers = lines.next()?.split(' ').map(str::parse);
    let mut port = || numbers.next()?.ok();
    let ports = Ports {
        client: port()?,
        own: port()?,
        secured: port()?,
    };
    Some((identity, ports))
}

/// Readers see nothing or all of it.
fn write(home: &Path, part: Part, (identity, ports): (Identity, Ports)) -> Result<(), Failure> {
    let path = state_file(home, part);
    let incoming = path.with_extension("incoming");
    let text = format!(
        "{}\n{} {} {}\n{}\n",
        identity.to_text(),
        ports.client,
        ports.own,
        ports.secured,
        recipe::address(part, ports.client)
    );
    fs::write(&incoming, text)
        .and_then(|()| fs::rename(&incoming, &path))
        .map_err(broken(format!("writing {}", path.display())))
}

/// Held while a server is started or stopped, so that two processes do not start two.
fn lock(home: &Path, part: Part) -> Result<File, Failure> {
    let path = home.join(format!("{}.lock", part.name()));
    fs::create_dir_all(home).map_err(broken(format!("creating {}", home.display())))?;
    let what = format!("locking {}", path.display());
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(broken(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_a_stranger_is_not_taken_for_it() {
        let home = std::env::temp_dir().join(format!("infra-{}", std::process::id()));
        fs::create_dir_all(folder(&home, Part::Redis)).unwrap();
        let own = Identity::of(std::process::id()).unwrap();
        let ports = Ports {
            client: 20_001,
            own: 20_002,
            secured: 20_003,
        };
        write(&home, Part::Redis, (own, ports)).unwrap();
        assert_eq!(read(&home, Part::Redis), Some((own, ports)));
        assert_eq!(pid(&home, Part::Redis), Some(own.pid));
        assert_eq!(running(&home, Part::Redis), None, "nobody answers there");
        let text = fs::read_to_string(state_file(&home, Part::Redis)).unwrap();
        fs::write(state_file(&home, Part::Redis), text.replacen(' ', " 9", 1)).unwrap();
        assert_eq!(pid(&home, Part::Redis), None, "began at another time");
        fs::remove_dir_all(home).unwrap();
    }
}
