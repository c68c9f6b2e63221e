//! Table `mailbox`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named, Page, PageRequest, UserId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    channels::Message,
    domain::{ChannelKind, Letter},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    channel: String,
    address: String,
    subject: String,
    body: String,
    html: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Letter {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            channel: Named::from_column("mailbox.channel", &row.channel)?,
            address: row.address,
            subject: row.subject,
            text: row.body,
            html: row.html,
            created_at: row.created_at,
        })
    }
}

/// Keeps a message; the same one again is left as it is. For somebody who has been erased since it was written
/// nothing is kept: an erasure that is under way is waited for.
pub(crate) async fn insert(
    db: &PgPool,
    message: &Message,
    address: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query(
        "with person as (select is_erased from people where user_id = $2 for share) \
         insert into mailbox (id, user_id, channel, address, subject, body, html, created_at) \
         select $1, $2, $3, $4, $5, $6, $7, $8 where not exists (select from person where is_erased) \
         on conflict (id) do nothing",
    )
    .bind(message.delivery_id.uuid())
    .bind(message.user_id.uuid())
    .bind(message.channel.name())
    .bind(address)
    .bind(&message.subject)
    .bind(&message.text)
    .bind(&message.html)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Lists what was kept, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    user_id: Option<UserId>,
    channel: Option<ChannelKind>,
    page: &PageRequest,
) -> Result<Page<Letter>, Fault> {
    let after: Option<(DateTime<Utc>, kernel::DeliveryId)> = page.after()?;
    let rows: Vec<Row> = sqlx::query_as(
        "select id, user_id, channel, address, subject, body, html, created_at from mailbox \
         where ($1::uuid is null or user_id = $1) and ($2::text is null or channel = $2) \
         and ($3::timestamptz is null or (created_at, id) < ($3, $4)) \
         order by created_at desc, id desc limit $5",
    )
    .bind(user_id.map(Id::uuid))
    .bind(channel.map(ChannelKind::name))
    .bind(after.map(|(created_at, _)| created_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let letters = rows
        .into_iter()
        .map(Letter::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(letters, |letter| (letter.created_at, letter.id)))
}

/// Removes what was kept for a person.
pub(crate) async fn delete_of(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from mailbox where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Removes what was kept before `before`, at most a batch.
pub(crate) async fn delete_before(db: &PgPool, before: DateTime<Utc>) -> Result<u64, Fault> {
    let deleted = sqlx::query(
        "delete from mailbox where id in \
         (select id from mailbox where created_at < $1 order by created_at, id limit 1000)",
    )
    .bind(before)
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
