//! What a person may do with a shop's products. `sellers` knows who works where.

use kernel::{Fault, SellerId};
use serde::Deserialize;
use serde_json::json;
use service::Ctx;

use crate::domain::{Error, Product, Rejection};

/// Permission to change categories and attributes.
pub(crate) const MANAGE_CATALOG: &str = "manage:catalog";
/// Permission to see all products and to take them down.
pub(crate) const MODERATE_PRODUCTS: &str = "moderate:products";

const MEMBER_ROLE: &str = "query CatalogMemberRole($sellerId: ID!, $userId: ID!) { \
     sellerMemberRole(sellerId: $sellerId, userId: $userId) }";

/// What a person may do in a shop, as `sellers` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ShopRole {
    /// Sees everything of the shop.
    Staff,
    /// Also changes products.
    Manager,
    /// Also the rest.
    Owner,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    seller_member_role: Option<ShopRole>,
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
    let answer: Answer = ctx
        .peers
        .call(ctx, "sellers", MEMBER_ROLE, variables)
        .await?;
    Ok(answer.seller_member_role)
}

/// Whether the caller may see the product, whatever their place in its shop.
pub(crate) fn is_open(ctx: &Ctx, product: &Product) -> bool {
    product.is_public() || ctx.principal.can(MODERATE_PRODUCTS)
}

/// Refuses unless the caller is a manager or the owner of the shop.
///
/// # Errors
/// [`Rejection::NotPermitted`]; not logged in; `sellers` does not answer.
pub(crate) async fn require_manager(ctx: &Ctx, seller_id: SellerId) -> Result<(), Error> {
    ctx.user()?;
    match find_role(ctx, seller_id).await? {
        Some(role) if role >= ShopRole::Manager => Ok(()),
        _ => Err(not_permitted()),
    }
}

/// Refuses unless the caller is a manager or the owner of the product's shop. Who may not even see
/// the product is told that it is not there.
///
/// # Errors
/// [`Rejection::NotPermitted`], [`Rejection::ProductNotFound`]; `sellers` does not answer.
pub(crate) async fn require_manager_of(ctx: &Ctx, product: &Product) -> Result<(), Error> {
    match find_role(ctx, product.seller_id).await? {
        Some(role) if role >= ShopRole::Manager => Ok(()),
        None if !is_open(ctx, product) => Err(Rejection::ProductNotFound.into()),
        _ => Err(not_permitted()),
    }
}

fn not_permitted() -> Error {
    Rejection::NotPermitted {
        who: "only the owner and managers of the shop may do this",
    }
    .into()
}
