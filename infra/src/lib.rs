//! The real servers that tests use, without containers: started from installed programs and from jars that
//! Maven fetches once. Used by `cargo xtask services` and by the tests' harness; standard library only.
//!
//! PostgreSQL is not among them: the harness runs a private cluster of its own (`service::cluster`).

mod jars;
mod ports;
mod process;
mod ready;
mod recipe;
mod server;
pub mod shared;

pub use process::Guard;
pub use server::Server;

/// Tells a person what takes a while.
pub type Progress<'a> = &'a dyn Fn(&str);

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// `redis-server`, keeping nothing on disk.
    Redis,
    /// One Kafka broker that is its own controller (KRaft).
    Kafka,
    /// One Elasticsearch node.
    Elasticsearch,
    /// One OpenSearch node.
    Opensearch,
}

impl Part {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Redis,
        Self::Kafka,
        Self::Elasticsearch,
        Self::Opensearch,
    ];

    /// Its name on the command line and of its folder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Kafka => "kafka",
            Self::Elasticsearch => "elasticsearch",
            Self::Opensearch => "opensearch",
        }
    }

    /// The part of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// What pasar is told so that it uses a server at `address`, as it is written in the environment.
    #[must_use]
    pub fn setting(self, address: &str) -> String {
        match self {
            Self::Redis => format!("PASAR__REDIS__URL={address}"),
            Self::Kafka => {
                format!("PASAR__EVENTS__BUS=kafka PASAR__EVENTS__KAFKA__BROKERS={address}")
            }
            Self::Elasticsearch | Self::Opensearch => {
                format!("PASAR__SEARCH__ELASTICSEARCH_URL={address}")
            }
        }
    }
}

/// What a server written in Java is tuned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tuning {
    /// To start fast and to take little memory: for tests.
    Start,
    /// As search nodes are shipped, with a heap of 1 GB and all that the Java compiler can do: for
    /// measurements.
    Speed,
}

/// Why a server does not run; a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// This machine cannot have it: a program or a package is missing.
    NotHere(String),
    /// It should run and does not.
    Broken(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotHere(text) | Self::Broken(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Failure {}

/// Turns an error of the system into a [`Failure`] that names what was tried.
fn broken<E: std::fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Failure {
    let what = what.into();
    move |error| Failure::Broken(format!("{what}: {error}"))
}
