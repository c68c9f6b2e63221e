//! `searchReindex`.

use service::Ctx;

use crate::{
    access::MANAGE_SEARCH,
    domain::{Error, Phase, Reindex, ReindexStatus},
    store,
};

/// Orders a rebuild of everything from what the owners say; the task `search.reindex` does it. Not
/// idempotent by a key: while one runs there is no second.
///
/// # Errors
/// [`Error`]: one is running; without `manage:search`.
pub async fn start_reindex(ctx: &Ctx) -> Result<Reindex, Error> {
    ctx.require(MANAGE_SEARCH)?;
    begin(ctx, Phase::Categories).await
}

/// Begins a rebuild at `phase`.
pub(crate) async fn begin(ctx: &Ctx, phase: Phase) -> Result<Reindex, Error> {
    let now = ctx.now();
    let reindex = Reindex {
        id: ctx.ids.next(),
        status: ReindexStatus::Running,
        phase,
        after: None,
        done: 0,
        removed: 0,
        index_name: None,
        changed_since: None,
        error: None,
        started_at: now,
        updated_at: now,
        finished_at: None,
    };
    let mut tx = ctx.begin().await?;
    store::reindexes::insert(&mut tx, &reindex, &ctx.principal.actor()).await?;
    tx.commit().await?;
    Ok(reindex)
}
