//! What the staff of the marketplace reads.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{Connection, Decimal, GlobalId, Int64, connection, page_request};
use kernel::markers;

use crate::{
    domain::{
        Phase, QueryStatistics, Reindex, ReindexStatus, SearchStatistics, SynonymSet,
        statistics::share,
    },
    queries::{
        self,
        check::{self, Checked, Difference, Flaw, IndexDifference},
        snapshots::Owner,
    },
};

/// Where a rebuild stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchReindexState", remote = "ReindexStatus")]
pub(crate) enum ReindexState {
    /// It goes on, if only after a restart.
    Running,
    /// Everything is as the owners say.
    Done,
    /// It gave up; another may be started.
    Failed,
}

/// A step of a rebuild.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchReindexPhase", remote = "Phase")]
pub(crate) enum ReindexPhase {
    /// Takes over the categories.
    Categories,
    /// Takes over the shops.
    Sellers,
    /// Takes over the products.
    Products,
    /// Takes over the stock.
    Stock,
    /// Takes over the ratings.
    Ratings,
    /// Fills a fresh index on the search node.
    Fill,
    /// Swaps it for the old one.
    Swap,
}

/// A rebuild of the index from what the owners say. Searches go on meanwhile.
#[derive(SimpleObject)]
#[graphql(name = "SearchReindex")]
pub(crate) struct ReindexNode {
    /// Its id.
    id: GlobalId<markers::Reindex>,
    /// Where it stands.
    state: ReindexState,
    /// What it is at, or was at when it ended.
    phase: ReindexPhase,
    /// How many things were taken over so far.
    done_count: i64,
    /// How many products turned out to be gone.
    removed_count: i64,
    /// Why it failed; null otherwise.
    error: Option<String>,
    /// When it was asked for.
    started_at: DateTime<Utc>,
    /// When it last did something.
    updated_at: DateTime<Utc>,
    /// When it ended; null while it runs.
    finished_at: Option<DateTime<Utc>>,
}

/// Whose things are compared.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchCheckSource", remote = "Owner")]
pub(crate) enum CheckSource {
    /// Categories, of catalog.
    Categories,
    /// Shops, of sellers.
    Sellers,
    /// Products, of catalog.
    Products,
    /// Stock levels, of inventory.
    Stock,
    /// Ratings, of reviews.
    Ratings,
}

/// What is wrong with one thing.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchFlaw", remote = "Flaw")]
pub(crate) enum FlawValue {
    /// The owner has it, the index has not.
    Missing,
    /// The index has it, the owner has not.
    Extra,
    /// The index has an older version.
    Stale,
    /// The index has a newer version.
    Ahead,
    /// Same version, other values.
    Different,
}

/// One thing that the index has otherwise than its owner.
#[derive(SimpleObject)]
#[graphql(name = "SearchDifference")]
pub(crate) struct DifferenceNode {
    /// The thing.
    id: ID,
    /// What is wrong.
    flaw: FlawValue,
    /// The version its owner has; null when it has it not.
    expected_version: Option<i32>,
    /// The version the index has; null when it has it not.
    found_version: Option<i32>,
    /// The fields that differ; `document` when what is found does not follow from what is known.
    fields: Vec<String>,
}

/// A product that the search node has otherwise than the index in the database. What waits to be pushed is none.
#[derive(SimpleObject)]
#[graphql(name = "SearchIndexDifference")]
pub(crate) struct IndexDifferenceNode {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// What is wrong.
    flaw: FlawValue,
    /// The version of the document in the database; null when the product should not be found.
    expected_version: Option<Int64>,
    /// The version of the document on the node; null when it has it not.
    found_version: Option<Int64>,
}

/// What a check found on one page.
#[derive(SimpleObject)]
#[graphql(name = "SearchCheck")]
pub(crate) struct CheckNode {
    /// How many things were compared.
    checked_count: i64,
    /// What differs; what is still on its way does, too.
    differences: Vec<DifferenceNode>,
    /// Which documents of these products the search node has otherwise than the database. Null for other
    /// sources than `PRODUCTS`, without a node and while it is away.
    index_differences: Option<Vec<IndexDifferenceNode>>,
    /// Give it as `after` for the next page; null after the last.
    end: Option<ID>,
    /// How many products can be found.
    findable_count: i64,
    /// How many of them the search node has; null without a node or while it is away.
    indexed_count: Option<i64>,
    /// How many changes wait for the search node.
    pending_count: i64,
}

/// What people searched for. Who they are is not known.
#[derive(SimpleObject)]
#[graphql(name = "SearchAnalytics")]
pub(crate) struct AnalyticsNode {
    /// How many searches with words there were.
    search_count: i64,
    /// How many of them showed nothing at all.
    no_result_count: i64,
    /// How many showed something else than was asked for.
    rescued_count: i64,
    /// After how many of a hundred a hit was chosen, as a decimal number.
    click_through_rate: Decimal,
    /// The most frequent queries, at most 20.
    top_queries: Vec<QueryNode>,
    /// The most frequent queries without hits of their own, rescued or not, at most 20.
    no_result_queries: Vec<QueryNode>,
}

/// Searches for the same words.
#[derive(SimpleObject)]
#[graphql(name = "SearchQueryStatistics")]
pub(crate) struct QueryNode {
    /// The words, without what may be an address or a number of a person.
    query: String,
    /// How many searches there were.
    search_count: i64,
    /// How many hits they had on average, rounded down.
    average_hits: i64,
    /// After how many of a hundred a hit was chosen, as a decimal number.
    click_through_rate: Decimal,
}

/// What a word may also mean.
#[derive(SimpleObject)]
#[graphql(name = "SearchSynonym")]
pub(crate) struct SynonymNode {
    /// One word in lower case.
    term: String,
    /// Words and phrases that are found for it as well.
    alternatives: Vec<String>,
    /// Beside one of these words, or in a category that is named so, it means only itself.
    unless: Vec<String>,
    /// Grows by one with every change.
    version: i32,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

#[derive(Default)]
pub(crate) struct AdminQuery;

#[Object]
impl AdminQuery {
    /// How a rebuild goes: the one with this id, or the last one; null when there is none. Needs the
    /// permission `manage:search`.
    async fn search_reindex_status(
        &self,
        ctx: &Context<'_>,
        id: Option<GlobalId<markers::Reindex>>,
    ) -> Result<Option<ReindexNode>> {
        let reindex = queries::find_reindex(ctx.data()?, id.map(|id| id.0)).await;
        Ok(reindex.map_err(gql::fault)?.map(Into::into))
    }

    /// Compares the index with what the owner of its data says, a page at a time: `first` is 1 to 500, 100
    /// without it; `after` is the `end` of the page before. A page ends early, after 10000 things that the index
    /// has, where the owner lost very many. Needs the permission `manage:search`.
    async fn search_check(
        &self,
        ctx: &Context<'_>,
        source: CheckSource,
        #[graphql(validator(minimum = 1, maximum = 500), default = 100)] first: i32,
        after: Option<ID>,
    ) -> Result<Option<CheckNode>> {
        let after = after.as_ref().map(|id| id.as_str());
        let checked = check::check(ctx.data()?, ctx.data()?, source.into(), after, first).await;
        Ok(Some(checked.map_err(gql::fault)?.into()))
    }

    /// What was searched for from `from` until before `to`, of the last 90 days. Needs the permission
    /// `manage:search`.
    async fn search_analytics(
        &self,
        ctx: &Context<'_>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Option<AnalyticsNode>> {
        let statistics = queries::search_statistics(ctx.data()?, from, to).await;
        Ok(Some(statistics.map_err(gql::fault)?.into()))
    }

    /// Synonyms by term. `first` is at most 100, 20 without it. Needs the permission `manage:search`.
    async fn search_synonyms(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<SynonymNode>>> {
        let page = page_request(first, after)?;
        let synonyms = queries::list_synonyms(ctx.data()?, &page).await;
        Ok(Some(connection(synonyms.map_err(gql::fault)?, Into::into)))
    }
}

/// A part of a whole in percent.
fn percent(part: i64, whole: i64) -> Decimal {
    let hundredths = share(part, whole);
    Decimal(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

impl From<Reindex> for ReindexNode {
    fn from(reindex: Reindex) -> Self {
        Self {
            id: reindex.id.into(),
            state: reindex.status.into(),
            phase: reindex.phase.into(),
            done_count: reindex.done,
            removed_count: reindex.removed,
            error: reindex.error,
            started_at: reindex.started_at,
            updated_at: reindex.updated_at,
            finished_at: reindex.finished_at,
        }
    }
}

impl From<Difference> for DifferenceNode {
    fn from(difference: Difference) -> Self {
        Self {
            id: difference.id.into(),
            flaw: difference.flaw.into(),
            expected_version: difference.expected_version,
            found_version: difference.found_version,
            fields: difference.fields,
        }
    }
}

impl From<IndexDifference> for IndexDifferenceNode {
    fn from(difference: IndexDifference) -> Self {
        Self {
            product_id: difference.product_id.into(),
            flaw: difference.flaw.into(),
            expected_version: difference.expected_version.map(Int64),
            found_version: difference.found_version.map(Int64),
        }
    }
}

impl From<Checked> for CheckNode {
    fn from(checked: Checked) -> Self {
        Self {
            checked_count: checked.checked,
            differences: checked.differences.into_iter().map(Into::into).collect(),
            index_differences: checked
                .index_differences
                .map(|differences| differences.into_iter().map(Into::into).collect()),
            end: checked.end.map(Into::into),
            findable_count: checked.findable,
            indexed_count: checked.indexed,
            pending_count: checked.pending,
        }
    }
}

impl From<SearchStatistics> for AnalyticsNode {
    fn from(statistics: SearchStatistics) -> Self {
        Self {
            search_count: statistics.searches,
            no_result_count: statistics.without_hits,
            rescued_count: statistics.rescued,
            click_through_rate: percent(statistics.clicked, statistics.searches),
            top_queries: statistics.top.into_iter().map(Into::into).collect(),
            no_result_queries: statistics.unanswered.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<QueryStatistics> for QueryNode {
    fn from(query: QueryStatistics) -> Self {
        Self {
            search_count: query.searches,
            average_hits: query.hits,
            click_through_rate: percent(query.clicked, query.searches),
            query: query.query,
        }
    }
}

impl From<SynonymSet> for SynonymNode {
    fn from(set: SynonymSet) -> Self {
        Self {
            term: set.term,
            alternatives: set.alternatives,
            unless: set.unless,
            version: set.version,
            updated_at: set.updated_at,
        }
    }
}
