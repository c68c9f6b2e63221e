//! `sellerUpdate`.

use kernel::SellerId;
use service::{Ctx, outbox};

use super::lock_as;
use crate::{
    domain::{Error, MemberRole, Profile, Seller},
    events::{SellerFace, SellerUpdated},
    store,
};

/// What to change; `None` leaves a field as it is.
pub struct UpdateSeller {
    /// The shop.
    pub seller_id: SellerId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// New name over the door.
    pub shop_name: Option<String>,
    /// New tagline; empty removes it.
    pub tagline: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New city.
    pub city: Option<String>,
    /// New province.
    pub province: Option<String>,
}

/// Changes what a shop shows of itself.
///
/// # Errors
/// [`Error`]: not found, not its manager, stale version, a value that breaks a rule; not logged in.
pub async fn update_seller(ctx: &Ctx, input: UpdateSeller) -> Result<Seller, Error> {
    let mut tx = ctx.begin().await?;
    let (mut seller, _) = lock_as(&mut tx, ctx, input.seller_id, MemberRole::Manager).await?;
    seller.expect_version(input.expected_version)?;
    let old = seller.profile.clone();
    let profile = Profile {
        shop_name: input.shop_name.unwrap_or(old.shop_name),
        tagline: input.tagline.unwrap_or(old.tagline),
        description: input.description.unwrap_or(old.description),
        city: input.city.unwrap_or(old.city),
        province: input.province.unwrap_or(old.province),
    };
    seller.update(profile, ctx.now())?;
    store::sellers::update(&mut tx, &seller).await?;
    let event = SellerUpdated {
        seller_id: seller.id,
        face: SellerFace::from(&seller),
    };
    outbox::append(&mut tx, ctx, seller.id, seller.version, &event).await?;
    tx.commit().await?;
    Ok(seller)
}
