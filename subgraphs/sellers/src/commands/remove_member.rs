//! `sellerMemberRemove`.

use kernel::{SellerId, UserId};
use service::{Ctx, outbox};

use super::lock_as;
use crate::{
    domain::{Error, MemberRole, Rejection, Seller},
    events::SellerMemberRemoved,
    store,
};

/// Who leaves which shop.
pub struct RemoveMember {
    /// The shop.
    pub seller_id: SellerId,
    /// The person.
    pub user_id: UserId,
}

/// Removes a person from a shop. The owner stays.
///
/// # Errors
/// [`Error`]: not found, not its owner, no such member, the owner; not logged in.
pub async fn remove_member(ctx: &Ctx, input: RemoveMember) -> Result<Seller, Error> {
    let mut tx = ctx.begin().await?;
    let (mut seller, members) = lock_as(&mut tx, ctx, input.seller_id, MemberRole::Owner).await?;
    let member = members
        .into_iter()
        .find(|member| member.user_id == input.user_id)
        .ok_or(Rejection::MemberNotFound)?;
    if member.role == MemberRole::Owner {
        return Err(Rejection::InvalidState {
            rule: "the owner of a shop cannot leave it",
        }
        .into());
    }
    seller.members_changed(ctx.now());
    store::members::delete(&mut tx, member.id).await?;
    store::sellers::update(&mut tx, &seller).await?;
    let event = SellerMemberRemoved {
        seller_id: seller.id,
        user_id: member.user_id,
    };
    outbox::append(&mut tx, ctx, seller.id, seller.version, &event).await?;
    tx.commit().await?;
    Ok(seller)
}
