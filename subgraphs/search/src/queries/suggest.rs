//! `searchSuggestions` and `searchAutocomplete`: help while typing.

use std::collections::HashSet;

use kernel::Fault;
use service::Ctx;

use super::search::correct;
use crate::{
    domain::{Completion, CompletionKind, text::words},
    store::{self, Engines},
};

/// For how long searches of others count as popular.
const POPULAR_DAYS: i64 = 30;

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionKind {
    /// The words without typing mistakes.
    Correction,
    /// What the words are also called.
    Synonym,
    /// What others searched for who began so.
    Popular,
}

/// Another search that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What to search for.
    pub text: String,
    /// Why.
    pub kind: SuggestionKind,
}

/// Other searches that `query` may mean, the likeliest first.
///
/// # Errors
/// [`Fault`] of the engine or the database.
pub async fn suggest(
    ctx: &Ctx,
    engines: &Engines,
    query: &str,
    first: usize,
) -> Result<Vec<Suggestion>, Fault> {
    let asked = words(query);
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let text = asked.join(" ");
    let corrected = correct(engines, &asked).await?;
    let mut suggestions = vec![(corrected.join(" "), SuggestionKind::Correction)];
    let since = ctx.now() - chrono::Duration::days(POPULAR_DAYS);
    let limit = i64::try_from(first)?;
    for popular in store::searches::popular(&ctx.db, &text, since, limit).await? {
        suggestions.push((popular, SuggestionKind::Popular));
    }
    let sets = store::synonyms::of(&ctx.db, &corrected).await?;
    for (at, word) in corrected.iter().enumerate() {
        let sets = sets.iter().filter(|set| set.term == *word);
        for alternative in sets.flat_map(|set| &set.alternatives) {
            let mut other = corrected.clone();
            other[at].clone_from(alternative);
            suggestions.push((other.join(" "), SuggestionKind::Synonym));
        }
    }
    let mut seen = HashSet::from([text]);
    suggestions.retain(|(text, _)| seen.insert(text.clone()));
    let suggestions = suggestions.into_iter().take(first);
    Ok(suggestions
        .map(|(text, kind)| Suggestion { text, kind })
        .collect())
}

/// What `prefix` may become: categories, then brands and products.
///
/// # Errors
/// [`Fault`] of the engine or the database.
pub async fn complete(
    ctx: &Ctx,
    engines: &Engines,
    prefix: &str,
    first: usize,
) -> Result<Vec<Completion>, Fault> {
    let beginning = words(prefix).join(" ");
    if beginning.is_empty() {
        return Ok(Vec::new());
    }
    // Categories are few: they leave most of the list to the rest.
    let limit = i64::try_from(first.div_ceil(3))?;
    let categories = store::categories::begin_with(&ctx.db, &beginning, limit).await?;
    let mut completions: Vec<Completion> = categories
        .into_iter()
        .map(|(id, text)| Completion {
            text,
            kind: CompletionKind::Category(id),
        })
        .collect();
    completions.extend(engines.complete(&beginning, first).await?);
    let mut seen = HashSet::new();
    completions.retain(|completion| seen.insert(completion.text.to_lowercase()));
    completions.truncate(first);
    Ok(completions)
}
