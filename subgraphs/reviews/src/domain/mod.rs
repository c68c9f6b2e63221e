//! The rules of reviews. Pure: no I/O, no clock, no wire formats.

pub mod listing;
pub mod rating;
pub mod rejection;
pub mod report;
pub mod review;
pub mod screening;

pub use listing::{Listing, Owner, Position, ReviewSort};
pub use rating::{Rating, RatingChange, RatingSummary};
pub use rejection::{Error, Rejection};
pub use report::{Report, ReportReason};
pub use review::{Content, Decision, Response, Review, ReviewStatus, Subject};
pub use screening::HoldReason;
