//! `userRegister`.

use service::{Ctx, Transaction, outbox};

use super::{refuse_verified_phone, verify};
use crate::{
    domain::{
        Error, Profile, Purpose, User, password,
        role::CUSTOMER,
        user::{check_email, normalise_email},
    },
    events::UserRegistered,
    security::Security,
    store,
};

/// What an account needs to begin.
pub struct RegisterUser {
    /// Unique, in any case.
    pub email: String,
    /// In plain text.
    pub password: String,
    /// First name, or the only one.
    pub first_name: String,
    /// Everything after it.
    pub last_name: Option<String>,
    /// E.164, Indonesian.
    pub phone: Option<String>,
}

/// Registers an account with the role that everybody has, and begins the proof of its address.
///
/// # Errors
/// [`Error`]: e-mail or phone taken, a weak password, a value that breaks a rule.
pub async fn register_user(
    ctx: &Ctx,
    security: &Security,
    input: RegisterUser,
) -> Result<User, Error> {
    let (user, hash) = prepare(ctx, security, input).await?;
    let mut tx = ctx.begin().await?;
    save(&mut tx, ctx, &user, &hash, vec![CUSTOMER.to_owned()]).await?;
    verify::begin(&mut tx, ctx, &user, Purpose::EmailVerification).await?;
    tx.commit().await?;
    Ok(user)
}

/// Makes the account and hashes its password, without a transaction: hashing takes long.
pub(super) async fn prepare(
    ctx: &Ctx,
    security: &Security,
    input: RegisterUser,
) -> Result<(User, String), Error> {
    let now = ctx.now();
    let email = normalise_email(&input.email);
    check_email(&email)?;
    let profile = Profile::new(
        &input.first_name,
        input.last_name.as_deref(),
        input.phone.as_deref(),
        now,
    )?;
    password::check("password", &input.password)?;
    let user = User::register(ctx.ids.next(), email, profile, now);
    let hash = security.passwords.hash(&input.password).await?;
    Ok((user, hash))
}

/// Writes a new account with its password and its roles.
pub(super) async fn save(
    tx: &mut Transaction,
    ctx: &Ctx,
    user: &User,
    hash: &str,
    roles: Vec<String>,
) -> Result<(), Error> {
    refuse_verified_phone(tx, user, Some("phone")).await?;
    store::users::insert(tx, user).await?;
    store::credentials::insert(tx, user.id, hash).await?;
    for role in &roles {
        store::roles::grant(tx, user.id, role, user.created_at).await?;
    }
    let event = UserRegistered {
        user_id: user.id,
        display_name: user.display_name(),
        roles,
    };
    outbox::append(tx, ctx, user.id, user.version, &event).await?;
    Ok(())
}
