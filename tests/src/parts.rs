//! The real servers beside PostgreSQL: one of each kind for all tests, and ones of their own for tests that
//! kill them.
//!
//! A shared one is what `cargo xtask services up` or `cargo xtask test` started, else it is started with the
//! first test that asks and ends with the test process. Tests name topics, indexes and channels so that no
//! other test meets them ([`unique`]).

use std::{
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use infra::{
    Failure, Part, Progress, Server, Tuning,
    shared::{self, Started},
};

use crate::server::target_dir;

/// Bootstrap servers of a Kafka broker, or a skip.
#[must_use]
pub fn kafka() -> Option<&'static str> {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    address(&SHARED, Part::Kafka)
}

/// URL of a Redis server, or a skip.
#[must_use]
pub fn redis() -> Option<&'static str> {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    address(&SHARED, Part::Redis)
}

/// URL of an Elasticsearch node, or a skip.
#[must_use]
pub fn elasticsearch() -> Option<&'static str> {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    address(&SHARED, Part::Elasticsearch)
}

/// URL of an OpenSearch node, or a skip.
#[must_use]
pub fn opensearch() -> Option<&'static str> {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    address(&SHARED, Part::Opensearch)
}

/// A server that one test starts for itself, so that it may kill it and start it again; gone when dropped.
/// `None` is a skip. Starting blocks: in a runtime with several threads that is fine.
#[must_use]
pub fn own(part: Part) -> Option<Own> {
    own_tuned(part, Tuning::Start)
}

/// The same for a measurement: tuned as servers are, not to start fast.
#[must_use]
pub fn fast(part: Part) -> Option<Own> {
    own_tuned(part, Tuning::Speed)
}

fn own_tuned(part: Part, tuning: Tuning) -> Option<Own> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let name = format!("own/{}-{}-{number}", part.name(), std::process::id());
    let folder = home().join(name);
    match Server::start(part, tuning, &home(), &folder, QUIET) {
        Ok(server) => Some(Own { server, folder }),
        Err(Failure::NotHere(why)) => {
            crate::skip(&why);
            None
        }
        Err(Failure::Broken(why)) => panic!("{why}"),
    }
}

/// A server of one test.
pub struct Own {
    server: Server,
    folder: PathBuf,
}

impl Own {
    /// What clients connect to; the same after a restart.
    #[must_use]
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// Where Kafka's clients must give a name and a password, and both of these.
    #[must_use]
    pub fn secured(&self) -> (String, &'static str, &'static str) {
        self.server.secured()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Stops it in order.
    pub fn stop(&mut self) {
        self.server.stop().unwrap();
    }

    /// Starts it again with its data, at its address.
    pub fn start_again(&mut self) {
        self.server.start_again(QUIET).unwrap();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.server.kill();
        // After a failure its log is worth reading.
        if !std::thread::panicking() {
            drop(std::fs::remove_dir_all(&self.folder));
        }
    }
}

/// A name that no other test, test process or earlier run uses: letters, digits and `-`.
#[must_use]
pub fn unique(prefix: &str) -> String {
    format!("{prefix}-{:016x}", rand::random::<u64>())
}

/// The text is why this machine has none.
type Shared = Result<(String, Started), String>;

const QUIET: Progress<'static> = &|_| {};

fn home() -> PathBuf {
    target_dir().join("services")
}

fn address(shared: &'static OnceLock<Shared>, part: Part) -> Option<&'static str> {
    match shared.get_or_init(|| find(part)) {
        Ok((address, _)) => Some(address),
        Err(why) => {
            crate::skip(why);
            None
        }
    }
}

fn find(part: Part) -> Shared {
    match shared::up(&home(), part, shared::Until::ThisProcessEnds, QUIET) {
        Ok(started) => Ok((started.address(), started)),
        Err(Failure::NotHere(why)) => Err(why),
        Err(Failure::Broken(why)) => panic!("{why}"),
    }
}
