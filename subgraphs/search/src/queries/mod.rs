//! What is read: searches first of all.

pub mod check;
pub mod search;
pub mod snapshots;
pub mod suggest;

pub use search::{Found, SearchInput, search};

use chrono::{DateTime, Utc};
use kernel::{Fault, Page, PageRequest, ReindexId};
use service::Ctx;

use crate::{
    access::MANAGE_SEARCH,
    domain::{Reindex, SearchStatistics, SynonymSet},
    store,
};

/// How many queries the statistics name.
const NAMED_QUERIES: i64 = 20;

/// The rebuild with that id, or the last one.
///
/// # Errors
/// Without `manage:search`; [`Fault`] of the database.
pub async fn find_reindex(ctx: &Ctx, id: Option<ReindexId>) -> Result<Option<Reindex>, Fault> {
    ctx.require(MANAGE_SEARCH)?;
    store::reindexes::find(&ctx.db, id).await
}

/// What was searched for from `from` until before `to`.
///
/// # Errors
/// Without `manage:search`; `BAD_USER_INPUT` when the span ends before it begins; [`Fault`] of the database.
pub async fn search_statistics(
    ctx: &Ctx,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<SearchStatistics, Fault> {
    ctx.require(MANAGE_SEARCH)?;
    if to <= from {
        return Err(Fault::invalid_input("`to` must be after `from`"));
    }
    store::searches::statistics(&ctx.db, from, to, NAMED_QUERIES).await
}

/// Synonyms by term.
///
/// # Errors
/// Without `manage:search`; `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_synonyms(ctx: &Ctx, page: &PageRequest) -> Result<Page<SynonymSet>, Fault> {
    ctx.require(MANAGE_SEARCH)?;
    store::synonyms::list(&ctx.db, page).await
}
