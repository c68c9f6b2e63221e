//! `sellerVerificationSubmit`.

use kernel::SellerId;
use service::{Ctx, outbox};

use super::lock_as;
use crate::{
    domain::{Error, MemberRole, Seller},
    events::SellerVerificationSubmitted,
    store,
};

/// The documents of a shop.
pub struct SubmitVerification {
    /// The shop.
    pub seller_id: SellerId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// Name of the legal person.
    pub legal_name: String,
    /// NIB, 13 digits.
    pub business_number: String,
}

/// Submits a shop's documents for verification.
///
/// # Errors
/// [`Error`]: not found, not its owner, stale version, wrong state, a value that breaks a rule; not
/// logged in.
pub async fn submit_verification(ctx: &Ctx, input: SubmitVerification) -> Result<Seller, Error> {
    let mut tx = ctx.begin().await?;
    let (mut seller, _) = lock_as(&mut tx, ctx, input.seller_id, MemberRole::Owner).await?;
    seller.expect_version(input.expected_version)?;
    seller.submit(input.legal_name, input.business_number, ctx.now())?;
    store::sellers::update(&mut tx, &seller).await?;
    let event = SellerVerificationSubmitted {
        seller_id: seller.id,
    };
    outbox::append(&mut tx, ctx, seller.id, seller.version, &event).await?;
    tx.commit().await?;
    Ok(seller)
}
