//! Object types: newtypes over domain values.

use async_graphql::{Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{GlobalId, Int64};
use kernel::{ProductId, ReviewId, SellerId, markers};

use crate::{
    domain::{
        ChannelKind, Class, DeliveryStatus, Device, Locale, NotificationType, Platform, Watch,
        WatchKind,
    },
    queries::View,
};

/// A way of telling somebody something.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "NotificationChannel", remote = "ChannelKind")]
pub(crate) enum ChannelValue {
    /// The list in the app.
    InApp,
    /// E-mail.
    Email,
    /// SMS.
    Sms,
    /// A push message to the person's devices.
    Push,
    /// WhatsApp.
    Whatsapp,
}

/// A language of wordings.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "NotificationLocale", remote = "Locale")]
pub(crate) enum LocaleValue {
    /// Indonesian.
    Id,
    /// English.
    En,
}

/// What a person may decide about a type of notification.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "NotificationClass", remote = "Class")]
pub(crate) enum ClassValue {
    /// It belongs to something the person has begun, or to their safety: it cannot be muted and does not wait.
    Transactional,
    /// Useful: on until it is muted, and not in quiet hours.
    Informational,
    /// Advertising: only with consent, and not in quiet hours.
    Marketing,
}

/// What a person is told.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "NotificationType", remote = "NotificationType")]
pub(crate) enum TypeValue {
    /// An order was placed.
    OrderCreated,
    /// An order was paid.
    PaymentSucceeded,
    /// What was paid for an order was given back.
    RefundCompleted,
    /// An order was shipped.
    OrderShipped,
    /// An order was delivered.
    OrderDelivered,
    /// The account was made.
    Welcome,
    /// The e-mail address is to be confirmed.
    VerifyEmail,
    /// The phone number is to be confirmed.
    VerifyPhone,
    /// A new password is to be chosen.
    PasswordReset,
    /// A flash sale begins.
    FlashSale,
    /// A voucher will end.
    VoucherExpiring,
    /// A watched product costs less.
    PriceDrop,
    /// Somebody wrote in a chat.
    ChatMessage,
    /// Something happened that only the person should have done.
    SecurityAlert,
    /// The account itself was changed.
    AccountChanged,
    /// A watched product can be bought again.
    BackInStock,
    /// A shop's stock is low.
    LowStock,
    /// A shop's stock is empty.
    OutOfStock,
    /// A shop got a review.
    ReviewPosted,
    /// A shop answered a review.
    ReviewAnswered,
    /// A review was refused by the marketplace.
    ReviewRejected,
    /// A shop was verified.
    ShopVerified,
    /// A shop's documents were refused.
    ShopRejected,
    /// A shop was closed by the marketplace.
    ShopSuspended,
}

/// Where a delivery stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "NotificationDeliveryStatus", remote = "DeliveryStatus")]
pub(crate) enum StatusValue {
    /// It waits for its time, or for another attempt.
    Queued,
    /// The provider has taken it.
    Sent,
    /// It has arrived.
    Delivered,
    /// It was opened.
    Read,
    /// It was refused, came back, or was given up.
    Failed,
    /// There was nobody to send it to any more.
    Cancelled,
}

/// What a person wants to hear of a product.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProductWatchKind", remote = "WatchKind")]
pub(crate) enum WatchValue {
    /// That it costs less. Stays until it is taken back.
    PriceDrop,
    /// That it can be bought again. Ends when it was told.
    BackInStock,
}

/// The system of a device.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "PushPlatform", remote = "Platform")]
pub(crate) enum PlatformValue {
    /// Android.
    Android,
    /// iOS or iPadOS.
    Ios,
    /// A browser.
    Web,
}

// A product; `catalog` owns and describes it.
#[derive(SimpleObject)]
#[graphql(name = "Product", unresolvable = "id")]
pub(crate) struct ProductNode {
    id: GlobalId<markers::Product>,
}

// A review; `reviews` owns and describes it.
#[derive(SimpleObject)]
#[graphql(name = "Review", unresolvable = "id")]
pub(crate) struct ReviewNode {
    id: GlobalId<markers::Review>,
}

// A shop; `sellers` owns and describes it.
#[derive(SimpleObject)]
#[graphql(name = "Seller", unresolvable = "id")]
pub(crate) struct SellerNode {
    id: GlobalId<markers::Seller>,
}

fn product(id: ProductId) -> ProductNode {
    ProductNode { id: id.into() }
}

fn review(id: ReviewId) -> ReviewNode {
    ReviewNode { id: id.into() }
}

fn seller(id: SellerId) -> SellerNode {
    SellerNode { id: id.into() }
}

pub(crate) struct NotificationNode(pub(crate) View);

/// Something a person is told in the app. For that person only.
#[Object(name = "Notification")]
impl NotificationNode {
    /// Id, begins with `notification_`.
    async fn id(&self) -> GlobalId<markers::Notification> {
        self.0.notification.id.into()
    }

    /// Its number among the person's notifications: 1, 2, 3 … without a gap.
    async fn seq(&self) -> Int64 {
        Int64(self.0.notification.seq.unwrap_or_default())
    }

    /// What kind of thing it tells.
    async fn r#type(&self) -> TypeValue {
        self.0.notification.news.kind.into()
    }

    /// What it tells, in a line and in the person's language.
    async fn title(&self) -> &str {
        &self.0.rendered.subject
    }

    /// What it tells, in the person's language.
    async fn body(&self) -> &str {
        &self.0.rendered.text
    }

    /// Where tapping it leads; null when nowhere.
    async fn link(&self) -> Option<&str> {
        self.0.link.as_deref()
    }

    /// The product it is about; null when it is about none or the product is gone.
    async fn product(&self) -> Option<ProductNode> {
        self.0.notification.news.product_id.map(product)
    }

    /// The shop it is about; null when it is about none or the shop is gone.
    async fn seller(&self) -> Option<SellerNode> {
        self.0.notification.news.seller_id.map(seller)
    }

    /// The review it is about; null when it is about none or the review is gone.
    async fn review(&self) -> Option<ReviewNode> {
        self.0.notification.news.review_id.map(review)
    }

    /// Whether the person has read it.
    async fn is_read(&self) -> bool {
        self.0.notification.read_at.is_some()
    }

    /// When the person read it; null while they have not.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.notification.read_at
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.notification.news.occurred_at
    }

    /// When it was told.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.notification.created_at
    }
}

/// A person's wish to hear of a product.
#[derive(SimpleObject)]
pub(crate) struct ProductWatch {
    /// Id, begins with `watch_`.
    id: GlobalId<markers::ProductWatch>,
    /// The product; null when it is gone.
    product: Option<ProductNode>,
    /// What they want to hear.
    kind: WatchValue,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<Watch> for ProductWatch {
    fn from(watch: Watch) -> Self {
        Self {
            id: watch.id.into(),
            product: Some(product(watch.product_id)),
            kind: watch.kind.into(),
            created_at: watch.created_at,
        }
    }
}

/// A device that push messages reach. For its owner only.
#[derive(SimpleObject)]
pub(crate) struct PushDevice {
    /// Id, begins with `device_`.
    id: GlobalId<markers::Device>,
    /// Its system.
    platform: PlatformValue,
    /// How its owner calls it; may be empty.
    name: String,
    /// Since when.
    created_at: DateTime<Utc>,
    /// When it last registered.
    seen_at: DateTime<Utc>,
}

impl From<Device> for PushDevice {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.into(),
            platform: device.platform.into(),
            name: device.name,
            created_at: device.created_at,
            seen_at: device.seen_at,
        }
    }
}
