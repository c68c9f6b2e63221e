//! Settings of the engine. Every queue and bound has a name here.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// Settings of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// How large an operation may be.
    pub limits: Limits,
    /// Whether `__schema` and `__type` are answered. `__typename` always is.
    pub introspection: bool,
    /// How many prepared operations are kept.
    pub plan_cache_entries: u64,
    /// How many bytes of memory they may take, estimated.
    pub plan_cache_bytes: u64,
    /// How long a subgraph may take for one call.
    pub subgraph_timeout_ms: u64,
    /// The same for single subgraphs, by name.
    pub subgraph_timeouts_ms: HashMap<String, u64>,
    /// How long the other subgraphs may take altogether for one event of a subscription.
    pub subscription_event_timeout_ms: u64,
    /// For how many requests, in percent, a label of `@override` is active; it is for none when it is not here.
    /// Labels such as `percent(5)` say it themselves: entries for them change nothing.
    pub override_labels: BTreeMap<String, f64>,
    /// How large one answer of a subgraph, or one event of a subscription, may be.
    pub max_subgraph_response_bytes: usize,
    /// Show the messages of all subgraph errors to clients. For development only.
    pub expose_subgraph_errors: bool,
    /// Name the subgraph in `extensions.service`.
    pub expose_subgraph_names: bool,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            introspection: true,
            plan_cache_entries: 2_000,
            plan_cache_bytes: 64 * 1024 * 1024,
            subgraph_timeout_ms: 10_000,
            subgraph_timeouts_ms: HashMap::new(),
            subscription_event_timeout_ms: 15_000,
            override_labels: BTreeMap::new(),
            max_subgraph_response_bytes: 16 * 1024 * 1024,
            expose_subgraph_errors: false,
            expose_subgraph_names: false,
        }
    }
}

/// How large an operation may be. Counts go through fragments: a fragment spread twice counts twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Levels of fields, without those below `__schema` and `__type`.
    pub depth: u64,
    /// Lexical tokens of the document.
    pub tokens: u64,
    /// Levels of brackets in the document; never more than 45, whatever is set.
    pub nesting: u64,
    /// Aliased fields.
    pub aliases: u64,
    /// Fields at the root.
    pub root_fields: u64,
    /// Directives.
    pub directives: u64,
    /// Fields altogether.
    pub fields: u64,
    /// Entries in `errors` of one response; the rest is counted only.
    pub errors: usize,
    /// Entities that one call to a subgraph may ask for.
    pub representations: usize,
    /// Plans kept of one operation, for different values of the variables in `@skip`, `@include` and different
    /// active labels of `@override`.
    pub plan_variants: usize,
    /// How long the search for a plan may take.
    pub planning_timeout_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 12,
            tokens: 4_000,
            nesting: 32,
            aliases: 30,
            root_fields: 20,
            directives: 20,
            fields: 3_000,
            errors: 100,
            representations: 5_000,
            plan_variants: 16,
            planning_timeout_ms: 2_000,
        }
    }
}
