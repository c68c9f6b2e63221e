//! What is told: to whom it may concern, and then to each.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{EventId, Money, NotificationId, ProductId, ReviewId, SellerId, UserId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::NotificationType;

/// The values that wordings show, by name. Kept as they are, since how they are written depends on the
/// language.
pub type Variables = BTreeMap<String, VariableValue>;

/// A value that wordings show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableValue {
    /// A text, as it is.
    Text(String),
    /// A number.
    Count(i64),
    /// A price.
    Amount(Money),
    /// A moment.
    Time(DateTime<Utc>),
}

/// To whom something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// One person.
    User(UserId),
    /// The people of the shop that the announcement is about.
    Shop(SellerId),
    /// Those who watch the product that the announcement is about.
    Watchers(ProductId),
}

/// What kind of audience: each kind is told side by side with the others, so that one person does not wait for
/// a thousand, nor for somebody who is asked who works in a shop.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudienceKind {
    /// One person.
    User,
    /// The people of a shop.
    Shop,
    /// Those who watch a product.
    Watchers,
}

impl Audience {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> AudienceKind {
        match self {
            Self::User(_) => AudienceKind::User,
            Self::Shop(_) => AudienceKind::Shop,
            Self::Watchers(_) => AudienceKind::Watchers,
        }
    }
}

/// What is told.
#[derive(Debug, Clone)]
pub struct News {
    /// What kind of thing.
    pub kind: NotificationType,
    /// What the same person is told once: other news of the type with this key tell them nothing.
    pub subject_key: String,
    /// What wordings show.
    pub variables: Variables,
    /// The product it is about.
    pub product_id: Option<ProductId>,
    /// The shop it is about.
    pub seller_id: Option<SellerId>,
    /// The review it is about.
    pub review_id: Option<ReviewId>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
}

impl News {
    /// News about nothing, without values.
    #[must_use]
    pub fn new(
        kind: NotificationType,
        subject_key: impl Into<String>,
        occurred_at: DateTime<Utc>,
    ) -> Self {
        Self {
            kind,
            subject_key: subject_key.into(),
            variables: Variables::new(),
            product_id: None,
            seller_id: None,
            review_id: None,
            occurred_at,
        }
    }

    /// The same with a value that wordings show.
    #[must_use]
    pub fn with(mut self, name: &str, value: VariableValue) -> Self {
        self.variables.insert(name.to_owned(), value);
        self
    }

    /// Where tapping it leads, on the website at `site`.
    #[must_use]
    pub fn link(&self, site: &str) -> Option<String> {
        use NotificationType as Kind;
        match self.kind {
            Kind::Welcome => Some(site.to_owned()),
            Kind::ShopVerified | Kind::ShopRejected => Some(format!("{site}/shop")),
            _ => self.product_id.map(|id| format!("{site}/products/{id}")),
        }
    }
}

/// News before it is known to whom exactly they are told.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Row in the database.
    pub id: Uuid,
    /// The event behind it.
    pub event_id: EventId,
    /// To whom.
    pub audience: Audience,
    /// What.
    pub news: News,
    /// How often it was tried to be told.
    pub attempts: i32,
}

/// News that a person is told.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Id.
    pub id: NotificationId,
    /// To whom.
    pub user_id: UserId,
    /// Its number among those that the person sees in the app: 1, 2, 3 …; `None` when it is told in other
    /// ways only.
    pub seq: Option<i64>,
    /// What.
    pub news: News,
    /// When the person read it.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// What catalog said last of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownProduct {
    /// The product.
    pub product_id: ProductId,
    /// Its shop.
    pub seller_id: SellerId,
    /// What it is called.
    pub name: String,
    /// `ACTIVE` when everybody sees it.
    pub status: String,
    /// Its lowest price.
    pub min_price: Money,
    /// Of the product; grows.
    pub version: i32,
}

impl KnownProduct {
    /// Whether everybody sees it.
    #[must_use]
    pub fn is_on_sale(&self) -> bool {
        self.status == "ACTIVE"
    }
}
