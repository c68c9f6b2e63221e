//! What is read of shops.

use kernel::{Fault, Page, PageRequest, SellerId, UserId};
use service::Ctx;

use crate::{
    access::{MANAGE_SELLERS, may_see},
    domain::{Member, MemberRole, Seller, SellerStatus},
    events::SellerSnapshot,
    store,
};

/// Which shops to list.
pub struct SellerFilter {
    /// Only shops in one of these states; empty means all that the caller may see.
    pub statuses: Vec<SellerStatus>,
    /// Only shops in this city.
    pub city: Option<String>,
}

/// The shop with that slug, if the caller may see it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find_seller_by_slug(ctx: &Ctx, slug: &str) -> Result<Option<Seller>, Fault> {
    let seller = store::sellers::find_by_slug(&ctx.db, slug).await?;
    Ok(seller.filter(|seller| may_see(ctx, seller)))
}

/// Lists shops, the newest first.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_sellers(
    ctx: &Ctx,
    filter: SellerFilter,
    page: &PageRequest,
) -> Result<Page<Seller>, Fault> {
    use SellerStatus::{InReview, Rejected, Suspended, Unverified, Verified};
    let mut statuses = filter.statuses;
    if statuses.is_empty() {
        statuses = vec![Unverified, InReview, Verified, Rejected, Suspended];
    }
    if !ctx.principal.can(MANAGE_SELLERS) {
        statuses.retain(|status| *status != Suspended);
    }
    store::sellers::list(&ctx.db, &statuses, filter.city.as_deref(), page).await
}

/// The role of a person in a shop, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn find_role(
    ctx: &Ctx,
    seller_id: SellerId,
    user_id: UserId,
) -> Result<Option<MemberRole>, Fault> {
    ctx.require_service()?;
    let members = store::members::load_by_user(&ctx.db, &[user_id]).await?;
    Ok(members
        .into_iter()
        .find(|member| member.seller_id == seller_id)
        .map(|m| m.role))
}

/// The people of shops, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_members(ctx: &Ctx, seller_ids: &[SellerId]) -> Result<Vec<Member>, Fault> {
    ctx.require_service()?;
    store::members::load_by_seller(&ctx.db, seller_ids).await
}

/// Shops in the order of their ids with their versions, as events tell them, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_snapshots(
    ctx: &Ctx,
    after: Option<SellerId>,
    first: i32,
) -> Result<Vec<(i32, SellerSnapshot)>, Fault> {
    ctx.require_service()?;
    let sellers = store::sellers::list_after(&ctx.db, after, first).await?;
    let sellers = sellers.iter();
    Ok(sellers
        .map(|seller| (seller.version, seller.into()))
        .collect())
}
