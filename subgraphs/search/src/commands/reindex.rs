//! The rebuild, step by step. Each step is a transaction that also writes how far it came, so that a
//! rebuild goes on where it was whoever dies; doing a step twice does no harm.

use chrono::{DateTime, Utc};
use kernel::Fault;
use service::{Ctx, Transaction, db::may_pass};
use uuid::Uuid;

use super::project::{self, Source};
use crate::{
    consumers::payload,
    domain::{Phase, Reindex, ReindexStatus},
    queries::snapshots::{self, Owner, Snapshot},
    store::{
        self,
        elastic::Elastic,
        projection::{documents, refresh, sources},
    },
};

/// How many things a step takes over.
const PAGE: i32 = 100;
/// How many things a step removes at most.
const GONE: i64 = 1_000;
/// How many documents a step writes to an index.
const DOCUMENTS: i64 = 2_000;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    Onward,
    /// Nothing is running, or another process is at it.
    Idle,
}

/// Does the next step of the rebuild that is running, with a search node or without.
///
/// # Errors
/// [`Fault`] of an owner, the node or the database. When trying again may help the rebuild goes on later;
/// else it has failed.
pub async fn step(ctx: &Ctx, node: Option<&Elastic>) -> Result<Step, Fault> {
    let mut tx = ctx.begin().await?;
    let Some(mut reindex) = store::reindexes::take(&mut tx).await? else {
        return Ok(Step::Idle);
    };
    let taken = reindex.clone();
    store::reindexes::begin_step(&mut tx).await?;
    let outcome = advance(ctx, &mut tx, &mut reindex, node).await;
    if let Err(fault) = outcome {
        if may_pass(&fault) {
            tx.rollback().await?;
        } else {
            store::reindexes::undo_step(&mut tx).await?;
            give_up(ctx, tx, taken, node, &fault).await?;
        }
        return Err(fault);
    }
    reindex.updated_at = ctx.now();
    store::reindexes::update(&mut tx, &reindex).await?;
    tx.commit().await?;
    Ok(Step::Onward)
}

/// Gives up a rebuild that `tx` has taken, and held since: nobody else has gone on with it.
async fn give_up(
    ctx: &Ctx,
    mut tx: Transaction,
    mut reindex: Reindex,
    node: Option<&Elastic>,
    fault: &Fault,
) -> Result<(), Fault> {
    let now = ctx.now();
    reindex.status = ReindexStatus::Failed;
    reindex.error = Some(fault.chain());
    reindex.updated_at = now;
    reindex.finished_at = Some(now);
    store::reindexes::update(&mut tx, &reindex).await?;
    tx.commit().await?;
    abandon(&reindex, node).await;
    Ok(())
}

/// Removes what a rebuild that failed has filled so far, or only made: its name may not be stored yet.
async fn abandon(reindex: &Reindex, node: Option<&Elastic>) {
    let Some(elastic) = node else {
        return;
    };
    let index = elastic.index_name(reindex.id.uuid());
    if let Err(fault) = elastic.remove_index(&index).await {
        let cause = fault.chain();
        tracing::warn!(index, cause, "left an index to the next rebuild to remove");
    }
}

async fn advance(
    ctx: &Ctx,
    tx: &mut Transaction,
    reindex: &mut Reindex,
    node: Option<&Elastic>,
) -> Result<(), Fault> {
    let is_over = match (reindex.phase, node) {
        (Phase::Categories, _) => take_over(ctx, tx, reindex, Owner::Categories).await?,
        (Phase::Sellers, _) => take_over(ctx, tx, reindex, Owner::Sellers).await?,
        (Phase::Products, _) => take_over(ctx, tx, reindex, Owner::Products).await?,
        (Phase::Stock, _) => take_over(ctx, tx, reindex, Owner::Stock).await?,
        (Phase::Ratings, _) => take_over(ctx, tx, reindex, Owner::Ratings).await?,
        (Phase::Fill, Some(elastic)) => fill(tx, reindex, elastic).await?,
        (Phase::Swap, Some(elastic)) => swap(tx, reindex, elastic).await?,
        (Phase::Fill | Phase::Swap, None) => true,
    };
    if is_over {
        reindex.after = None;
        if let Some(next) = reindex.phase.next(node.is_some()) {
            reindex.phase = next;
        } else {
            reindex.status = ReindexStatus::Done;
            reindex.finished_at = Some(ctx.now());
        }
    }
    Ok(())
}

/// Takes over the next page of what an owner says, and removes what it does not speak of; gives whether that was
/// all.
async fn take_over(
    ctx: &Ctx,
    tx: &mut Transaction,
    reindex: &mut Reindex,
    owner: Owner,
) -> Result<bool, Fault> {
    let page = snapshots::page(ctx, owner, reindex.after, PAGE).await?;
    let is_last = i32::try_from(page.len()).is_ok_and(|count| count < PAGE);
    // Products come in the order in which everybody locks them; these do not, or concern many of them.
    if !matches!(owner, Owner::Products | Owner::Ratings) {
        refresh::lock_all(tx).await?;
    }
    for snapshot in &page {
        take_over_one(tx, owner, snapshot, reindex.started_at).await?;
    }
    let ids: Vec<Uuid> = page.iter().map(|snapshot| snapshot.id).collect();
    let mut until = ids.last().copied().filter(|_| !is_last);
    let range = sources::Range {
        after: reindex.after.unwrap_or_default(),
        until: until.unwrap_or(Uuid::max()),
    };
    // What the owner has not and what has not been heard of since the rebuild began is gone.
    let gone = sources::missing(tx, owner, &range, &ids, reindex.started_at, GONE).await?;
    for gone in &gone {
        remove_one(tx, owner, *gone, reindex.started_at).await?;
    }
    // There may be more: the next step goes on behind these, and takes over once more what comes after them.
    if i64::try_from(gone.len()) == Ok(GONE) {
        until = gone.last().map(|(id, _)| *id);
    }
    let done = ids.iter().filter(|id| until.is_none_or(|end| **id <= end));
    reindex.removed += i64::try_from(gone.len())?;
    reindex.done += i64::try_from(done.count())?;
    reindex.after = until;
    Ok(until.is_none())
}

async fn take_over_one(
    tx: &mut Transaction,
    owner: Owner,
    snapshot: &Snapshot,
    started_at: DateTime<Utc>,
) -> Result<(), Fault> {
    let source = Source {
        version: snapshot.version,
        // So that what was heard of since is told from what the rebuild itself has changed.
        time: started_at,
        mends: true,
    };
    match owner {
        Owner::Categories => project::category(tx, &source, &snapshot.read()?).await,
        Owner::Sellers => project::seller(tx, &source, &snapshot.read()?).await,
        Owner::Products => project::product(tx, &source, &snapshot.read()?).await,
        Owner::Ratings => project::rating(tx, &source, &snapshot.read()?).await,
        Owner::Stock => {
            let stock: payload::Stock = snapshot.read()?;
            project::stock(tx, &source, &stock).await?;
            let (Some(is_active), Some(version)) =
                (stock.is_warehouse_active, stock.warehouse_version)
            else {
                return Ok(());
            };
            // Many levels lie in one warehouse: only the first tells news.
            let known = sources::find_warehouse(tx, stock.warehouse_id).await?;
            if known.is_some_and(|(known, active)| {
                known > version || (known == version && active == is_active)
            }) {
                return Ok(());
            }
            let source = Source { version, ..source };
            project::warehouse(tx, &source, stock.warehouse_id, Some(is_active)).await
        }
    }
}

async fn remove_one(
    tx: &mut Transaction,
    owner: Owner,
    (id, version): (Uuid, i32),
    started_at: DateTime<Utc>,
) -> Result<(), Fault> {
    let source = Source {
        version,
        // So that what was heard of since is told from what the rebuild itself has changed.
        time: started_at,
        mends: true,
    };
    if owner == Owner::Categories {
        return project::category_gone(tx, &source, kernel::Id::from_uuid(id)).await;
    }
    if let Some(product) = sources::remove(tx, owner, id).await? {
        refresh::documents(tx, &[product], source.time, true).await?;
    }
    Ok(())
}

/// Writes the next documents to the fresh index; gives whether they were the last.
async fn fill(
    tx: &mut Transaction,
    reindex: &mut Reindex,
    elastic: &Elastic,
) -> Result<bool, Fault> {
    let index = elastic.index_name(reindex.id.uuid());
    // A node that lost its data while it was being filled begins again.
    if elastic.create_index(&index).await? || reindex.index_name.is_none() {
        elastic.remove_strays(&index).await?;
        // Once nobody is computing a document, every older version can be read. The node was asked before:
        // nobody waits for it behind this lock.
        refresh::lock_all(tx).await?;
        reindex.changed_since = Some(documents::next_version(tx).await?);
        reindex.index_name = Some(index);
        reindex.after = None;
        return Ok(false);
    }
    let after = reindex.after.unwrap_or_default();
    let page = documents::list_searchable(tx, after, DOCUMENTS).await?;
    elastic.push(Some(&index), &page).await?;
    reindex.done += i64::try_from(page.len())?;
    let is_last = i64::try_from(page.len()) != Ok(DOCUMENTS);
    reindex.after = page.last().map(|change| change.product_id().uuid());
    Ok(is_last)
}

/// Writes what changed meanwhile, swaps the alias and writes again what changed around the swap, which may
/// have gone to the old index.
async fn swap(
    tx: &mut Transaction,
    reindex: &mut Reindex,
    elastic: &Elastic,
) -> Result<bool, Fault> {
    let (Some(index), Some(since)) = (reindex.index_name.clone(), reindex.changed_since) else {
        return Err(Fault::internal("a swap without an index"));
    };
    if elastic.create_index(&index).await? {
        reindex.phase = Phase::Fill;
        return Ok(false);
    }
    if !elastic.compact(&index).await? {
        return Ok(false);
    }
    push_since(tx, elastic, Some(&index), since).await?;
    elastic.swap_alias(&index).await?;
    push_since(tx, elastic, None, since).await?;
    Ok(true)
}

/// Writes all changes from `version` on.
async fn push_since(
    tx: &mut Transaction,
    elastic: &Elastic,
    index: Option<&str>,
    version: i64,
) -> Result<(), Fault> {
    let mut version = version;
    loop {
        let page = documents::list_since(tx, version, DOCUMENTS).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        elastic.push(index, &page).await?;
        version = last.version() + 1;
    }
}
