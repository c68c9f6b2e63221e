//! Root mutations with their inputs and payloads.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use gql::{GlobalId, UserError, settle};
use kernel::markers;
use service::Ctx;

use super::{
    types::{SellerMember, SellerNode, SellerRole},
    user_error::user_error,
};
use crate::{
    commands,
    domain::{Error, Profile, Seller},
};

/// What a shop needs to begin.
#[derive(InputObject)]
struct SellerRegisterInput {
    /// Unique name in addresses: 3 to 60 lower-case letters, digits and single hyphens.
    slug: String,
    /// Name over the door, 3 to 60 characters.
    shop_name: String,
    /// What the shop sells and how, at most 2000 characters.
    description: String,
    /// City or regency it ships from, 2 to 80 characters.
    city: String,
    /// Province of that city, 2 to 80 characters.
    province: String,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of a shop; fields left out stay as they are.
#[derive(InputObject)]
struct SellerUpdateInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The version that was read.
    expected_version: i32,
    /// Name over the door, 3 to 60 characters.
    shop_name: Option<String>,
    /// What it is about in one line, at most 80 characters; empty removes it.
    tagline: Option<String>,
    /// What the shop sells and how, at most 2000 characters.
    description: Option<String>,
    /// City or regency it ships from, 2 to 80 characters.
    city: Option<String>,
    /// Province of that city, 2 to 80 characters.
    province: Option<String>,
}

/// The documents of a shop.
#[derive(InputObject)]
struct SellerVerificationSubmitInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The version that was read.
    expected_version: i32,
    /// Name of the legal person behind the shop, 3 to 120 characters.
    legal_name: String,
    /// NIB (Nomor Induk Berusaha), 13 digits.
    business_number: String,
}

/// The answer to a shop's documents.
#[derive(InputObject)]
struct SellerVerificationDecideInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The version that was read.
    expected_version: i32,
    /// Why the documents are refused, 3 to 500 characters; left out, they are approved.
    refusal_reason: Option<String>,
}

/// A shop to close or to open again.
#[derive(InputObject)]
struct SellerSuspensionInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The version that was read.
    expected_version: i32,
}

/// Who joins a shop.
#[derive(InputObject)]
struct SellerMemberAddInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The person.
    user_id: GlobalId<markers::User>,
    /// What they may do: `MANAGER` or `STAFF`.
    role: SellerRole,
}

/// Who leaves a shop.
#[derive(InputObject)]
struct SellerMemberRemoveInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The person.
    user_id: GlobalId<markers::User>,
}

/// The shop after the change, or why it was refused.
#[derive(SimpleObject)]
struct SellerPayload {
    /// The shop; null when the change was refused.
    seller: Option<SellerNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The new member, or why it was refused.
#[derive(SimpleObject)]
struct SellerMemberPayload {
    /// The member; null when the change was refused.
    member: Option<SellerMember>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn seller_payload(outcome: Result<Seller, Error>) -> Result<Option<SellerPayload>> {
    let (seller, user_errors) = settle(outcome, user_error)?;
    Ok(Some(SellerPayload {
        seller: seller.map(SellerNode),
        user_errors,
    }))
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// Registers a shop; the caller becomes its owner. Needs a login.
    async fn seller_register(
        &self,
        ctx: &Context<'_>,
        input: SellerRegisterInput,
    ) -> Result<Option<SellerPayload>> {
        let profile = Profile {
            shop_name: input.shop_name,
            tagline: String::new(),
            description: input.description,
            city: input.city,
            province: input.province,
        };
        let command = commands::RegisterSeller {
            slug: input.slug,
            profile,
        };
        seller_payload(
            commands::register_seller(ctx.data()?, &input.idempotency_key, command).await,
        )
    }

    /// Changes what a shop shows of itself. For its owner and managers.
    async fn seller_update(
        &self,
        ctx: &Context<'_>,
        input: SellerUpdateInput,
    ) -> Result<Option<SellerPayload>> {
        let command = commands::UpdateSeller {
            seller_id: input.seller_id.0,
            expected_version: input.expected_version,
            shop_name: input.shop_name,
            tagline: input.tagline,
            description: input.description,
            city: input.city,
            province: input.province,
        };
        seller_payload(commands::update_seller(ctx.data()?, command).await)
    }

    /// Submits a shop's documents for verification. For its owner.
    async fn seller_verification_submit(
        &self,
        ctx: &Context<'_>,
        input: SellerVerificationSubmitInput,
    ) -> Result<Option<SellerPayload>> {
        let command = commands::SubmitVerification {
            seller_id: input.seller_id.0,
            expected_version: input.expected_version,
            legal_name: input.legal_name,
            business_number: input.business_number,
        };
        seller_payload(commands::submit_verification(ctx.data()?, command).await)
    }

    /// Approves or refuses a shop's documents. Needs the permission `manage:sellers`.
    async fn seller_verification_decide(
        &self,
        ctx: &Context<'_>,
        input: SellerVerificationDecideInput,
    ) -> Result<Option<SellerPayload>> {
        let command = commands::DecideVerification {
            seller_id: input.seller_id.0,
            expected_version: input.expected_version,
            refusal: input.refusal_reason,
        };
        seller_payload(commands::decide_verification(ctx.data()?, command).await)
    }

    /// Closes a shop. Needs the permission `manage:sellers`.
    async fn seller_suspend(
        &self,
        ctx: &Context<'_>,
        input: SellerSuspensionInput,
    ) -> Result<Option<SellerPayload>> {
        seller_payload(set_suspension(ctx.data()?, input, true).await)
    }

    /// Opens a closed shop again; it has to be verified anew. Needs the permission `manage:sellers`.
    async fn seller_reinstate(
        &self,
        ctx: &Context<'_>,
        input: SellerSuspensionInput,
    ) -> Result<Option<SellerPayload>> {
        seller_payload(set_suspension(ctx.data()?, input, false).await)
    }

    /// Adds a person to a shop. For its owner.
    async fn seller_member_add(
        &self,
        ctx: &Context<'_>,
        input: SellerMemberAddInput,
    ) -> Result<Option<SellerMemberPayload>> {
        let command = commands::AddMember {
            seller_id: input.seller_id.0,
            user_id: input.user_id.0,
            role: input.role.into(),
        };
        let outcome = commands::add_member(ctx.data()?, command).await;
        let (member, user_errors) = settle(outcome, user_error)?;
        Ok(Some(SellerMemberPayload {
            member: member.map(SellerMember::from),
            user_errors,
        }))
    }

    /// Removes a person from a shop; its owner stays. For its owner.
    async fn seller_member_remove(
        &self,
        ctx: &Context<'_>,
        input: SellerMemberRemoveInput,
    ) -> Result<Option<SellerPayload>> {
        let command = commands::RemoveMember {
            seller_id: input.seller_id.0,
            user_id: input.user_id.0,
        };
        seller_payload(commands::remove_member(ctx.data()?, command).await)
    }
}

async fn set_suspension(
    ctx: &Ctx,
    input: SellerSuspensionInput,
    suspended: bool,
) -> Result<Seller, Error> {
    let command = commands::SetSuspension {
        seller_id: input.seller_id.0,
        expected_version: input.expected_version,
        suspended,
    };
    commands::set_suspension(ctx, command).await
}
