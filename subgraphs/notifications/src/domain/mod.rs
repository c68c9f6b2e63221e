//! The rules of telling people things. Pure: no I/O, no clock, no wire formats.

pub mod delivery;
pub mod kind;
pub mod letter;
pub mod names;
pub mod rejection;

pub use delivery::{Delivery, DeliveryStatus, ReportedStatus, retry_at};
pub use kind::{ChannelKind, Class, Locale, NotificationType, TypeRule, Variable};
pub use letter::Letter;
pub use names::Named;
pub use rejection::{Error, Rejection};
