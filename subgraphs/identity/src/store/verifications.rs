//! Tables `verifications` and `verification_requests`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, UserId, VerificationId};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{
    Purpose, Verification,
    verification::{COOLDOWN, MAX_REQUESTS, Requests},
};

const COLUMNS: &str = "id, user_id, purpose, coalesce(email, phone) as address, created_at, expires_at, used_at, \
     wrong_codes";
/// How many forgotten counts one request clears away, so that the table stays small.
const SWEEP: i64 = 10;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    purpose: String,
    address: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    wrong_codes: i32,
}

impl TryFrom<Row> for Verification {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            purpose: Purpose::from_column("verifications.purpose", &row.purpose)?,
            address: row.address,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            wrong_codes: row.wrong_codes,
        })
    }
}

/// Writes a new one in place of the unused one before it. The caller holds the lock of the account.
pub(crate) async fn replace(
    db: &mut PgConnection,
    verification: &Verification,
) -> Result<(), Fault> {
    sqlx::query(
        "delete from verifications where user_id = $1 and purpose = $2 \
         and (used_at is null or expires_at <= $3)",
    )
    .bind(verification.user_id.uuid())
    .bind(verification.purpose.name())
    .bind(verification.created_at)
    .execute(&mut *db)
    .await?;
    let address = Some(&verification.address);
    let (email, phone) = if verification.purpose.is_by_phone() {
        (None, address)
    } else {
        (address, None)
    };
    sqlx::query(
        "insert into verifications (id, user_id, purpose, email, phone, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(verification.id.uuid())
    .bind(verification.user_id.uuid())
    .bind(verification.purpose.name())
    .bind(email)
    .bind(phone)
    .bind(verification.created_at)
    .bind(verification.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads one.
pub(crate) async fn find(db: &PgPool, id: VerificationId) -> Result<Option<Verification>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from verifications where id = $1"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Verification::try_from).transpose()
}

/// Reads one and locks it until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: VerificationId,
) -> Result<Option<Verification>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from verifications where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Verification::try_from).transpose()
}

/// Reads the newest of an account, used or not, and locks it until the end of the transaction.
pub(crate) async fn find_newest_for_update(
    db: &mut PgConnection,
    user_id: UserId,
    purpose: Purpose,
) -> Result<Option<Verification>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from verifications where user_id = $1 and purpose = $2 \
         order by created_at desc, id desc limit 1 for update"
    )))
    .bind(user_id.uuid())
    .bind(purpose.name())
    .fetch_optional(db)
    .await?;
    row.map(Verification::try_from).transpose()
}

/// Counts a wrong code.
pub(crate) async fn count_wrong_code(
    db: &mut PgConnection,
    id: VerificationId,
) -> Result<(), Fault> {
    sqlx::query("update verifications set wrong_codes = wrong_codes + 1 where id = $1")
        .bind(id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Remembers that it was used.
pub(crate) async fn mark_used(
    db: &mut PgConnection,
    id: VerificationId,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query("update verifications set used_at = $2 where id = $1")
        .bind(id.uuid())
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets the unused one of an account.
pub(crate) async fn delete_unused(
    db: &mut PgConnection,
    user_id: UserId,
    purpose: Purpose,
) -> Result<(), Fault> {
    sqlx::query(
        "delete from verifications where user_id = $1 and purpose = $2 and used_at is null",
    )
    .bind(user_id.uuid())
    .bind(purpose.name())
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets those of an account, with the addresses in them.
pub(crate) async fn delete_all(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from verifications where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Counts a request for `whose`, an address, a number or an account, in one statement; during a pause nothing
/// changes but the count of this answer.
pub(crate) async fn count_request(
    db: &mut PgConnection,
    whose: &str,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Requests, Fault> {
    let (count, last_at): (i32, DateTime<Utc>) = sqlx::query_as(
        "insert into verification_requests as r (whose_hash, purpose, requests, last_requested_at) \
         values ($1, $2, 1, $3) on conflict (whose_hash, purpose) do update set \
         requests = case when r.last_requested_at <= $4 then 1 else least(r.requests, $5) + 1 end, \
         last_requested_at = case when r.last_requested_at > $4 and r.requests >= $5 \
             then r.last_requested_at else $3 end \
         returning requests, last_requested_at",
    )
    .bind(Sha256::digest(whose).to_vec())
    .bind(purpose.name())
    .bind(now)
    .bind(now - COOLDOWN)
    .bind(MAX_REQUESTS)
    .fetch_one(db)
    .await?;
    Ok(Requests { count, last_at })
}

/// Forgets some requests that are so old that they do not count. The last statement of a transaction that touches
/// requests: nobody may wait while holding rows of others.
pub(crate) async fn sweep_requests(db: &mut PgConnection, now: DateTime<Utc>) -> Result<(), Fault> {
    sqlx::query(
        "delete from verification_requests where (whose_hash, purpose) in (select whose_hash, purpose \
         from verification_requests where last_requested_at <= $1 limit $2 for update skip locked)",
    )
    .bind(now - COOLDOWN)
    .bind(SWEEP)
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets the requests of an account. Those for an address or a number stay until they are swept: they are not of
/// one account alone.
pub(crate) async fn clear_requests(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from verification_requests where whose_hash = $1")
        .bind(Sha256::digest(user_id.to_string()).to_vec())
        .execute(db)
        .await?;
    Ok(())
}
