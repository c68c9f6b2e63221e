//! What a person may do with a product, a shop and a review. `catalog` knows whose a product is,
//! `sellers` who works where.

use kernel::{Fault, ProductId, SellerId, UserId};
use serde::Deserialize;
use serde_json::json;
use service::Ctx;

use crate::domain::{Error, Rejection, Review};

/// Permission to see all reviews, to decide on them and to delete them.
pub const MODERATE_REVIEWS: &str = "moderate:reviews";

const PRODUCT_OWNERS: &str = "query ReviewsProductOwners($ids: [ID!]!) { \
     productOwners(ids: $ids) { sellerId isPublished } }";
const MEMBER_ROLE: &str = "query ReviewsMemberRole($sellerId: ID!, $userId: ID!) { \
     sellerMemberRole(sellerId: $sellerId, userId: $userId) }";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Products {
    product_owners: Vec<ProductOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductOwner {
    seller_id: SellerId,
    is_published: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    seller_member_role: Option<String>,
}

/// Whether the caller may see the review.
#[must_use]
pub fn may_see(ctx: &Ctx, review: &Review) -> bool {
    review.is_public() || may_see_all_of(ctx, review.subject.author_id)
}

/// Whether the caller may see all that this person wrote, published or not.
#[must_use]
pub fn may_see_all_of(ctx: &Ctx, author_id: UserId) -> bool {
    ctx.principal.user_id() == Some(author_id) || ctx.principal.can(MODERATE_REVIEWS)
}

/// The shop of a product that this person may review.
///
/// # Errors
/// [`Rejection::ProductNotFound`] unless it is on sale, [`Rejection::NotPermitted`] for the people of its
/// shop; `catalog` or `sellers` does not answer.
pub(crate) async fn shop_to_review(
    ctx: &Ctx,
    product_id: ProductId,
    author_id: UserId,
) -> Result<SellerId, Error> {
    let variables = json!({ "ids": [product_id] });
    let products: Products = ctx
        .peers
        .call(ctx, "catalog", PRODUCT_OWNERS, variables)
        .await?;
    let product = products
        .product_owners
        .first()
        .filter(|product| product.is_published);
    let seller_id = product.ok_or(Rejection::ProductNotFound)?.seller_id;
    if works_in(ctx, seller_id, author_id).await? {
        return Err(Rejection::NotPermitted {
            who: "the people of a shop do not review its products",
            field: "productId",
        }
        .into());
    }
    Ok(seller_id)
}

/// Refuses unless this person works in the shop.
///
/// # Errors
/// [`Rejection::NotPermitted`]; `sellers` does not answer.
pub(crate) async fn require_member(
    ctx: &Ctx,
    seller_id: SellerId,
    user_id: UserId,
) -> Result<(), Error> {
    if works_in(ctx, seller_id, user_id).await? {
        return Ok(());
    }
    Err(Rejection::NotPermitted {
        who: "only people of the shop respond to reviews of its products",
        field: "reviewId",
    }
    .into())
}

async fn works_in(ctx: &Ctx, seller_id: SellerId, user_id: UserId) -> Result<bool, Fault> {
    let variables = json!({ "sellerId": seller_id, "userId": user_id });
    let membership: Membership = ctx
        .peers
        .call(ctx, "sellers", MEMBER_ROLE, variables)
        .await?;
    Ok(membership.seller_member_role.is_some())
}
