//! Table `stock_movements`: only ever added to.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, Page, PageRequest, StockLevelId};
use sqlx::{FromRow, PgConnection, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

use crate::domain::{Cause, Movement, MovementKind, Reason};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    stock_level_id: Uuid,
    seq: i32,
    kind: String,
    delta: i32,
    resulting_quantity: i32,
    reason: Option<String>,
    note: Option<String>,
    actor: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Movement {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let kind = MovementKind::from_column("stock_movements.kind", &row.kind)?;
        let reason = |name: String| Reason::from_column("stock_movements.reason", &name);
        Ok(Self {
            id: Id::from_uuid(row.id),
            stock_level_id: Id::from_uuid(row.stock_level_id),
            seq: row.seq,
            delta: row.delta,
            resulting_quantity: row.resulting_quantity,
            cause: Cause {
                kind,
                reason: row.reason.map(reason).transpose()?,
                note: row.note,
                actor: row.actor,
            },
            created_at: row.created_at,
        })
    }
}

/// Writes movements.
pub(crate) async fn insert(db: &mut PgConnection, movements: &[&Movement]) -> Result<(), Fault> {
    let (mut ids, mut levels, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut seqs, mut deltas, mut quantities) = (Vec::new(), Vec::new(), Vec::new());
    let (mut kinds, mut reasons) = (Vec::new(), Vec::new());
    let (mut notes, mut actors) = (Vec::new(), Vec::new());
    for movement in movements {
        ids.push(movement.id.uuid());
        levels.push(movement.stock_level_id.uuid());
        seqs.push(movement.seq);
        kinds.push(movement.cause.kind.name());
        deltas.push(movement.delta);
        quantities.push(movement.resulting_quantity);
        reasons.push(movement.cause.reason.map(Reason::name));
        notes.push(movement.cause.note.as_deref());
        actors.push(movement.cause.actor.as_str());
        times.push(movement.created_at);
    }
    sqlx::query(
        "insert into stock_movements (id, stock_level_id, seq, kind, delta, resulting_quantity, reason, \
         note, actor, created_at) select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], \
         $5::int[], $6::int[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])",
    )
    .bind(ids)
    .bind(levels)
    .bind(seqs)
    .bind(kinds)
    .bind(deltas)
    .bind(quantities)
    .bind(reasons)
    .bind(notes)
    .bind(actors)
    .bind(times)
    .execute(db)
    .await?;
    Ok(())
}

/// The same page of the movements of many levels, in one statement, the newest first.
pub(crate) async fn load_pages(
    db: &PgPool,
    ids: &[StockLevelId],
    page: &PageRequest,
) -> Result<HashMap<StockLevelId, Page<Movement>>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select m.* from unnest($1::uuid[]) as k (id) cross join lateral ( \
         select id, stock_level_id, seq, kind, delta, resulting_quantity, reason, note, actor, created_at \
         from stock_movements where stock_level_id = k.id and ($2::int is null or seq < $2) \
         order by seq desc limit $3) as m order by m.seq desc",
    )
    .bind(Id::uuids(ids))
    .bind(page.after::<i32>()?)
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let mut by_level: HashMap<StockLevelId, Vec<Movement>> = HashMap::new();
    for row in rows {
        let movement = Movement::try_from(row)?;
        by_level
            .entry(movement.stock_level_id)
            .or_default()
            .push(movement);
    }
    Ok(by_level
        .into_iter()
        .map(|(id, movements)| (id, page.page(movements, |movement| movement.seq)))
        .collect())
}
