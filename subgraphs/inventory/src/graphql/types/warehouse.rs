//! A place where stock lies.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::markers;

use super::SellerNode;
use crate::domain::Warehouse;

pub(crate) struct WarehouseNode(pub(crate) Warehouse);

/// A place where stock of a shop lies.
#[Object(name = "Warehouse")]
impl WarehouseNode {
    /// Id, begins with `warehouse_`.
    async fn id(&self) -> GlobalId<markers::Warehouse> {
        self.0.id.into()
    }

    /// The shop.
    async fn seller(&self) -> Option<SellerNode> {
        Some(SellerNode {
            id: self.0.seller_id,
        })
    }

    /// What its people call it.
    async fn name(&self) -> &str {
        &self.0.details.name
    }

    /// Short unique name within the shop.
    async fn code(&self) -> &str {
        &self.0.details.code
    }

    /// City or regency.
    async fn city(&self) -> &str {
        &self.0.details.city
    }

    /// Province of that city.
    async fn province(&self) -> &str {
        &self.0.details.province
    }

    /// Whether its stock is for sale.
    async fn is_active(&self) -> bool {
        self.0.is_active
    }

    /// Grows with every change; mutations take it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was opened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
