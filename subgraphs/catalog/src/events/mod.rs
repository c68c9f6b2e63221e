//! What this subgraph publishes.

pub mod category;
pub mod product;

use service::outbox::{EventContract, contract};

pub use category::{
    AttributeCreated, AttributeSnapshot, AttributeUpdated, CategoryCreated, CategoryDeleted,
    CategoryMoved, CategorySnapshot, CategoryUpdated,
};
pub use product::{
    PriceChanged, ProductArchived, ProductCreated, ProductDeleted, ProductPriceChanged,
    ProductPublished, ProductReinstated, ProductSnapshot, ProductSuspended, ProductUnpublished,
    ProductUpdated, ProductVariantAdded, ProductVariantRemoved, ProductVariantUpdated,
    VariantSnapshot,
};

/// The events of this subgraph, for the catalogue in `schema/events/`.
#[must_use]
pub fn contracts() -> Vec<EventContract> {
    vec![
        contract::<ProductCreated>(),
        contract::<ProductUpdated>(),
        contract::<ProductDeleted>(),
        contract::<ProductPublished>(),
        contract::<ProductUnpublished>(),
        contract::<ProductArchived>(),
        contract::<ProductSuspended>(),
        contract::<ProductReinstated>(),
        contract::<ProductVariantAdded>(),
        contract::<ProductVariantUpdated>(),
        contract::<ProductVariantRemoved>(),
        contract::<ProductPriceChanged>(),
        contract::<CategoryCreated>(),
        contract::<CategoryUpdated>(),
        contract::<CategoryMoved>(),
        contract::<CategoryDeleted>(),
        contract::<AttributeCreated>(),
        contract::<AttributeUpdated>(),
    ]
}
