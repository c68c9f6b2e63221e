//! Tables `credentials` and `login_attempts`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, UserId};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{
    Attempts,
    lockout::{LOCKOUT, MAX_FAILURES},
};

/// How many forgotten counts one failed login clears away, so that guessing at random addresses does
/// not fill the table.
const SWEEP: i64 = 10;

/// Writes the password of a new account.
pub(crate) async fn insert(
    db: &mut PgConnection,
    user_id: UserId,
    hash: &str,
) -> Result<(), Fault> {
    sqlx::query("insert into credentials (user_id, password_hash) values ($1, $2)")
        .bind(user_id.uuid())
        .bind(hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Replaces a hash, unless it was replaced since it was read. Tells whether it was still there.
pub(crate) async fn replace(
    db: &mut PgConnection,
    user_id: UserId,
    old_hash: &str,
    hash: &str,
) -> Result<bool, Fault> {
    let replaced = sqlx::query(
        "update credentials set password_hash = $3 where user_id = $1 and password_hash = $2",
    )
    .bind(user_id.uuid())
    .bind(old_hash)
    .bind(hash)
    .execute(db)
    .await?;
    Ok(replaced.rows_affected() == 1)
}

/// Sets the password of an account, whatever it was. The caller holds the lock of the account.
pub(crate) async fn set(db: &mut PgConnection, user_id: UserId, hash: &str) -> Result<(), Fault> {
    sqlx::query("update credentials set password_hash = $2 where user_id = $1")
        .bind(user_id.uuid())
        .bind(hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Removes the password of a deleted account.
pub(crate) async fn delete(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from credentials where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// The account with that address and its hash.
pub(crate) async fn find_by_email(
    db: &PgPool,
    email: &str,
) -> Result<Option<(UserId, String)>, Fault> {
    let row: Option<(Uuid, String)> = sqlx::query_as(
        "select u.id, c.password_hash from users u join credentials c on c.user_id = u.id \
         where u.email = $1",
    )
    .bind(email)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|(id, hash)| (Id::from_uuid(id), hash)))
}

fn email_hash(email: &str) -> Vec<u8> {
    Sha256::digest(email).to_vec()
}

/// The wrong passwords so far for an address.
pub(crate) async fn find_attempts(db: &PgPool, email: &str) -> Result<Option<Attempts>, Fault> {
    let row: Option<(i32, DateTime<Utc>)> =
        sqlx::query_as("select failures, last_failed_at from login_attempts where email_hash = $1")
            .bind(email_hash(email))
            .fetch_optional(db)
            .await?;
    Ok(row.map(attempts))
}

/// The same, and locks the count until the end of the transaction.
pub(crate) async fn find_attempts_for_update(
    db: &mut PgConnection,
    email: &str,
) -> Result<Option<Attempts>, Fault> {
    let row: Option<(i32, DateTime<Utc>)> = sqlx::query_as(
        "select failures, last_failed_at from login_attempts where email_hash = $1 for update",
    )
    .bind(email_hash(email))
    .fetch_optional(db)
    .await?;
    Ok(row.map(attempts))
}

const fn attempts((failures, last_failed_at): (i32, DateTime<Utc>)) -> Attempts {
    Attempts {
        failures,
        last_failed_at,
    }
}

/// Counts a wrong password, in one statement; during a lockout nothing is counted and the count stays.
pub(crate) async fn count_failure(
    db: &mut PgConnection,
    email: &str,
    now: DateTime<Utc>,
) -> Result<Attempts, Fault> {
    let row: (i32, DateTime<Utc>) = sqlx::query_as(
        "insert into login_attempts as a (email_hash, failures, last_failed_at) values ($1, 1, $2) \
         on conflict (email_hash) do update set \
         failures = case when a.last_failed_at <= $3 then 1 \
             when a.failures >= $4 then a.failures else a.failures + 1 end, \
         last_failed_at = case when a.last_failed_at > $3 and a.failures >= $4 \
             then a.last_failed_at else $2 end \
         returning failures, last_failed_at",
    )
    .bind(email_hash(email))
    .bind(now)
    .bind(now - LOCKOUT)
    .bind(MAX_FAILURES)
    .fetch_one(&mut *db)
    .await?;
    sqlx::query(
        "delete from login_attempts where email_hash in (select email_hash from login_attempts \
         where last_failed_at <= $1 limit $2 for update skip locked)",
    )
    .bind(now - LOCKOUT)
    .bind(SWEEP)
    .execute(db)
    .await?;
    Ok(attempts(row))
}

/// Forgets the wrong passwords for an address.
pub(crate) async fn clear_failures(db: &mut PgConnection, email: &str) -> Result<(), Fault> {
    sqlx::query("delete from login_attempts where email_hash = $1")
        .bind(email_hash(email))
        .execute(db)
        .await?;
    Ok(())
}
