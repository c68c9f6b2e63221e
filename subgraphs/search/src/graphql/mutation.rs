//! Root mutations with their inputs and payloads.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use gql::{GlobalId, UserError, settle};
use kernel::markers;

use super::{
    admin::{ReindexNode, SynonymNode},
    user_error::user_error,
};
use crate::commands;

/// A hit that was chosen.
#[derive(InputObject)]
struct SearchClickInput {
    /// The search, as its answer named it.
    search_id: GlobalId<markers::Search>,
    /// The product that was chosen.
    product_id: GlobalId<markers::Product>,
    /// Where it stood in the list, 1 to 10000; 1 is the first.
    position: i32,
}

/// What a word may also mean.
#[derive(InputObject)]
struct SearchSynonymSetInput {
    /// One word.
    term: String,
    /// Words and phrases that are found for it as well, 1 to 20.
    alternatives: Vec<String>,
    /// Beside one of these words, or in a category that is named so, it means only itself; at most 20.
    unless: Option<Vec<String>>,
    /// The version that was read; left out for a word that has no synonyms yet.
    expected_version: Option<i32>,
}

/// Synonyms that go.
#[derive(InputObject)]
struct SearchSynonymDeleteInput {
    /// The word.
    term: String,
    /// The version that was read.
    expected_version: i32,
}

/// Whether the choice was noted.
#[derive(SimpleObject)]
struct SearchClickPayload {
    /// Whether it is noted, now or before.
    is_noted: bool,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The rebuild, or why it was refused.
#[derive(SimpleObject)]
struct SearchReindexPayload {
    /// The rebuild that was started; null when it was refused.
    reindex: Option<ReindexNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The synonyms after the change, or why it was refused.
#[derive(SimpleObject)]
struct SearchSynonymPayload {
    /// The synonyms; null when they are gone or the change was refused.
    synonym: Option<SynonymNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// Tells that a hit was chosen, so that search can be made better. For everybody; who chose is not kept.
    async fn search_click(
        &self,
        ctx: &Context<'_>,
        input: SearchClickInput,
    ) -> Result<Option<SearchClickPayload>> {
        let command = commands::Click {
            search_id: input.search_id.0,
            product_id: input.product_id.0,
            position: input.position,
        };
        let outcome = commands::click(ctx.data()?, command).await;
        let (noted, user_errors) = settle(outcome, user_error)?;
        Ok(Some(SearchClickPayload {
            is_noted: noted.is_some(),
            user_errors,
        }))
    }

    /// Starts a rebuild of the index from what the owners say; `searchReindexStatus` tells how it goes.
    /// Searches go on meanwhile. Needs the permission `manage:search`.
    async fn search_reindex(&self, ctx: &Context<'_>) -> Result<Option<SearchReindexPayload>> {
        let outcome = commands::start_reindex(ctx.data()?).await;
        let (reindex, user_errors) = settle(outcome, user_error)?;
        Ok(Some(SearchReindexPayload {
            reindex: reindex.map(Into::into),
            user_errors,
        }))
    }

    /// Writes what a word may also mean, from the next search on. Needs the permission `manage:search`.
    async fn search_synonym_set(
        &self,
        ctx: &Context<'_>,
        input: SearchSynonymSetInput,
    ) -> Result<Option<SearchSynonymPayload>> {
        let command = commands::SetSynonym {
            term: input.term,
            alternatives: input.alternatives,
            unless: input.unless.unwrap_or_default(),
            expected_version: input.expected_version,
        };
        let outcome = commands::set_synonym(ctx.data()?, command).await;
        let (synonym, user_errors) = settle(outcome, user_error)?;
        Ok(Some(SearchSynonymPayload {
            synonym: synonym.map(Into::into),
            user_errors,
        }))
    }

    /// Removes what a word may also mean. Needs the permission `manage:search`.
    async fn search_synonym_delete(
        &self,
        ctx: &Context<'_>,
        input: SearchSynonymDeleteInput,
    ) -> Result<Option<SearchSynonymPayload>> {
        let version = input.expected_version;
        let outcome = commands::delete_synonym(ctx.data()?, &input.term, version).await;
        let (_, user_errors) = settle(outcome, user_error)?;
        Ok(Some(SearchSynonymPayload {
            synonym: None,
            user_errors,
        }))
    }
}
