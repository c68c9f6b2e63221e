//! Serving HTTP: connections with limits and an orderly end, and what every request gets.

mod request;
mod serve;

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::config::{ByteSize, DurationSetting};

pub use request::{REQUEST_ID, RequestContext, RequestLabels, observe};
pub use serve::serve;

/// The section `[http]`: every listener of a process.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where operators find metrics and health. Not meant for the internet.
    #[serde(default)]
    pub admin_listen: Option<SocketAddr>,
    /// Open connections per listener; more wait in the backlog of the system.
    pub max_connections: usize,
    /// Concurrent requests on one HTTP/2 connection.
    pub max_streams_per_connection: u32,
    /// All headers of one request together; larger ones are answered with 431.
    pub max_header_size: ByteSize,
    /// How long a client may take to send its headers.
    pub header_timeout: DurationSetting,
    /// After the signal: how long new connections are still accepted while readiness says no.
    pub drain_delay: DurationSetting,
    /// After that: how long running requests may take before they are cut off.
    pub drain_timeout: DurationSetting,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            admin_listen: Some(SocketAddr::from(([127, 0, 0, 1], 8088))),
            max_connections: 10_000,
            max_streams_per_connection: 200,
            max_header_size: ByteSize::new(32 * 1024),
            header_timeout: DurationSetting::from_secs(10),
            drain_delay: DurationSetting::from_secs(0),
            drain_timeout: DurationSetting::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests;
