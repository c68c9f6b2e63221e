//! Table `sessions`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, SessionId, UserId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Revocation, RevocationReason, Session, session::IDLE_LIFE};

const COLUMNS: &str = "id, user_id, device_name, created_at, last_used_at, expires_at, revoked_at, \
     revocation_reason, version";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    device_name: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    revocation_reason: Option<String>,
    version: i32,
}

impl TryFrom<Row> for Session {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let revocation = match row.revoked_at.zip(row.revocation_reason) {
            Some((at, name)) => {
                let reason = RevocationReason::from_column("sessions.revocation_reason", &name)?;
                Some(Revocation { at, reason })
            }
            None => None,
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            device_name: row.device_name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revocation,
            version: row.version,
        })
    }
}

/// Writes a new session.
pub(crate) async fn insert(db: &mut PgConnection, session: &Session) -> Result<(), Fault> {
    sqlx::query(
        "insert into sessions (id, user_id, device_name, created_at, last_used_at, expires_at, \
         version) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(session.id.uuid())
    .bind(session.user_id.uuid())
    .bind(&session.device_name)
    .bind(session.created_at)
    .bind(session.last_used_at)
    .bind(session.expires_at)
    .bind(session.version)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes a changed session. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, session: &Session) -> Result<(), Fault> {
    sqlx::query(
        "update sessions set last_used_at = $2, revoked_at = $3, revocation_reason = $4, \
         version = $5 where id = $1",
    )
    .bind(session.id.uuid())
    .bind(session.last_used_at)
    .bind(session.revocation.map(|revocation| revocation.at))
    .bind(
        session
            .revocation
            .map(|revocation| revocation.reason.name()),
    )
    .bind(session.version)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads a session and locks its row until the end of the transaction. Whoever touches the tokens of
/// a session holds this lock.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: SessionId,
) -> Result<Option<Session>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sessions where id = $1 for no key update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Session::try_from).transpose()
}

/// Reads the sessions of an account that have not been revoked, the oldest first, and locks them.
pub(crate) async fn unrevoked_for_update(
    db: &mut PgConnection,
    user_id: UserId,
) -> Result<Vec<Session>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sessions where user_id = $1 and revoked_at is null \
         order by created_at, id for no key update"
    )))
    .bind(user_id.uuid())
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Session::try_from).collect()
}

/// The live sessions of many accounts, in one statement, the newest first.
pub(crate) async fn load_live_by_user(
    db: &PgPool,
    ids: &[UserId],
    now: DateTime<Utc>,
) -> Result<Vec<Session>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sessions where user_id = any($1) and revoked_at is null \
         and expires_at > $2 and last_used_at > $3 order by created_at desc, id desc"
    )))
    .bind(Id::uuids(ids))
    .bind(now)
    .bind(now - IDLE_LIFE)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Session::try_from).collect()
}

/// The sessions that were revoked after `since`.
pub(crate) async fn revoked_since(
    db: &PgPool,
    since: DateTime<Utc>,
) -> Result<Vec<SessionId>, Fault> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select id from sessions where revoked_at > $1 order by revoked_at, id")
            .bind(since)
            .fetch_all(db)
            .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// Forgets the sessions of an account that ended at their latest before `before`, with their tokens.
pub(crate) async fn delete_old(
    db: &mut PgConnection,
    user_id: UserId,
    before: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query("delete from sessions where user_id = $1 and expires_at < $2")
        .bind(user_id.uuid())
        .bind(before)
        .execute(db)
        .await?;
    Ok(())
}

/// Erases what the sessions of an account say of its owner.
pub(crate) async fn erase_devices(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("update sessions set device_name = null where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Whether a session has been ended. One that is not known, of another issuer, has not.
pub(crate) async fn is_revoked(db: &mut PgConnection, id: SessionId) -> Result<bool, Fault> {
    let is_revoked = sqlx::query_scalar(
        "select exists (select 1 from sessions where id = $1 and revoked_at is not null)",
    )
    .bind(id.uuid())
    .fetch_one(db)
    .await?;
    Ok(is_revoked)
}
