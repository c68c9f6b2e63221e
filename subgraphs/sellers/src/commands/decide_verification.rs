//! `sellerVerificationDecide`.

use kernel::SellerId;
use service::{Ctx, outbox};

use super::lock;
use crate::{
    access::MANAGE_SELLERS,
    domain::{Error, Seller},
    events::{SellerRejected, SellerVerified},
    store,
};

/// The answer to a shop's documents.
pub struct DecideVerification {
    /// The shop.
    pub seller_id: SellerId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// Why they are refused; `None` approves them.
    pub refusal: Option<String>,
}

/// Decides on a shop's documents.
///
/// # Errors
/// [`Error`]: not found, stale version, wrong state, a bad reason; without `manage:sellers`.
pub async fn decide_verification(ctx: &Ctx, input: DecideVerification) -> Result<Seller, Error> {
    ctx.require(MANAGE_SELLERS)?;
    let mut tx = ctx.begin().await?;
    let (mut seller, _) = lock(&mut tx, input.seller_id).await?;
    seller.expect_version(input.expected_version)?;
    seller.decide(input.refusal.clone(), ctx.now())?;
    store::sellers::update(&mut tx, &seller).await?;
    let (id, version) = (seller.id, seller.version);
    match input.refusal {
        None => {
            outbox::append(&mut tx, ctx, id, version, &SellerVerified { seller_id: id }).await?;
        }
        Some(reason) => {
            let event = SellerRejected {
                seller_id: id,
                reason,
            };
            outbox::append(&mut tx, ctx, id, version, &event).await?;
        }
    }
    tx.commit().await?;
    Ok(seller)
}
