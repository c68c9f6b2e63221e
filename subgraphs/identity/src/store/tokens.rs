//! Table `refresh_tokens`. Whoever writes here holds the lock of the session.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, SessionId};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::RefreshToken;

#[derive(FromRow)]
struct Row {
    token_hash: Vec<u8>,
    session_id: Uuid,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    sealed_successor: Option<Vec<u8>>,
}

impl TryFrom<Row> for RefreshToken {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let bytes = |bytes: Vec<u8>| {
            <[u8; 32]>::try_from(bytes)
                .map_err(|_| Fault::internal("a refresh token has not 32 bytes"))
        };
        Ok(Self {
            hash: bytes(row.token_hash)?,
            session_id: Id::from_uuid(row.session_id),
            expires_at: row.expires_at,
            used_at: row.used_at,
            sealed_successor: row.sealed_successor.map(bytes).transpose()?,
        })
    }
}

/// Writes a new token.
pub(crate) async fn insert(db: &mut PgConnection, token: &RefreshToken) -> Result<(), Fault> {
    sqlx::query(
        "insert into refresh_tokens (token_hash, session_id, expires_at) values ($1, $2, $3)",
    )
    .bind(token.hash.as_slice())
    .bind(token.session_id.uuid())
    .bind(token.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The token with that hash.
pub(crate) async fn find(
    db: &mut PgConnection,
    hash: &[u8; 32],
) -> Result<Option<RefreshToken>, Fault> {
    let row: Option<Row> = sqlx::query_as(
        "select token_hash, session_id, expires_at, used_at, sealed_successor from refresh_tokens \
         where token_hash = $1",
    )
    .bind(hash.as_slice())
    .fetch_optional(db)
    .await?;
    row.map(RefreshToken::try_from).transpose()
}

/// Marks a token as used and keeps its sealed successor; those of earlier tokens are forgotten.
pub(crate) async fn mark_used(
    db: &mut PgConnection,
    session_id: SessionId,
    hash: &[u8; 32],
    sealed_successor: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query(
        "update refresh_tokens set sealed_successor = case when token_hash = $2 then $3 end, \
         used_at = case when token_hash = $2 then $4 else used_at end \
         where session_id = $1 and (token_hash = $2 or sealed_successor is not null)",
    )
    .bind(session_id.uuid())
    .bind(hash.as_slice())
    .bind(sealed_successor.as_slice())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
