//! One file per command.

pub(crate) mod compose;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod healthcheck;
pub(crate) mod migrate;
pub(crate) mod router;
pub(crate) mod schema;
pub(crate) mod seed;
pub(crate) mod serve;
pub(crate) mod up;
pub(crate) mod worker;
