//! The one integration binary: one folder per part.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

#[cfg(feature = "catalog")]
mod catalog;
mod cluster;
#[cfg(feature = "supergraph")]
mod contracts;
mod events;
#[cfg(feature = "identity")]
mod identity;
#[cfg(feature = "inventory")]
mod inventory;
mod kafka;
mod live;
#[cfg(feature = "notifications")]
mod notifications;
mod parts;
#[cfg(feature = "reviews")]
mod reviews;
#[cfg(feature = "search")]
mod search;
#[cfg(feature = "sellers")]
mod sellers;
#[cfg(feature = "supergraph")]
mod supergraph;
