//! The rules of shops. Pure: no I/O, no clock, no wire formats.

pub mod member;
pub mod rejection;
pub mod seller;

pub use member::{Member, MemberRole};
pub use rejection::{Error, Rejection};
pub use seller::{Profile, Seller, SellerStatus, Verification};
