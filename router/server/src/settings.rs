//! The section `[router]`.

use process::config::{ByteSize, DurationSetting};
use router_engine::{EngineSettings, own_share};
use serde::{Deserialize, Serialize};

/// The section `[router]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouterSettings {
    /// The longest accepted request body.
    pub body_limit: ByteSize,
    /// How long a request may take altogether.
    pub timeout: DurationSetting,
    /// GraphQL requests that run at the same time; more are refused with 503.
    pub max_concurrent_requests: usize,
    /// Refuse requests that a page of another site could make a browser send.
    pub csrf_protection: bool,
    /// Serve the playground at `/`.
    pub playground: bool,
    /// Compress answers for clients that accept it.
    pub compression: bool,
    /// Names of client applications that metrics tell apart; the rest is `other`.
    pub known_clients: Vec<String>,
    /// Which other sites may use this API from a browser.
    pub cors: CorsSettings,
    /// How subgraphs are reached over HTTP.
    pub subgraphs: SubgraphSettings,
    /// Connections that stay open: sockets and event streams.
    pub subscriptions: SubscriptionSettings,
    /// How the supergraph is followed.
    pub supergraph: SupergraphSettings,
    /// How operations are prepared and run.
    pub engine: EngineSettings,
}

impl Default for RouterSettings {
    fn default() -> Self {
        Self {
            body_limit: ByteSize::new(100 * 1024),
            timeout: DurationSetting::from_secs(15),
            max_concurrent_requests: 2_000,
            csrf_protection: true,
            playground: true,
            compression: true,
            known_clients: Vec::new(),
            cors: CorsSettings::default(),
            subgraphs: SubgraphSettings::default(),
            subscriptions: SubscriptionSettings::default(),
            supergraph: SupergraphSettings::default(),
            engine: EngineSettings::default(),
        }
    }
}

/// The section `[router.cors]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorsSettings {
    /// Origins such as `https://shop.example`, or `*` alone for all. None: only pages of this server.
    pub origins: Vec<String>,
    /// Whether browsers may send cookies; not with `*`. Bearer tokens do not need it.
    pub credentials: bool,
    /// How long a browser may remember the answer to a preflight request.
    pub max_age: DurationSetting,
}

impl Default for CorsSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            credentials: false,
            max_age: DurationSetting::from_secs(7_200),
        }
    }
}

/// The section `[router.subgraphs]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubgraphSettings {
    /// Speak HTTP/2 to subgraphs without TLS (h2c). They must understand it.
    pub http2: bool,
    /// Idle connections kept per subgraph.
    pub max_idle_connections: usize,
    /// How long an idle connection is kept.
    pub idle_timeout: DurationSetting,
    /// How long a connection may take to come up.
    pub connect_timeout: DurationSetting,
    /// How long a stream of events may be silent before its subgraph counts as dead; zero: for ever.
    /// Our subgraphs send something every 12 s.
    pub heartbeat_timeout: DurationSetting,
}

impl Default for SubgraphSettings {
    fn default() -> Self {
        Self {
            http2: false,
            max_idle_connections: 64,
            idle_timeout: DurationSetting::from_secs(60),
            connect_timeout: DurationSetting::from_secs(2),
            heartbeat_timeout: DurationSetting::from_secs(40),
        }
    }
}

/// The section `[router.subscriptions]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionSettings {
    /// Open sockets and event streams together; more are refused with 503.
    pub max_connections: usize,
    /// How many of them may be one user's.
    pub max_connections_per_user: usize,
    /// Operations that run on one WebSocket at the same time.
    pub max_operations_per_connection: usize,
    /// How long a WebSocket may be open before its client has sent `connection_init`.
    pub init_timeout: DurationSetting,
    /// How often a WebSocket's client is asked whether it is still there.
    pub ping_interval: DurationSetting,
    /// How often an event stream carries a comment, so that nobody takes it for dead.
    pub keepalive_interval: DurationSetting,
    /// Messages that may wait for one client; while there are so many no further event is taken over.
    pub queue: usize,
    /// How long the oldest of them may wait before the client is cut off.
    pub slow_reader_timeout: DurationSetting,
}

impl Default for SubscriptionSettings {
    fn default() -> Self {
        Self {
            max_connections: 20_000,
            max_connections_per_user: 20,
            max_operations_per_connection: 50,
            init_timeout: DurationSetting::from_secs(3),
            ping_interval: DurationSetting::from_secs(25),
            keepalive_interval: DurationSetting::from_secs(12),
            queue: 64,
            slow_reader_timeout: DurationSetting::from_secs(10),
        }
    }
}

/// The section `[router.supergraph]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SupergraphSettings {
    /// How often its sources are looked at for changes: files read, subgraphs asked. Zero: at the start
    /// only.
    pub poll_interval: DurationSetting,
    /// How long a subgraph may take to tell its schema.
    pub introspection_timeout: DurationSetting,
    /// How often it is asked, at once and after short pauses, before that counts as failed.
    pub introspection_attempts: u32,
    /// The longest accepted schema of one subgraph, and the longest composed one.
    pub max_schema_size: ByteSize,
}

impl Default for SupergraphSettings {
    fn default() -> Self {
        Self {
            poll_interval: DurationSetting::from_secs(5),
            introspection_timeout: DurationSetting::from_secs(5),
            introspection_attempts: 3,
            max_schema_size: ByteSize::new(16 * 1024 * 1024),
        }
    }
}

impl RouterSettings {
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let (open, supergraph) = (&self.subscriptions, &self.supergraph);
        for (name, zero) in [
            (
                "subscriptions.init_timeout",
                open.init_timeout.get().is_zero(),
            ),
            (
                "subscriptions.ping_interval",
                open.ping_interval.get().is_zero(),
            ),
            (
                "subscriptions.keepalive_interval",
                open.keepalive_interval.get().is_zero(),
            ),
            ("subscriptions.queue", open.queue == 0),
            (
                "subscriptions.slow_reader_timeout",
                open.slow_reader_timeout.get().is_zero(),
            ),
            (
                "supergraph.introspection_timeout",
                supergraph.introspection_timeout.get().is_zero(),
            ),
            (
                "supergraph.introspection_attempts",
                supergraph.introspection_attempts == 0,
            ),
        ] {
            if zero {
                return Err(SettingsError::Zero(name));
            }
        }
        for (label, share) in &self.engine.override_labels {
            if own_share(label).is_some() {
                return Err(SettingsError::OwnShare(label.clone()));
            }
            if !(0.0..=100.0).contains(share) {
                return Err(SettingsError::Share(label.clone()));
            }
        }
        Ok(())
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Not a scheme, a host and perhaps a port.
    #[error("router.cors.origins: `{0}` is not an origin; write https://shop.example")]
    Origin(String),
    /// Browsers refuse the combination.
    #[error("router.cors: `*` cannot be combined with other origins or with credentials")]
    AnyOrigin,
    /// A time or a number without which nothing would work.
    #[error("router.{0} must not be zero")]
    Zero(&'static str),
    /// More requests than all, or fewer than none.
    #[error("router.engine.override_labels: the share of `{0}` is no percentage; write 0 to 100")]
    Share(String),
    /// A label that is a percentage: an entry for it would change nothing.
    #[error(
        "router.engine.override_labels: `{0}` says its share itself, which no setting changes; take the entry out"
    )]
    OwnShare(String),
}

#[cfg(test)]
mod tests {
    use process::config;

    use super::*;

    #[derive(Deserialize)]
    struct Sections {
        router: RouterSettings,
    }

    #[test]
    fn the_compiled_in_defaults_are_the_defaults_of_the_types() {
        let sections: Sections = config::load(&[], []).unwrap();
        let defaults = config::print(&RouterSettings::default()).unwrap();
        assert_eq!(config::print(&sections.router).unwrap(), defaults);
    }

    #[test]
    fn what_must_not_be_zero_is_named() {
        RouterSettings::default().check().unwrap();
        let mut settings = RouterSettings::default();
        settings.supergraph.introspection_timeout = DurationSetting::from_secs(0);
        let error = settings.check().unwrap_err().to_string();
        let expected = "router.supergraph.introspection_timeout must not be zero";
        assert_eq!(error, expected);
    }

    #[test]
    fn labels_have_shares_from_nothing_to_everything() {
        let check = |share: f64| {
            let mut settings = RouterSettings::default();
            let label = "rollout:billing".to_owned();
            settings.engine.override_labels.insert(label, share);
            settings.check().map_err(|error| error.to_string())
        };
        for good in [0.0, 0.1, 100.0] {
            assert_eq!(check(good), Ok(()));
        }
        let refusal = "router.engine.override_labels: the share of `rollout:billing` is no percentage; write 0 to 100";
        for bad in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
            assert_eq!(check(bad), Err(refusal.to_owned()));
        }
        let mut settings = RouterSettings::default();
        let label = "percent(50)".to_owned();
        settings.engine.override_labels.insert(label, 0.0);
        let refusal = "router.engine.override_labels: `percent(50)` says its share itself, which no setting changes; \
                       take the entry out";
        assert_eq!(settings.check().unwrap_err().to_string(), refusal);
        // No percentage, so a name, of which the engine says that no field moves with it.
        let label = "percent(half)".to_owned();
        settings.engine.override_labels = [(label, 0.0)].into();
        settings.check().unwrap();
        let variable = "PASAR__ROUTER__ENGINE__OVERRIDE_LABELS";
        let env = [(
            variable.to_owned(),
            r#"{ "rollout:billing" = 5 }"#.to_owned(),
        )];
        let sections: Sections = config::load(&[], env).unwrap();
        let share = sections
            .router
            .engine
            .override_labels
            .get("rollout:billing")
            .copied();
        assert_eq!(share, Some(5.0));
    }

    #[test]
    fn a_misspelled_key_is_named() {
        let variable = ("PASAR__ROUTER__CORS__ORIGIN", "[]");
        let env = [(variable.0.to_owned(), variable.1.to_owned())];
        let error = config::load::<Sections>(&[], env).err().unwrap();
        let message = error.to_string();
        assert!(
            message.starts_with("router.cors.origin (from PASAR__ROUTER__CORS__ORIGIN)"),
            "{message}"
        );
    }
}
