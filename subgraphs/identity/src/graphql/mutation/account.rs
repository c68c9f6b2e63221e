//! What people do with their own account.

use async_graphql::{Context, InputObject, Object, Result};
use gql::{Date, money::CurrencyCode};
use kernel::Currency;

use super::{
    super::types::{Gender, Locale},
    UserPayload, own_payload, security,
};
use crate::{
    commands::{self, ChangePassword, RegisterUser, UpdateProfile},
    domain::ProfileChange,
};

/// What an account needs to begin.
#[derive(InputObject)]
struct UserRegisterInput {
    /// E-mail address; upper and lower case are the same.
    email: String,
    /// 8 to 128 characters with upper case, lower case, a digit and a special character.
    password: String,
    /// First name, or the only one; 1 to 80 characters.
    first_name: String,
    /// Everything after the first name, at most 80 characters.
    last_name: Option<String>,
    /// Indonesian number in E.164, like `+6281234567890`; none that another account has verified.
    phone: Option<String>,
}

/// Both passwords.
#[derive(InputObject)]
struct PasswordChangeInput {
    /// The password in force.
    current_password: String,
    /// 8 to 128 characters with upper case, lower case, a digit and a special character.
    new_password: String,
}

/// What to change; fields left out stay as they are, an empty text clears.
#[derive(InputObject)]
struct ProfileUpdateInput {
    /// The version that was read.
    expected_version: i32,
    /// First name, or the only one; 1 to 80 characters.
    first_name: Option<String>,
    /// Everything after the first name, at most 80 characters.
    last_name: Option<String>,
    /// Indonesian number in E.164, like `+6281234567890`; none that another account has verified.
    phone: Option<String>,
    /// Date of birth.
    date_of_birth: Option<Date>,
    /// Gender.
    gender: Option<Gender>,
    /// Where the picture is: an `https://` address of at most 500 characters.
    avatar_url: Option<String>,
    /// Language of texts.
    locale: Option<Locale>,
    /// Currency in which prices are shown.
    currency: Option<CurrencyCode>,
    /// Whether you agree to advertising.
    has_marketing_consent: Option<bool>,
}

/// Proof that the owner of the account asks.
#[derive(InputObject)]
struct AccountDeletionRequestInput {
    /// The password in force.
    password: String,
}

/// Proof that the owner of the account asks.
#[derive(InputObject)]
struct AccountDeletionConfirmInput {
    /// The password in force.
    password: String,
}

#[derive(Default)]
pub(crate) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Registers an account. A second time with the same e-mail address is refused as
    /// `ALREADY_EXISTS`.
    async fn user_register(
        &self,
        ctx: &Context<'_>,
        input: UserRegisterInput,
    ) -> Result<Option<UserPayload>> {
        let command = RegisterUser {
            email: input.email,
            password: input.password,
            first_name: input.first_name,
            last_name: input.last_name,
            phone: input.phone,
        };
        own_payload(commands::register_user(ctx.data()?, security(ctx)?, command).await)
    }

    /// Changes the caller's password and ends all their other sessions. Needs a login.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        input: PasswordChangeInput,
    ) -> Result<Option<UserPayload>> {
        let command = ChangePassword {
            current_password: input.current_password,
            new_password: input.new_password,
        };
        own_payload(commands::change_password(ctx.data()?, security(ctx)?, command).await)
    }

    /// Changes the caller's profile and preferences. Needs a login.
    async fn profile_update(
        &self,
        ctx: &Context<'_>,
        input: ProfileUpdateInput,
    ) -> Result<Option<UserPayload>> {
        let currency = input.currency.map(|currency| match currency {
            CurrencyCode::Idr => Currency::Idr,
            CurrencyCode::Usd => Currency::Usd,
        });
        let change = ProfileChange {
            first_name: input.first_name,
            last_name: input.last_name,
            phone: input.phone,
            date_of_birth: input.date_of_birth.map(|date| date.0),
            gender: input.gender.map(Into::into),
            avatar_url: input.avatar_url,
            locale: input.locale.map(Into::into),
            currency,
            marketing_consent: input.has_marketing_consent,
        };
        let expected_version = input.expected_version;
        let command = UpdateProfile {
            expected_version,
            change,
        };
        own_payload(commands::update_profile(ctx.data()?, command).await)
    }

    /// Asks for the deletion of the caller's account; nothing is deleted until it is confirmed, within
    /// 7 days. Needs a login.
    async fn account_deletion_request(
        &self,
        ctx: &Context<'_>,
        input: AccountDeletionRequestInput,
    ) -> Result<Option<UserPayload>> {
        let password = &input.password;
        own_payload(commands::request_deletion(ctx.data()?, security(ctx)?, password).await)
    }

    /// Deletes the caller's account: personal data is erased, all sessions end. Needs a login.
    async fn account_deletion_confirm(
        &self,
        ctx: &Context<'_>,
        input: AccountDeletionConfirmInput,
    ) -> Result<Option<UserPayload>> {
        let password = &input.password;
        own_payload(commands::confirm_deletion(ctx.data()?, security(ctx)?, password).await)
    }

    /// Takes back the request to delete the caller's account, if there is one. Needs a login.
    async fn account_deletion_cancel(&self, ctx: &Context<'_>) -> Result<Option<UserPayload>> {
        own_payload(commands::cancel_deletion(ctx.data()?).await)
    }
}
