//! Idempotency keys: the same key with the same input gives the first answer; the same key with
//! another input is refused. Keys belong to one caller and one operation and live for 24 hours.
//!
//! The claim and the answer are written in the command's own transaction. A second request with the
//! same key waits at the unique index until the first has committed, then finds its answer; when the
//! first fails, nothing is kept and the second does the work.

use kernel::Fault;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{Ctx, db};

/// The longest key that is accepted, in bytes.
pub const MAX_KEY_BYTES: usize = 255;

/// What a claim of a key found.
pub enum Claim<T> {
    /// The key is new: do the work, then [`remember`] the answer.
    New,
    /// The work was done before; this was the answer.
    Done(T),
    /// The key was used before with another input.
    Reused,
}

/// Claims `key` for `operation` on behalf of the caller.
///
/// # Errors
/// `BAD_USER_INPUT` when the key is empty or longer than [`MAX_KEY_BYTES`]; [`Fault`] of the database.
pub async fn claim<I: Serialize, T: DeserializeOwned>(
    tx: &mut PgConnection,
    ctx: &Ctx,
    operation: &str,
    key: &str,
    input: &I,
) -> Result<Claim<T>, Fault> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(Fault::invalid_input(format!(
            "`idempotencyKey` must have 1 to {MAX_KEY_BYTES} bytes; a fresh UUID is a good choice"
        )));
    }
    let hash = Sha256::digest(serde_json::to_vec(input)?).to_vec();
    let now = ctx.now();
    // An expired row is taken over, so that correctness does not wait for the sweeper.
    let claimed = sqlx::query(
        "insert into idempotency_keys as k (caller, operation, key, request_hash, created_at) \
         values ($1, $2, $3, $4, $5) \
         on conflict (caller, operation, key) do update \
         set request_hash = excluded.request_hash, created_at = excluded.created_at, answer = null \
         where k.created_at < $5 - interval '24 hours'",
    )
    .bind(ctx.principal.actor())
    .bind(operation)
    .bind(key)
    .bind(&hash)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let (first_hash, answer): (Vec<u8>, Option<serde_json::Value>) = sqlx::query_as(
        "select request_hash, answer from idempotency_keys \
         where caller = $1 and operation = $2 and key = $3",
    )
    .bind(ctx.principal.actor())
    .bind(operation)
    .bind(key)
    .fetch_one(tx)
    .await?;
    if first_hash != hash {
        return Ok(Claim::Reused);
    }
    Ok(Claim::Done(serde_json::from_value(
        answer.unwrap_or_default(),
    )?))
}

/// Keeps `answer` for later requests with the same key. Call it before the commit.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn remember<T: Serialize>(
    tx: &mut PgConnection,
    ctx: &Ctx,
    operation: &str,
    key: &str,
    answer: &T,
) -> Result<(), Fault> {
    sqlx::query(
        "update idempotency_keys set answer = $4 where caller = $1 and operation = $2 and key = $3",
    )
    .bind(ctx.principal.actor())
    .bind(operation)
    .bind(key)
    .bind(serde_json::to_value(answer)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes keys older than 24 hours; run from time to time to keep the table small.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn sweep(ctx: &Ctx) -> Result<u64, Fault> {
    let old = "delete from idempotency_keys where ctid = any(array( \
        select ctid from idempotency_keys where created_at < $1 limit $2))";
    db::sweep(&ctx.db, old, ctx.now() - chrono::Duration::hours(24)).await
}
