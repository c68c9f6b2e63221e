//! Root query fields for other parts of Pasar: what notifications need to write to people.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::markers::{User as UserMarker, Verification as VerificationMarker};

use super::types::Locale;
use crate::{domain::Purpose, queries, security::Security};

/// What a message with a token is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Purpose", inaccessible)]
enum VerificationPurpose {
    /// To prove that the address is the owner's.
    EmailVerification,
    /// To set a forgotten password anew.
    PasswordReset,
    /// To prove that the phone number is the owner's.
    PhoneVerification,
}

/// How to reach a person.
#[derive(SimpleObject)]
#[graphql(inaccessible)]
struct UserContact {
    /// The account.
    user_id: GlobalId<UserMarker>,
    /// How others see the person.
    display_name: String,
    /// E-mail address.
    email: String,
    /// Whether the owner proved that the address is theirs.
    is_email_verified: bool,
    /// Phone number in E.164.
    phone: Option<String>,
    /// Whether the owner proved that the number is theirs.
    is_phone_verified: bool,
    /// Language of texts.
    locale: Locale,
    /// Whether they agree to advertising.
    has_marketing_consent: bool,
}

/// What a message with a token says.
#[derive(SimpleObject)]
#[graphql(inaccessible)]
struct VerificationMessage {
    /// The account.
    user_id: GlobalId<UserMarker>,
    /// What it is for.
    purpose: VerificationPurpose,
    /// The e-mail address that it goes to; null when it goes to a phone.
    email: Option<String>,
    /// The phone number in E.164 that it goes to; null when it goes by e-mail.
    phone: Option<String>,
    /// How others see the person.
    display_name: String,
    /// Language of texts.
    locale: Locale,
    /// The secret that only the owner of the address may read: the token of a letter, or the six digits of
    /// an SMS.
    token: String,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
}

#[derive(Default)]
pub(crate) struct InternalQuery;

#[Object]
impl InternalQuery {
    /// How to reach the owners of these accounts, in the order of `ids`, at most 100; null for accounts that
    /// do not exist or are not in use. For parts of Pasar only.
    #[graphql(inaccessible)]
    async fn user_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(max_items = 100))] ids: Vec<GlobalId<UserMarker>>,
    ) -> Result<Vec<Option<UserContact>>> {
        let ids: Vec<_> = ids.into_iter().map(|id| id.0).collect();
        let users = queries::list_contacts(ctx.data()?, &ids).await;
        let contact = |user: crate::domain::User| {
            Some(UserContact {
                user_id: user.id.into(),
                display_name: user.display_name(),
                is_email_verified: user.email_verified_at.is_some(),
                email: user.email?,
                phone: user.profile.phone,
                is_phone_verified: user.phone_verified_at.is_some(),
                locale: user.preferences.locale.into(),
                has_marketing_consent: user.preferences.marketing_consent_at.is_some(),
            })
        };
        Ok(users
            .map_err(gql::fault)?
            .into_iter()
            .map(|user| user.and_then(contact))
            .collect())
    }

    /// What the message of a verification says; null when it was used, replaced by a newer one or has expired,
    /// the account has another address by now, or another account has verified the phone number. For parts of
    /// Pasar only.
    #[graphql(inaccessible)]
    async fn verification_message(
        &self,
        ctx: &Context<'_>,
        verification_id: GlobalId<VerificationMarker>,
    ) -> Result<Option<VerificationMessage>> {
        let found = queries::find_verification(ctx.data()?, verification_id.0).await;
        let security = ctx.data::<Arc<Security>>()?;
        let message = found.map_err(gql::fault)?.map(|(verification, user)| {
            let (id, purpose) = (verification.id, verification.purpose);
            let address = Some(verification.address);
            let (email, phone, token) = if purpose.is_by_phone() {
                (None, address, security.letters.code(id))
            } else {
                (address, None, security.letters.token(id, purpose))
            };
            VerificationMessage {
                user_id: user.id.into(),
                purpose: purpose.into(),
                email,
                phone,
                display_name: user.display_name(),
                locale: user.preferences.locale.into(),
                token,
                expires_at: verification.expires_at,
            }
        });
        Ok(message)
    }
}
