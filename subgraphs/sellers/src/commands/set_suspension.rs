//! `sellerSuspend` and `sellerReinstate`.

use kernel::SellerId;
use service::{Ctx, outbox};

use super::lock;
use crate::{
    access::MANAGE_SELLERS,
    domain::{Error, Seller},
    events::{SellerReinstated, SellerSuspended},
    store,
};

/// Whether a shop is closed.
pub struct SetSuspension {
    /// The shop.
    pub seller_id: SellerId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// Close it, or open it again.
    pub suspended: bool,
}

/// Closes a shop or opens it again.
///
/// # Errors
/// [`Error`]: not found, stale version, in that state already; without `manage:sellers`.
pub async fn set_suspension(ctx: &Ctx, input: SetSuspension) -> Result<Seller, Error> {
    ctx.require(MANAGE_SELLERS)?;
    let mut tx = ctx.begin().await?;
    let (mut seller, _) = lock(&mut tx, input.seller_id).await?;
    seller.expect_version(input.expected_version)?;
    if input.suspended {
        seller.suspend(ctx.now())?;
    } else {
        seller.reinstate(ctx.now())?;
    }
    store::sellers::update(&mut tx, &seller).await?;
    let (id, version) = (seller.id, seller.version);
    if input.suspended {
        outbox::append(
            &mut tx,
            ctx,
            id,
            version,
            &SellerSuspended { seller_id: id },
        )
        .await?;
    } else {
        outbox::append(
            &mut tx,
            ctx,
            id,
            version,
            &SellerReinstated { seller_id: id },
        )
        .await?;
    }
    tx.commit().await?;
    Ok(seller)
}
