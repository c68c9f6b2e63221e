//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod announcements;
pub(crate) mod deliveries;
pub(crate) mod devices;
pub(crate) mod mailbox;
mod news;
pub(crate) mod notifications;
pub(crate) mod people;
pub(crate) mod products;
pub(crate) mod templates;
pub(crate) mod watches;
