//! Table `product_watches`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named, Page, PageRequest, ProductId, ProductWatchId, UserId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Watch, WatchKind};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    product_id: Uuid,
    kind: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Watch {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            product_id: Id::from_uuid(row.product_id),
            kind: Named::from_column("product_watches.kind", &row.kind)?,
            created_at: row.created_at,
        })
    }
}

/// Writes a watch; one that is there already stays as it is. Gives the one that is there.
pub(crate) async fn insert(db: &mut PgConnection, watch: &Watch) -> Result<Watch, Fault> {
    let row: Row = sqlx::query_as(
        "insert into product_watches as w (id, user_id, product_id, kind, created_at) \
         values ($1, $2, $3, $4, $5) on conflict (product_id, kind, user_id) \
         do update set kind = w.kind returning id, user_id, product_id, kind, created_at",
    )
    .bind(watch.id.uuid())
    .bind(watch.user_id.uuid())
    .bind(watch.product_id.uuid())
    .bind(watch.kind.name())
    .bind(watch.created_at)
    .fetch_one(db)
    .await?;
    row.try_into()
}

/// How many watches a person has.
pub(crate) async fn count(db: &mut PgConnection, user_id: UserId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar("select count(*) from product_watches where user_id = $1")
        .bind(user_id.uuid())
        .fetch_one(db)
        .await?;
    Ok(count)
}

/// Removes watches of a person on a product.
pub(crate) async fn delete(
    db: &mut PgConnection,
    user_id: UserId,
    product_id: ProductId,
    kinds: &[WatchKind],
) -> Result<(), Fault> {
    let kinds = WatchKind::names(kinds);
    sqlx::query(
        "delete from product_watches where product_id = $1 and user_id = $2 and kind = any($3)",
    )
    .bind(product_id.uuid())
    .bind(user_id.uuid())
    .bind(kinds)
    .execute(db)
    .await?;
    Ok(())
}

/// Those who watched a product at `since` already, after `reached` in the order of their ids, at most `limit`.
pub(crate) async fn list_watchers(
    db: &mut PgConnection,
    product_id: ProductId,
    kind: WatchKind,
    since: DateTime<Utc>,
    reached: Option<UserId>,
    limit: i64,
) -> Result<Vec<UserId>, Fault> {
    let users: Vec<Uuid> = sqlx::query_scalar(
        "select user_id from product_watches where product_id = $1 and kind = $2 and created_at <= $3 \
         and ($4::uuid is null or user_id > $4) order by user_id limit $5",
    )
    .bind(product_id.uuid())
    .bind(kind.name())
    .bind(since)
    .bind(reached.map(Id::uuid))
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(users.into_iter().map(Id::from_uuid).collect())
}

/// Locks the watches of these people on a product, so that two announcements cannot both use one up; gives whose
/// are still there. The caller holds the people's row locks, which come first wherever both are taken.
pub(crate) async fn lock_watchers(
    db: &mut PgConnection,
    product_id: ProductId,
    kind: WatchKind,
    users: &[UserId],
) -> Result<Vec<UserId>, Fault> {
    let users = Id::uuids(users);
    let users: Vec<Uuid> = sqlx::query_scalar(
        "select user_id from product_watches where product_id = $1 and kind = $2 and user_id = any($3) \
         order by user_id for update",
    )
    .bind(product_id.uuid())
    .bind(kind.name())
    .bind(users)
    .fetch_all(db)
    .await?;
    Ok(users.into_iter().map(Id::from_uuid).collect())
}

/// Ends the watches of these people on a product.
pub(crate) async fn end(
    db: &mut PgConnection,
    product_id: ProductId,
    kind: WatchKind,
    users: &[UserId],
) -> Result<(), Fault> {
    sqlx::query(
        "delete from product_watches where product_id = $1 and kind = $2 and user_id = any($3)",
    )
    .bind(product_id.uuid())
    .bind(kind.name())
    .bind(Id::uuids(users))
    .execute(db)
    .await?;
    Ok(())
}

/// Lists a person's watches, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    user_id: UserId,
    page: &PageRequest,
) -> Result<Page<Watch>, Fault> {
    let after: Option<(DateTime<Utc>, ProductWatchId)> = page.after()?;
    let rows: Vec<Row> = sqlx::query_as(
        "select id, user_id, product_id, kind, created_at from product_watches where user_id = $1 \
         and ($2::timestamptz is null or (created_at, id) < ($2, $3)) \
         order by created_at desc, id desc limit $4",
    )
    .bind(user_id.uuid())
    .bind(after.map(|(created_at, _)| created_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let watches = rows
        .into_iter()
        .map(Watch::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(watches, |watch| (watch.created_at, watch.id)))
}

/// Removes the watches of a person.
pub(crate) async fn delete_of(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from product_watches where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Removes all watches on a product that is gone.
pub(crate) async fn delete_on(db: &mut PgConnection, product_id: ProductId) -> Result<(), Fault> {
    sqlx::query("delete from product_watches where product_id = $1")
        .bind(product_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}
