//! Root mutations with their inputs and payloads.

pub(crate) mod account;
pub(crate) mod admin;
pub(crate) mod login;
pub(crate) mod verification;

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use gql::settle;

use super::{
    types::UserNode,
    user_error::{UserError, user_error},
};
use crate::{
    domain::{Error, User},
    security::Security,
};

/// The account after the change, or why it was refused.
#[derive(SimpleObject)]
pub(crate) struct UserPayload {
    /// The account; null when the change was refused.
    user: Option<UserNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// For changes by the owner: the payload shows everything.
fn own_payload(outcome: Result<User, Error>) -> Result<Option<UserPayload>> {
    let (user, user_errors) = settle(outcome, user_error)?;
    Ok(Some(UserPayload {
        user: user.map(UserNode::of_caller),
        user_errors,
    }))
}

/// For changes by others: the payload shows what they may read.
fn user_payload(outcome: Result<User, Error>) -> Result<Option<UserPayload>> {
    let (user, user_errors) = settle(outcome, user_error)?;
    Ok(Some(UserPayload {
        user: user.map(UserNode::of_somebody),
        user_errors,
    }))
}

fn security<'a>(ctx: &Context<'a>) -> Result<&'a Security> {
    Ok(ctx.data::<Arc<Security>>()?.as_ref())
}
