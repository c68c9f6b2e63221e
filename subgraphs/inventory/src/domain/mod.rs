//! The rules of stock. Pure: no I/O, no clock, no wire formats.

pub mod alert;
pub mod availability;
pub mod movement;
pub mod rejection;
pub mod stock;
pub mod warehouse;

pub use alert::{Alert, AlertKind, AlertStatus};
pub use availability::{Availability, AvailabilityStatus};
pub use movement::{Cause, Movement, MovementKind, Reason};
pub use rejection::{Error, Rejection};
pub use stock::{Change, Difference, Place, Reconciliation, StockLevel};
pub use warehouse::{Details, Warehouse};
