//! The rules of telling people things. Pure: no I/O, no clock, no wire formats.

pub mod defaults;
pub mod delivery;
pub mod format;
pub mod kind;
pub mod letter;
pub mod notification;
pub mod person;
pub mod preferences;
pub mod rejection;
pub mod template;
pub mod wording;

pub use defaults::default_wording;
pub use delivery::{Delivery, DeliveryStatus, Queue, ReportedStatus, look_again_at, retry_at};
pub use kind::{ChannelKind, Class, Locale, NotificationType, TypeRule, Variable};
pub use letter::Letter;
pub use notification::{
    Announcement, Audience, AudienceKind, KnownProduct, News, Notification, VariableValue,
    Variables,
};
pub use person::{Device, Person, Platform, Watch, WatchKind};
pub use preferences::{Matrix, QuietHours, Zone};
pub use rejection::{Error, Rejection};
pub use template::Template;
pub use wording::{Rendered, Wording};
