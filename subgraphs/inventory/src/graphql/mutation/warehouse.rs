//! Mutations of warehouses.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use gql::{GlobalId, settle};
use kernel::markers;
use service::Ctx;

use crate::{
    commands,
    domain::{Details, Error, Warehouse},
    graphql::{
        types::WarehouseNode,
        user_error::{UserError, user_error},
    },
};

/// What a warehouse needs to begin.
#[derive(InputObject)]
struct WarehouseCreateInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// What its people call it, 2 to 80 characters.
    name: String,
    /// Short unique name within the shop: 2 to 20 capital letters, digits and hyphens.
    code: String,
    /// City or regency, 2 to 80 characters.
    city: String,
    /// Province of that city, 2 to 80 characters.
    province: String,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of a warehouse; fields left out stay as they are.
#[derive(InputObject)]
struct WarehouseUpdateInput {
    /// The warehouse.
    warehouse_id: GlobalId<markers::Warehouse>,
    /// The version that was read.
    expected_version: i32,
    /// What its people call it, 2 to 80 characters.
    name: Option<String>,
    /// Short unique name within the shop: 2 to 20 capital letters, digits and hyphens.
    code: Option<String>,
    /// City or regency, 2 to 80 characters.
    city: Option<String>,
    /// Province of that city, 2 to 80 characters.
    province: Option<String>,
}

/// A warehouse to activate or deactivate.
#[derive(InputObject)]
struct WarehouseActivationInput {
    /// The warehouse.
    warehouse_id: GlobalId<markers::Warehouse>,
    /// The version that was read.
    expected_version: i32,
}

/// The warehouse after the change, or why it was refused.
#[derive(SimpleObject)]
struct WarehousePayload {
    /// The warehouse; null when the change was refused.
    warehouse: Option<WarehouseNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn payload(outcome: Result<Warehouse, Error>) -> Result<Option<WarehousePayload>> {
    let (warehouse, user_errors) = settle(outcome, user_error)?;
    Ok(Some(WarehousePayload {
        warehouse: warehouse.map(WarehouseNode),
        user_errors,
    }))
}

#[derive(Default)]
pub(crate) struct WarehouseMutation;

#[Object]
impl WarehouseMutation {
    /// Opens a warehouse; a shop has at most 50. For the shop's owner and managers and the permission
    /// `manage:stock`.
    async fn warehouse_create(
        &self,
        ctx: &Context<'_>,
        input: WarehouseCreateInput,
    ) -> Result<Option<WarehousePayload>> {
        let command = commands::CreateWarehouse {
            seller_id: input.seller_id.0,
            details: Details {
                name: input.name,
                code: input.code,
                city: input.city,
                province: input.province,
            },
        };
        payload(commands::create_warehouse(ctx.data()?, &input.idempotency_key, command).await)
    }

    /// Changes what a shop says about a warehouse. For the shop's owner and managers and the permission
    /// `manage:stock`.
    async fn warehouse_update(
        &self,
        ctx: &Context<'_>,
        input: WarehouseUpdateInput,
    ) -> Result<Option<WarehousePayload>> {
        let command = commands::UpdateWarehouse {
            warehouse_id: input.warehouse_id.0,
            expected_version: input.expected_version,
            name: input.name,
            code: input.code,
            city: input.city,
            province: input.province,
        };
        payload(commands::update_warehouse(ctx.data()?, command).await)
    }

    /// Takes the stock of a warehouse off sale; from then on it can only become less. For the shop's owner and
    /// managers and the permission `manage:stock`.
    async fn warehouse_deactivate(
        &self,
        ctx: &Context<'_>,
        input: WarehouseActivationInput,
    ) -> Result<Option<WarehousePayload>> {
        payload(set_active(ctx.data()?, input, false).await)
    }

    /// Puts the stock of a warehouse up for sale again. For the shop's owner and managers and the permission
    /// `manage:stock`.
    async fn warehouse_activate(
        &self,
        ctx: &Context<'_>,
        input: WarehouseActivationInput,
    ) -> Result<Option<WarehousePayload>> {
        payload(set_active(ctx.data()?, input, true).await)
    }
}

async fn set_active(
    ctx: &Ctx,
    input: WarehouseActivationInput,
    is_active: bool,
) -> Result<Warehouse, Error> {
    let command = commands::SetWarehouseActive {
        warehouse_id: input.warehouse_id.0,
        expected_version: input.expected_version,
        is_active,
    };
    commands::set_warehouse_active(ctx, command).await
}
