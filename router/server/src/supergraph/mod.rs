//! Where the supergraph comes from, and what happens when it changes (`docs/adr/0022`).
//!
//! [`Reader`] reads the sources, [`Follower`] composes what it has read and puts it into use, again and
//! again; [`Report`] is what operators see of it.

mod follow;
mod introspect;
mod read;
mod report;

pub use follow::{Build, Follower, explain};
pub use introspect::{IntrospectionError, Introspector};
pub use read::{Input, ReadError, Reader, Reading, SourceState};
pub(crate) use report::status;
pub use report::{Failure, Report, Stage};
