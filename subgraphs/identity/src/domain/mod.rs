//! The rules of accounts. Pure: no I/O, no clock, no wire formats.

mod common_passwords;
pub mod lockout;
pub mod password;
pub mod profile;
pub mod rejection;
pub mod role;
pub mod session;
pub mod user;
pub mod verification;

pub use lockout::Attempts;
pub use password::PasswordRule;
pub use profile::{Gender, Locale, Preferences, Profile, ProfileChange};
pub use rejection::{Error, Rejection};
pub use role::Role;
pub use session::{Presented, RefreshToken, Revocation, RevocationReason, Session};
pub use user::{User, UserStatus};
pub use verification::{Purpose, Verification};
