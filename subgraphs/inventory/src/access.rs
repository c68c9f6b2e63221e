//! What a person may do with the stock of a shop. `sellers` knows who works where, `catalog` whose a
//! variant is.

use std::collections::HashMap;

use kernel::{Fault, ProductId, SellerId, VariantId};
use serde::Deserialize;
use serde_json::json;
use service::Ctx;

use crate::domain::{Error, Rejection};

/// Permission to see and change the stock of all shops.
pub(crate) const MANAGE_STOCK: &str = "manage:stock";

const MEMBER_ROLE: &str = "query InventoryMemberRole($sellerId: ID!, $userId: ID!) { \
     sellerMemberRole(sellerId: $sellerId, userId: $userId) }";
const VARIANT_OWNERS: &str = "query InventoryVariantOwners($ids: [ID!]!) { \
     variantOwners(ids: $ids) { variantId productId sellerId } }";

/// What a person may do in a shop, as `sellers` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ShopRole {
    /// Changes stock.
    Staff,
    /// Also opens and closes warehouses.
    Manager,
    /// Also the rest.
    Owner,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    seller_member_role: Option<ShopRole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owners {
    variant_owners: Vec<Owner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    variant_id: VariantId,
    product_id: ProductId,
    seller_id: SellerId,
}

/// The caller's role in a shop; `None` when they do not work there, or have not logged in.
///
/// # Errors
/// `UNAVAILABLE` when `sellers` does not answer.
pub(crate) async fn find_role(ctx: &Ctx, seller_id: SellerId) -> Result<Option<ShopRole>, Fault> {
    let Some(user_id) = ctx.principal.user_id() else {
        return Ok(None);
    };
    let variables = json!({ "sellerId": seller_id, "userId": user_id });
    let membership: Membership = ctx
        .peers
        .call(ctx, "sellers", MEMBER_ROLE, variables)
        .await?;
    Ok(membership.seller_member_role)
}

/// Whether the caller may see the stock of a shop.
///
/// # Errors
/// `UNAVAILABLE` when `sellers` does not answer.
pub(crate) async fn is_insider(ctx: &Ctx, seller_id: SellerId) -> Result<bool, Fault> {
    Ok(ctx.principal.can(MANAGE_STOCK) || find_role(ctx, seller_id).await?.is_some())
}

/// Demands that the caller may see the stock of a shop.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`; `UNAVAILABLE` when `sellers` does not answer.
pub(crate) async fn require_insider(ctx: &Ctx, seller_id: SellerId) -> Result<(), Fault> {
    if is_insider(ctx, seller_id).await? {
        return Ok(());
    }
    ctx.require(MANAGE_STOCK)
}

/// Refuses unless the caller has at least `role` in the shop, or manages all stock. `path` is the input
/// field that names the shop or something of it.
///
/// # Errors
/// [`Rejection::NotPermitted`]; not logged in; `sellers` does not answer.
pub(crate) async fn require_role(
    ctx: &Ctx,
    seller_id: SellerId,
    role: ShopRole,
    path: Vec<String>,
) -> Result<(), Error> {
    ctx.user()?;
    if ctx.principal.can(MANAGE_STOCK) {
        return Ok(());
    }
    if find_role(ctx, seller_id)
        .await?
        .is_some_and(|held| held >= role)
    {
        return Ok(());
    }
    let who = match role {
        ShopRole::Staff => "only people of the shop may do this",
        ShopRole::Manager | ShopRole::Owner => {
            "only the owner and managers of the shop may do this"
        }
    };
    Err(Rejection::NotPermitted { who, path }.into())
}

/// Product and shop of variants; those that do not exist are left out.
///
/// # Errors
/// `UNAVAILABLE` when `catalog` does not answer.
pub(crate) async fn load_owners(
    ctx: &Ctx,
    ids: &[VariantId],
) -> Result<HashMap<VariantId, (ProductId, SellerId)>, Fault> {
    let variables = json!({ "ids": ids });
    let owners: Owners = ctx
        .peers
        .call(ctx, "catalog", VARIANT_OWNERS, variables)
        .await?;
    Ok(owners
        .variant_owners
        .into_iter()
        .map(|owner| (owner.variant_id, (owner.product_id, owner.seller_id)))
        .collect())
}
