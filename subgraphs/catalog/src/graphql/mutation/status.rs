//! Putting products on the shelf and taking them off.

use async_graphql::{Context, InputObject, Object, Result};
use gql::GlobalId;
use kernel::markers;
use service::Ctx;

use super::{ProductPayload, product_payload};
use crate::{
    commands::{self, ShopAction},
    domain::{Error, Listing},
};

/// A product whose status is to change.
#[derive(InputObject)]
struct ProductStatusInput {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The version that was read.
    expected_version: i32,
}

/// A product to take down or to give back.
#[derive(InputObject)]
struct ProductModerationInput {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The version that was read.
    expected_version: i32,
    /// Why, 3 to 500 characters, for the shop to read.
    reason: String,
}

#[derive(Default)]
pub(crate) struct StatusMutation;

#[Object]
impl StatusMutation {
    /// Puts a draft on the shelf. It must be complete: required attributes, and a weight for each
    /// variant unless it is digital. For the owner and managers of the shop.
    async fn product_publish(
        &self,
        ctx: &Context<'_>,
        input: ProductStatusInput,
    ) -> Result<Option<ProductPayload>> {
        product_payload(set_status(ctx.data()?, &input, ShopAction::Publish).await)
    }

    /// Makes an active or archived product a draft again. For the owner and managers of the shop.
    async fn product_unpublish(
        &self,
        ctx: &Context<'_>,
        input: ProductStatusInput,
    ) -> Result<Option<ProductPayload>> {
        product_payload(set_status(ctx.data()?, &input, ShopAction::Unpublish).await)
    }

    /// Takes a product off the shelf for good. For the owner and managers of the shop.
    async fn product_archive(
        &self,
        ctx: &Context<'_>,
        input: ProductStatusInput,
    ) -> Result<Option<ProductPayload>> {
        product_payload(set_status(ctx.data()?, &input, ShopAction::Archive).await)
    }

    /// Takes a product down. Needs the permission `moderate:products`.
    async fn product_suspend(
        &self,
        ctx: &Context<'_>,
        input: ProductModerationInput,
    ) -> Result<Option<ProductPayload>> {
        product_payload(set_suspension(ctx.data()?, input, true).await)
    }

    /// Gives a product that was taken down back to its shop, as a draft. Needs the permission
    /// `moderate:products`.
    async fn product_reinstate(
        &self,
        ctx: &Context<'_>,
        input: ProductModerationInput,
    ) -> Result<Option<ProductPayload>> {
        product_payload(set_suspension(ctx.data()?, input, false).await)
    }
}

async fn set_status(
    ctx: &Ctx,
    input: &ProductStatusInput,
    action: ShopAction,
) -> Result<Listing, Error> {
    let command = commands::SetStatus {
        product_id: input.product_id.0,
        expected_version: input.expected_version,
        action,
    };
    commands::set_status(ctx, command).await
}

async fn set_suspension(
    ctx: &Ctx,
    input: ProductModerationInput,
    suspended: bool,
) -> Result<Listing, Error> {
    let command = commands::SetSuspension {
        product_id: input.product_id.0,
        expected_version: input.expected_version,
        suspended,
        reason: input.reason,
    };
    commands::set_suspension(ctx, command).await
}
