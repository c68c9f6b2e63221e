//! What the owners say of everything, in pages by id.

use kernel::{CategoryId, Entity, Fault, Id, ProductId, SellerId, StockLevelId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use service::Ctx;
use uuid::Uuid;

/// Whom the projection is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Categories, of catalog.
    Categories,
    /// Shops, of sellers.
    Sellers,
    /// Products, of catalog.
    Products,
    /// Stock levels and whether their warehouses are open, of inventory.
    Stock,
    /// Ratings of products, of reviews.
    Ratings,
}

/// One thing as its owner has it.
pub(crate) struct Snapshot {
    pub(crate) id: Uuid,
    pub(crate) version: i32,
    payload: Value,
}

#[derive(Deserialize)]
struct Answer {
    snapshots: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    version: i32,
    payload: String,
}

impl Owner {
    const fn peer(self) -> &'static str {
        match self {
            Self::Categories | Self::Products => "catalog",
            Self::Sellers => "sellers",
            Self::Stock => "inventory",
            Self::Ratings => "reviews",
        }
    }

    const fn query(self) -> &'static str {
        match self {
            Self::Categories => {
                "query($after: ID, $first: Int!) { snapshots: categorySnapshots(after: $after, \
                 first: $first) { id version payload } }"
            }
            Self::Sellers => {
                "query($after: ID, $first: Int!) { snapshots: sellerSnapshots(after: $after, \
                 first: $first) { id version payload } }"
            }
            Self::Products => {
                "query($after: ID, $first: Int!) { snapshots: productSnapshots(after: $after, \
                 first: $first) { id version payload } }"
            }
            Self::Stock => {
                "query($after: ID, $first: Int!) { snapshots: availabilitySnapshots(after: $after, \
                 first: $first) { id version payload } }"
            }
            Self::Ratings => {
                "query($after: ID, $first: Int!) { snapshots: ratingSnapshots(after: $after, \
                 first: $first) { id version payload } }"
            }
        }
    }

    /// The id of one of its things as the graph writes it.
    pub(crate) fn text(self, id: Uuid) -> String {
        match self {
            Self::Categories => CategoryId::from_uuid(id).to_string(),
            Self::Sellers => SellerId::from_uuid(id).to_string(),
            Self::Products | Self::Ratings => ProductId::from_uuid(id).to_string(),
            Self::Stock => StockLevelId::from_uuid(id).to_string(),
        }
    }

    /// The id of one of its things in the form of databases.
    pub(crate) fn uuid(self, text: &str) -> Result<Uuid, Fault> {
        fn parse<E: Entity>(text: &str) -> Result<Uuid, Fault> {
            Ok(text.parse::<Id<E>>()?.uuid())
        }
        match self {
            Self::Categories => parse::<kernel::markers::Category>(text),
            Self::Sellers => parse::<kernel::markers::Seller>(text),
            Self::Products | Self::Ratings => parse::<kernel::markers::Product>(text),
            Self::Stock => parse::<kernel::markers::StockLevel>(text),
        }
    }
}

impl Snapshot {
    /// What it says, as far as it is read.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        T::deserialize(&self.payload)
            .map_err(|error| Fault::internal(format!("a snapshot is not what was agreed: {error}")))
    }
}

/// The next things after `after`, by id.
///
/// # Errors
/// `UNAVAILABLE` when the owner does not answer.
pub(crate) async fn page(
    ctx: &Ctx,
    owner: Owner,
    after: Option<Uuid>,
    first: i32,
) -> Result<Vec<Snapshot>, Fault> {
    let variables = json!({ "after": after.map(|id| owner.text(id)), "first": first });
    let call = ctx.peers.call(ctx, owner.peer(), owner.query(), variables);
    let answer: Answer = call.await?;
    answer
        .snapshots
        .into_iter()
        .map(|item| {
            Ok(Snapshot {
                id: owner.uuid(&item.id)?,
                version: item.version,
                payload: serde_json::from_str(&item.payload)?,
            })
        })
        .collect()
}
