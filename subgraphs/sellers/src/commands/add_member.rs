//! `sellerMemberAdd`.

use kernel::{Named as _, SellerId, UserId};
use service::{Ctx, outbox};

use super::lock_as;
use crate::{
    domain::{Error, Member, MemberRole, Rejection, member::MAX_MEMBERS},
    events::SellerMemberAdded,
    store,
};

/// Who joins which shop.
pub struct AddMember {
    /// The shop.
    pub seller_id: SellerId,
    /// The person.
    pub user_id: UserId,
    /// What they may do; the owner cannot be added.
    pub role: MemberRole,
}

/// Adds a person to a shop.
///
/// # Errors
/// [`Error`]: not found, not its owner, already in a shop, too many, a second owner; not logged in.
pub async fn add_member(ctx: &Ctx, input: AddMember) -> Result<Member, Error> {
    let mut tx = ctx.begin().await?;
    let (mut seller, members) = lock_as(&mut tx, ctx, input.seller_id, MemberRole::Owner).await?;
    if input.role == MemberRole::Owner {
        let rule = "must be MANAGER or STAFF: a shop has one owner";
        return Err(Rejection::Invalid {
            field: "role",
            rule,
        }
        .into());
    }
    if members.len() >= MAX_MEMBERS {
        return Err(Rejection::TooManyMembers.into());
    }
    let now = ctx.now();
    let member = Member {
        id: ctx.ids.next(),
        seller_id: seller.id,
        user_id: input.user_id,
        role: input.role,
        created_at: now,
    };
    seller.members_changed(now);
    store::members::insert(&mut tx, &member).await?;
    store::sellers::update(&mut tx, &seller).await?;
    let event = SellerMemberAdded {
        seller_id: seller.id,
        user_id: member.user_id,
        role: member.role.name(),
    };
    outbox::append(&mut tx, ctx, seller.id, seller.version, &event).await?;
    tx.commit().await?;
    Ok(member)
}
