//! A wording as administrators keep it.

use chrono::{DateTime, Utc};
use kernel::NotificationTemplateId;

use super::{ChannelKind, Locale, NotificationType, Rejection, Wording, default_wording};

/// The wording of one type, channel and language.
#[derive(Debug, Clone)]
pub struct Template {
    /// Id; `None` while nobody has changed it.
    pub id: Option<NotificationTemplateId>,
    /// The type.
    pub kind: NotificationType,
    /// The channel.
    pub channel: ChannelKind,
    /// The language.
    pub locale: Locale,
    /// The wording in force.
    pub wording: Wording,
    /// Whether it is the one that is compiled in.
    pub is_default: bool,
    /// Grows with every change; 0 while nobody has changed it.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Template {
    /// The one that is compiled in.
    #[must_use]
    pub fn compiled_in(kind: NotificationType, channel: ChannelKind, locale: Locale) -> Self {
        Self {
            id: None,
            kind,
            channel,
            locale,
            wording: default_wording(kind, channel, locale),
            is_default: true,
            version: 0,
            updated_at: None,
        }
    }

    /// Demands that the caller has read this version.
    ///
    /// # Errors
    /// [`Rejection::VersionConflict`] otherwise.
    pub const fn expect_version(&self, expected: i32) -> Result<(), Rejection> {
        if self.version == expected {
            Ok(())
        } else {
            Err(Rejection::VersionConflict {
                current: self.version,
            })
        }
    }
}
