//! Typed ids: a `UUIDv7` that knows what it names, written as a `TypeID`
//! (<https://github.com/jetify-com/typeid/tree/main/spec>): prefix, underscore, 26 base32 characters.

use std::{borrow::Cow, fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A kind of thing that has ids of its own.
pub trait Entity {
    /// What stands before the underscore: lower case letters, unique in the whole graph.
    const PREFIX: &'static str;
}

/// The id of one `E`. Databases store [`Id::uuid`]; everybody else sees the text form.
pub struct Id<E> {
    uuid: Uuid,
    entity: PhantomData<fn() -> E>,
}

/// Why a text is not an id of the wanted kind. The message is meant for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// It names something else, or nothing at all.
    #[error("expected an id that begins with `{expected}_`, got `{found}`")]
    WrongPrefix {
        /// The prefix that was wanted.
        expected: &'static str,
        /// The start of what came instead.
        found: String,
    },
    /// The prefix is right; what follows is not 26 characters of Crockford base32.
    #[error("`{prefix}_` must be followed by 26 characters from 0-9 and a-z without i, l, o, u")]
    Malformed {
        /// The prefix that was wanted.
        prefix: &'static str,
    },
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

impl<E: Entity> Id<E> {
    /// Takes a `uuid` that is known to name an `E`, for example one read from its table.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self {
            uuid,
            entity: PhantomData,
        }
    }

    /// The form in which databases store it.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// Many, in the form in which databases store them.
    #[must_use]
    pub fn uuids(ids: &[Self]) -> Vec<Uuid> {
        ids.iter().map(|id| id.uuid).collect()
    }
}

impl<E: Entity> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.uuid.as_u128();
        let mut suffix = [0_u8; SUFFIX_LENGTH];
        for (index, slot) in suffix.iter_mut().enumerate() {
            let shift = 5 * (SUFFIX_LENGTH - 1 - index);
            *slot = ALPHABET[((bits >> shift) & 31) as usize];
        }
        let suffix = std::str::from_utf8(&suffix).expect("the alphabet is ASCII");
        write!(f, "{}_{suffix}", E::PREFIX)
    }
}

impl<E: Entity> FromStr for Id<E> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let Some(suffix) = text
            .strip_prefix(E::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
        else {
            return Err(IdError::WrongPrefix {
                expected: E::PREFIX,
                found: text.chars().take(40).collect(),
            });
        };
        decode(suffix)
            .map(Self::from_uuid)
            .ok_or(IdError::Malformed { prefix: E::PREFIX })
    }
}

fn decode(suffix: &str) -> Option<Uuid> {
    // 26 characters carry 130 bits: the first must leave the two spare ones empty.
    if suffix.len() != SUFFIX_LENGTH || suffix.as_bytes().first().is_none_or(|b| *b > b'7') {
        return None;
    }
    suffix
        .bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
            Some((bits << 5) | u128::try_from(digit).ok()?)
        })
        .map(Uuid::from_u128)
}

// Written by hand: derives would ask the same of the marker `E`, which has no data.
impl<E> Clone for Id<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Id<E> {}
impl<E> PartialEq for Id<E> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<E> Eq for Id<E> {}
impl<E> PartialOrd for Id<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Id<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<E> std::hash::Hash for Id<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<E: Entity> fmt::Debug for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<E: Entity> Serialize for Id<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, E: Entity> Deserialize<'de> for Id<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl<E: Entity> schemars::JsonSchema for Id<E> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}_id", E::PREFIX).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", E::PREFIX);
        schemars::json_schema!({ "type": "string", "pattern": pattern })
    }
}

/// What the ids of the graph name. A new kind is one entry here.
pub mod markers {
    use super::Entity;

    /// A definition of a typed product attribute.
    pub enum Attribute {}
    /// A node of the category tree.
    pub enum Category {}
    /// An attempt to reach somebody over one channel.
    pub enum Delivery {}
    /// A device that push messages reach.
    pub enum Device {}
    /// Something that happened.
    pub enum Event {}
    /// A warning about low stock.
    pub enum InventoryAlert {}
    /// A line of the stock ledger.
    pub enum Movement {}
    /// Something a person is told.
    pub enum Notification {}
    /// The wording of one kind of notification.
    pub enum NotificationTemplate {}
    /// A product.
    pub enum Product {}
    /// A person's wish to hear of a product.
    pub enum ProductWatch {}
    /// A rebuild of the search index.
    pub enum Reindex {}
    /// A review of a product.
    pub enum Review {}
    /// A search that somebody made.
    pub enum Search {}
    /// A shop.
    pub enum Seller {}
    /// A person's place in a shop.
    pub enum SellerMember {}
    /// A login on one device.
    pub enum Session {}
    /// The stock of one variant in one warehouse.
    pub enum StockLevel {}
    /// An account.
    pub enum User {}
    /// A variant of a product: what is actually bought.
    pub enum Variant {}
    /// A proof of e-mail address or a reset of a password, under way.
    pub enum Verification {}
    /// A place where stock lies.
    pub enum Warehouse {}

    impl Entity for Attribute {
        const PREFIX: &'static str = "attribute";
    }
    impl Entity for Category {
        const PREFIX: &'static str = "category";
    }
    impl Entity for Delivery {
        const PREFIX: &'static str = "delivery";
    }
    impl Entity for Device {
        const PREFIX: &'static str = "device";
    }
    impl Entity for Event {
        const PREFIX: &'static str = "event";
    }
    impl Entity for InventoryAlert {
        const PREFIX: &'static str = "alert";
    }
    impl Entity for Movement {
        const PREFIX: &'static str = "movement";
    }
    impl Entity for Notification {
        const PREFIX: &'static str = "notification";
    }
    impl Entity for NotificationTemplate {
        const PREFIX: &'static str = "template";
    }
    impl Entity for Product {
        const PREFIX: &'static str = "product";
    }
    impl Entity for ProductWatch {
        const PREFIX: &'static str = "watch";
    }
    impl Entity for Reindex {
        const PREFIX: &'static str = "reindex";
    }
    impl Entity for Review {
        const PREFIX: &'static str = "review";
    }
    impl Entity for Search {
        const PREFIX: &'static str = "search";
    }
    impl Entity for Seller {
        const PREFIX: &'static str = "seller";
    }
    impl Entity for SellerMember {
        const PREFIX: &'static str = "member";
    }
    impl Entity for Session {
        const PREFIX: &'static str = "session";
    }
    impl Entity for StockLevel {
        const PREFIX: &'static str = "stock";
    }
    impl Entity for User {
        const PREFIX: &'static str = "user";
    }
    impl Entity for Variant {
        const PREFIX: &'static str = "variant";
    }
    impl Entity for Verification {
        const PREFIX: &'static str = "verification";
    }
    impl Entity for Warehouse {
        const PREFIX: &'static str = "warehouse";
    }
}

/// Id of an attribute definition.
pub type AttributeId = Id<markers::Attribute>;
/// Id of a category.
pub type CategoryId = Id<markers::Category>;
/// Id of a delivery of a notification.
pub type DeliveryId = Id<markers::Delivery>;
/// Id of a push device.
pub type DeviceId = Id<markers::Device>;
/// Id of an event.
pub type EventId = Id<markers::Event>;
/// Id of a stock alert.
pub type InventoryAlertId = Id<markers::InventoryAlert>;
/// Id of a stock movement.
pub type MovementId = Id<markers::Movement>;
/// Id of a notification.
pub type NotificationId = Id<markers::Notification>;
/// Id of a notification template.
pub type NotificationTemplateId = Id<markers::NotificationTemplate>;
/// Id of a product.
pub type ProductId = Id<markers::Product>;
/// Id of a product watch.
pub type ProductWatchId = Id<markers::ProductWatch>;
/// Id of a rebuild of the search index.
pub type ReindexId = Id<markers::Reindex>;
/// Id of a review.
pub type ReviewId = Id<markers::Review>;
/// Id of a logged search.
pub type SearchId = Id<markers::Search>;
/// Id of a shop.
pub type SellerId = Id<markers::Seller>;
/// Id of a membership in a shop.
pub type SellerMemberId = Id<markers::SellerMember>;
/// Id of a login session.
pub type SessionId = Id<markers::Session>;
/// Id of the stock of one variant in one warehouse.
pub type StockLevelId = Id<markers::StockLevel>;
/// Id of an account.
pub type UserId = Id<markers::User>;
/// Id of a product variant.
pub type VariantId = Id<markers::Variant>;
/// Id of a verification.
pub type VerificationId = Id<markers::Verification>;
/// Id of a warehouse.
pub type WarehouseId = Id<markers::Warehouse>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_typeid_specification_is_read_and_written() {
        // Vector "valid-uuidv7" of the TypeID specification, with the prefix replaced.
        let uuid = Uuid::parse_str("0188bac7-4afa-78aa-bc3b-bd1eef28d881").unwrap();
        let text = "product_01h2xcejqtf2nbrexx3vqjhp41";
        assert_eq!(ProductId::from_uuid(uuid).to_string(), text);
        assert_eq!(text.parse::<ProductId>().unwrap().uuid(), uuid);
    }

    #[test]
    fn an_id_of_another_kind_is_refused_by_name() {
        let seller = SellerId::from_uuid(Uuid::from_u128(7)).to_string();
        let error = seller.parse::<ProductId>().unwrap_err().to_string();
        assert_eq!(
            error,
            format!("expected an id that begins with `product_`, got `{seller}`")
        );
    }

    #[test]
    fn malformed_suffixes_are_refused() {
        for text in [
            "product_",
            "product_01h2xcejqtf2nbrexx3vqjhp4",
            "product_01h2xcejqtf2nbrexx3vqjhp411",
            "product_81h2xcejqtf2nbrexx3vqjhp41",
            "product_01h2xcejqtf2nbrexx3vqjhpil",
            "product_01H2XCEJQTF2NBREXX3VQJHP41",
            "product_é1h2xcejqtf2nbrexx3vqjhp4",
        ] {
            assert_eq!(
                text.parse::<ProductId>(),
                Err(IdError::Malformed { prefix: "product" }),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_uuid_survives_the_text_form_and_keeps_its_order(a: u128, b: u128) {
            let (a, b) = (UserId::from_uuid(Uuid::from_u128(a)), UserId::from_uuid(Uuid::from_u128(b)));
            prop_assert_eq!(a.to_string().parse::<UserId>().unwrap(), a);
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".*") {
            drop(text.parse::<UserId>());
            drop(format!("user_{text}").parse::<UserId>());
        }
    }
}
