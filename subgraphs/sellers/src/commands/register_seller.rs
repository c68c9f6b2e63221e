//! `sellerRegister`.

use serde::Serialize;
use service::{Claim, Ctx, idempotency, outbox};

use crate::{
    domain::{Error, Member, MemberRole, Profile, Rejection, Seller},
    events::{SellerFace, SellerRegistered},
    store,
};

/// What a shop needs to begin.
#[derive(Serialize)]
pub struct RegisterSeller {
    /// Unique name in addresses.
    pub slug: String,
    /// What it shows of itself.
    pub profile: Profile,
}

/// Registers a shop; the caller becomes its owner.
///
/// # Errors
/// [`Error`]: slug taken, already in a shop, a value that breaks a rule, a reused key; not logged in.
pub async fn register_seller(
    ctx: &Ctx,
    idempotency_key: &str,
    input: RegisterSeller,
) -> Result<Seller, Error> {
    let owner_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "sellerRegister", idempotency_key, &input).await? {
        Claim::Done(seller) => return Ok(seller),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    let now = ctx.now();
    let seller = Seller::register(ctx.ids.next(), input.slug, input.profile, now)?;
    let owner = Member {
        id: ctx.ids.next(),
        seller_id: seller.id,
        user_id: owner_id,
        role: MemberRole::Owner,
        created_at: now,
    };
    store::sellers::insert(&mut tx, &seller).await?;
    store::members::insert(&mut tx, &owner).await?;
    let event = SellerRegistered {
        seller_id: seller.id,
        owner_id,
        face: SellerFace::from(&seller),
    };
    outbox::append(&mut tx, ctx, seller.id, seller.version, &event).await?;
    idempotency::remember(&mut tx, ctx, "sellerRegister", idempotency_key, &seller).await?;
    tx.commit().await?;
    Ok(seller)
}
