//! What changes shops. Each command loads, lets the domain decide, saves and records the event, in one
//! transaction.

mod add_member;
mod decide_verification;
mod register_seller;
mod remove_member;
mod set_suspension;
mod submit_verification;
mod update_seller;

pub use add_member::{AddMember, add_member};
pub use decide_verification::{DecideVerification, decide_verification};
pub use register_seller::{RegisterSeller, register_seller};
pub use remove_member::{RemoveMember, remove_member};
pub use set_suspension::{SetSuspension, set_suspension};
pub use submit_verification::{SubmitVerification, submit_verification};
pub use update_seller::{UpdateSeller, update_seller};

use kernel::SellerId;
use service::{Ctx, Transaction};

use crate::{
    domain::{Error, Member, MemberRole, Rejection, Seller},
    store,
};

/// Locks a shop and its people.
async fn lock(tx: &mut Transaction, id: SellerId) -> Result<(Seller, Vec<Member>), Error> {
    let seller = store::sellers::find_for_update(tx, id)
        .await?
        .ok_or(Rejection::SellerNotFound)?;
    let members = store::members::of_seller(tx, id).await?;
    Ok((seller, members))
}

/// Locks a shop on behalf of one of its people with at least `role`.
async fn lock_as(
    tx: &mut Transaction,
    ctx: &Ctx,
    id: SellerId,
    role: MemberRole,
) -> Result<(Seller, Vec<Member>), Error> {
    let user_id = ctx.user()?;
    let (seller, members) = lock(tx, id).await?;
    if members
        .iter()
        .any(|member| member.user_id == user_id && member.role >= role)
    {
        return Ok((seller, members));
    }
    let who = match role {
        MemberRole::Owner => "only the owner of the shop may do this",
        MemberRole::Manager => "only the owner and managers of the shop may do this",
        MemberRole::Staff => "only people of the shop may do this",
    };
    Err(Rejection::NotPermitted { who }.into())
}
