//! Table `reindexes`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named, ReindexId};
use service::OnConstraint as _;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Error, Reindex, Rejection};

const COLUMNS: &str = "reindex_id, status, phase, after_id, done, removed, index_name, changed_since, \
     error, started_at, updated_at, finished_at";

#[derive(FromRow)]
struct Row {
    reindex_id: Uuid,
    status: String,
    phase: String,
    after_id: Option<Uuid>,
    done: i64,
    removed: i64,
    index_name: Option<String>,
    changed_since: Option<i64>,
    error: Option<String>,
    started_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Reindex {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.reindex_id),
            status: Named::from_column("reindexes.status", &row.status)?,
            phase: Named::from_column("reindexes.phase", &row.phase)?,
            after: row.after_id,
            done: row.done,
            removed: row.removed,
            index_name: row.index_name,
            changed_since: row.changed_since,
            error: row.error,
            started_at: row.started_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        })
    }
}

/// Writes a new rebuild; there is one at a time.
pub(crate) async fn insert(
    db: &mut PgConnection,
    reindex: &Reindex,
    requested_by: &str,
) -> Result<(), Error> {
    sqlx::query(
        "insert into reindexes (reindex_id, status, phase, requested_by, started_at, updated_at) \
         values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(reindex.id.uuid())
    .bind(reindex.status.name())
    .bind(reindex.phase.name())
    .bind(requested_by)
    .bind(reindex.started_at)
    .execute(db)
    .await
    .on_constraint("reindexes_running_key", || Rejection::ReindexRunning)?;
    Ok(())
}

/// Writes how far a rebuild is.
pub(crate) async fn update(db: &mut PgConnection, reindex: &Reindex) -> Result<(), Fault> {
    sqlx::query(
        "update reindexes set status = $2, phase = $3, after_id = $4, done = $5, removed = $6, \
         index_name = $7, changed_since = $8, error = $9, updated_at = $10, finished_at = $11 \
         where reindex_id = $1",
    )
    .bind(reindex.id.uuid())
    .bind(reindex.status.name())
    .bind(reindex.phase.name())
    .bind(reindex.after)
    .bind(reindex.done)
    .bind(reindex.removed)
    .bind(&reindex.index_name)
    .bind(reindex.changed_since)
    .bind(&reindex.error)
    .bind(reindex.updated_at)
    .bind(reindex.finished_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the rebuild that is running, unless another process is at it.
pub(crate) async fn take(db: &mut PgConnection) -> Result<Option<Reindex>, Fault> {
    let sql =
        format!("select {COLUMNS} from reindexes where status = 'RUNNING' for update skip locked");
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .fetch_optional(db)
        .await?;
    row.map(Reindex::try_from).transpose()
}

/// Marks where the work of a step begins.
pub(crate) async fn begin_step(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query("savepoint step").execute(db).await?;
    Ok(())
}

/// Undoes what was done since [`begin_step`]. What was taken before stays taken.
pub(crate) async fn undo_step(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query("rollback to savepoint step")
        .execute(db)
        .await?;
    Ok(())
}

/// The rebuild with that id, or the last one.
pub(crate) async fn find(db: &PgPool, id: Option<ReindexId>) -> Result<Option<Reindex>, Fault> {
    let sql = format!(
        "select {COLUMNS} from reindexes where $1::uuid is null or reindex_id = $1 \
         order by started_at desc, reindex_id desc limit 1"
    );
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id.map(Id::uuid))
        .fetch_optional(db)
        .await?;
    row.map(Reindex::try_from).transpose()
}
