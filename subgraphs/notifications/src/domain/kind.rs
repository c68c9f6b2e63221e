//! The kinds of things people are told, the ways of telling, and which goes with which.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// A way of telling somebody something.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChannelKind {
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

/// A language that messages are written in.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Locale {
    /// Indonesian.
    #[default]
    Id,
    /// English.
    En,
}

/// What a person may decide about a kind of notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It belongs to something the person has begun, or to their safety: it cannot be muted and does not wait.
    Transactional,
    /// Useful: on until it is muted, and not in quiet hours.
    Informational,
    /// Advertising: only with consent, and not in quiet hours.
    Marketing,
}

/// What a person is told. The list is closed: each has wordings, and a rule in [`NotificationType::rule`].
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationType {
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

/// A value that the wordings of a type may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// As wordings write it.
    pub name: &'static str,
    /// Whether every wording must show it.
    pub is_required: bool,
}

/// How many values at most a type may leave out: each combination of them is tried with a wording.
pub const MAX_OPTIONAL: usize = 8;

/// What holds for one type.
#[derive(Debug, Clone, Copy)]
pub struct TypeRule {
    /// What the person may decide.
    pub class: Class,
    /// The channels it may take, and whether it does when the person has not said anything.
    pub channels: &'static [(ChannelKind, bool)],
    /// The values that every wording must show.
    pub required: &'static [&'static str],
    /// The values that wordings may show. Besides, all but those in the app may show `name` (the person's),
    /// and all may show `link` and `site`. Together they are at most [`MAX_OPTIONAL`].
    pub optional: &'static [&'static str],
}

const EVERYWHERE: &[(ChannelKind, bool)] = &[
    (ChannelKind::InApp, true),
    (ChannelKind::Email, true),
    (ChannelKind::Push, true),
    (ChannelKind::Sms, false),
    (ChannelKind::Whatsapp, false),
];
const MAIL_ONLY: &[(ChannelKind, bool)] = &[(ChannelKind::Email, true)];
const SMS_ONLY: &[(ChannelKind, bool)] = &[(ChannelKind::Sms, true)];
const OF_ACCOUNT: &[(ChannelKind, bool)] =
    &[(ChannelKind::InApp, true), (ChannelKind::Email, true)];
const SAFETY: &[(ChannelKind, bool)] = &[
    (ChannelKind::InApp, true),
    (ChannelKind::Email, true),
    (ChannelKind::Push, true),
    (ChannelKind::Sms, false),
];
const LIVELY: &[(ChannelKind, bool)] = &[
    (ChannelKind::InApp, true),
    (ChannelKind::Push, true),
    (ChannelKind::Email, false),
];
const OF_SHOP: &[(ChannelKind, bool)] = &[
    (ChannelKind::InApp, true),
    (ChannelKind::Email, true),
    (ChannelKind::Push, true),
    (ChannelKind::Whatsapp, false),
];

const fn may(name: &'static str) -> Variable {
    Variable {
        name,
        is_required: false,
    }
}

const fn rule(
    class: Class,
    channels: &'static [(ChannelKind, bool)],
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> TypeRule {
    TypeRule {
        class,
        channels,
        required,
        optional,
    }
}

impl NotificationType {
    /// What holds for this type.
    #[must_use]
    pub const fn rule(self) -> TypeRule {
        use Class::{Informational, Marketing, Transactional};
        match self {
            Self::OrderCreated | Self::PaymentSucceeded => {
                rule(Transactional, EVERYWHERE, &["order_number"], &["total"])
            }
            Self::RefundCompleted => {
                rule(Transactional, EVERYWHERE, &["order_number"], &["amount"])
            }
            Self::OrderShipped => rule(
                Transactional,
                EVERYWHERE,
                &["order_number"],
                &["courier", "tracking_number"],
            ),
            Self::OrderDelivered => rule(Transactional, EVERYWHERE, &["order_number"], &[]),
            Self::Welcome => rule(Informational, OF_ACCOUNT, &[], &[]),
            Self::VerifyEmail | Self::PasswordReset => {
                rule(Transactional, MAIL_ONLY, &["link"], &["valid_until"])
            }
            Self::VerifyPhone => rule(Transactional, SMS_ONLY, &["code"], &["valid_until"]),
            Self::FlashSale => rule(Marketing, EVERYWHERE, &["sale_name"], &["starts_at"]),
            Self::VoucherExpiring => {
                rule(Marketing, EVERYWHERE, &["voucher_code"], &["expires_at"])
            }
            // Who watches a product has asked for exactly this message, so it is no advertising.
            Self::PriceDrop => rule(
                Informational,
                EVERYWHERE,
                &["product_name", "new_price"],
                &["old_price"],
            ),
            Self::BackInStock => rule(Informational, EVERYWHERE, &["product_name"], &[]),
            Self::ChatMessage => rule(Informational, LIVELY, &["sender_name"], &["excerpt"]),
            Self::SecurityAlert => rule(
                Transactional,
                SAFETY,
                &[],
                &["password_changed", "occurred_at"],
            ),
            Self::AccountChanged => rule(
                Transactional,
                OF_ACCOUNT,
                &[],
                &["deletion_requested", "deletion_cancelled"],
            ),
            Self::LowStock => rule(Informational, OF_SHOP, &["product_name", "quantity"], &[]),
            Self::OutOfStock => rule(Informational, OF_SHOP, &["product_name"], &[]),
            Self::ReviewPosted => rule(Informational, LIVELY, &["product_name"], &["rating"]),
            Self::ReviewAnswered => rule(Informational, LIVELY, &["product_name"], &[]),
            Self::ReviewRejected => rule(Transactional, OF_ACCOUNT, &["product_name"], &["reason"]),
            Self::ShopVerified | Self::ShopSuspended => rule(Transactional, OF_SHOP, &[], &[]),
            Self::ShopRejected => rule(Transactional, OF_SHOP, &["reason"], &[]),
        }
    }

    /// Whether it may take that channel at all.
    #[must_use]
    pub fn takes(self, channel: ChannelKind) -> bool {
        self.default_of(channel).is_some()
    }

    /// Whether it takes that channel when the person has not said anything; `None`: never.
    #[must_use]
    pub fn default_of(self, channel: ChannelKind) -> Option<bool> {
        let channels = self.rule().channels;
        let found = channels.iter().find(|(known, _)| *known == channel);
        found.map(|(_, is_default)| *is_default)
    }

    /// What its wordings for that channel may name.
    #[must_use]
    pub fn variables(self, channel: ChannelKind) -> Vec<Variable> {
        let rule = self.rule();
        let required = rule.required.iter().map(|name| Variable {
            name,
            is_required: true,
        });
        let mut variables: Vec<_> = required
            .chain(rule.optional.iter().map(|name| may(name)))
            .collect();
        if channel != ChannelKind::InApp {
            variables.push(may("name"));
        }
        if !variables.iter().any(|variable| variable.name == "link") {
            variables.push(may("link"));
        }
        variables.push(may("site"));
        variables
    }

    /// Whether it only concerns the owner of a shop, not all its people.
    #[must_use]
    pub const fn is_for_owner(self) -> bool {
        matches!(
            self,
            Self::ShopVerified | Self::ShopRejected | Self::ShopSuspended
        )
    }

    /// Whether it may go to an address that the person has not confirmed yet.
    #[must_use]
    pub const fn is_for_unverified(self) -> bool {
        matches!(self, Self::Welcome) || matches!(self.rule().class, Class::Transactional)
    }

    /// Whether somebody sits and waits for it: it is for a step that they are in the middle of.
    #[must_use]
    pub const fn is_awaited(self) -> bool {
        matches!(
            self,
            Self::VerifyEmail | Self::VerifyPhone | Self::PasswordReset
        )
    }
}
