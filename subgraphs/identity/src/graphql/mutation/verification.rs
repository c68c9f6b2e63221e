//! Proving an e-mail address or a phone number, and a new password for a forgotten one.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use gql::settle;

use super::{
    super::user_error::user_error, UserError, UserPayload, own_payload, security, user_payload,
};
use crate::commands::{self, ResetPassword};

/// What the letter said.
#[derive(InputObject)]
struct EmailVerifyInput {
    /// The token of the letter.
    token: String,
}

/// Whose password is forgotten.
#[derive(InputObject)]
struct PasswordResetRequestInput {
    /// E-mail address of the account, in any case.
    email: String,
}

/// What the letter said, and the password to be.
#[derive(InputObject)]
struct PasswordResetInput {
    /// The token of the letter.
    token: String,
    /// 8 to 128 characters with upper case, lower case, a digit and a special character.
    new_password: String,
}

/// What the SMS said.
#[derive(InputObject)]
struct PhoneVerifyInput {
    /// The code of the SMS, six digits.
    code: String,
}

/// Whether a letter may be expected.
#[derive(SimpleObject)]
struct PasswordResetRequestPayload {
    /// Why it was refused; empty also when there is no account with that address, so that nobody can
    /// find out.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct VerificationMutation;

#[Object]
impl VerificationMutation {
    /// Proves the e-mail address of an account by the token of a letter, within 24 hours. Needs no login; the
    /// same token again changes nothing.
    async fn email_verify(
        &self,
        ctx: &Context<'_>,
        input: EmailVerifyInput,
    ) -> Result<Option<UserPayload>> {
        user_payload(commands::verify_email(ctx.data()?, security(ctx)?, &input.token).await)
    }

    /// Sends another letter to the caller's address; the one before it is not valid any more. After three in
    /// a row it pauses for an hour. Needs a login.
    async fn email_verification_resend(&self, ctx: &Context<'_>) -> Result<Option<UserPayload>> {
        own_payload(commands::resend_email_verification(ctx.data()?).await)
    }

    /// Sends a code by SMS to the phone number of the caller's profile, good for ten minutes; the one before
    /// it is not valid any more. Refused for a number that another account has verified. After three in a row,
    /// for the number whoever asks, or by the caller, it pauses for an hour. Needs a login.
    async fn phone_otp_request(&self, ctx: &Context<'_>) -> Result<Option<UserPayload>> {
        own_payload(commands::request_phone_code(ctx.data()?).await)
    }

    /// Proves the caller's phone number by the code of an SMS, and takes it from accounts that only state it.
    /// After five wrong codes a new one is needed; the same code again changes nothing. Needs a login.
    async fn phone_verify(
        &self,
        ctx: &Context<'_>,
        input: PhoneVerifyInput,
    ) -> Result<Option<UserPayload>> {
        own_payload(commands::verify_phone(ctx.data()?, security(ctx)?, &input.code).await)
    }

    /// Sends a letter with which the password can be set anew, within an hour. After three in a row it
    /// pauses for an hour. Needs no login; the answer does not tell whether there is such an account.
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        input: PasswordResetRequestInput,
    ) -> Result<Option<PasswordResetRequestPayload>> {
        let outcome = commands::request_password_reset(ctx.data()?, &input.email).await;
        let (_, user_errors) = settle(outcome, user_error)?;
        Ok(Some(PasswordResetRequestPayload { user_errors }))
    }

    /// Sets a forgotten password anew by the token of a letter, ends all sessions and lifts a lockout. Needs
    /// no login.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        input: PasswordResetInput,
    ) -> Result<Option<UserPayload>> {
        let command = ResetPassword {
            token: input.token,
            new_password: input.new_password,
        };
        user_payload(commands::reset_password(ctx.data()?, security(ctx)?, command).await)
    }
}
