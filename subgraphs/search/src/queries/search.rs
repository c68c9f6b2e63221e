//! `search`: from what a person typed to a page of hits.

use kernel::{CursorError, Fault, Named as _, Page, PageRequest, SearchId};
use serde::{Deserialize, Serialize};
use service::Ctx;

use crate::{
    domain::{
        Answer, Count, Facets, Filter, Hit, Place, Rescue, RescueKind, SearchRequest, Sort,
        TextQuery,
        synonym::{expand, expand_backwards},
        text::{without_persons, words},
    },
    store::{self, Engines, searches::Logged},
};

/// What is searched for.
pub struct SearchInput {
    /// As it was typed; `None` or without words finds everything.
    pub query: Option<String>,
    /// What hits must be.
    pub filter: Filter,
    /// The order; by relevance without it, or by popularity when there are no words.
    pub sort: Option<Sort>,
    /// Which page.
    pub page: PageRequest,
    /// Whether to count all hits.
    pub count: bool,
    /// Whether to count facets.
    pub facets: bool,
}

/// What was found.
pub struct Found {
    /// The hits.
    pub page: Page<Hit>,
    /// How many there are altogether, if asked for.
    pub total: Option<Count>,
    /// The facets, if asked for.
    pub facets: Option<Facets>,
    /// What is shown instead, when what was asked for has no hits.
    pub rescue: Option<Rescue>,
    /// By what a click is told; `None` without words.
    pub search_id: Option<SearchId>,
}

/// A cursor: the place, and what must be the same on the next page.
#[derive(Serialize, Deserialize)]
struct Bookmark {
    /// Of the question; another question has no use for the cursor.
    list: u64,
    place: Place,
    engine: String,
    search: Option<SearchId>,
    rescue: Option<Rescue>,
}

/// One way to answer: what was asked for, or a rescue.
struct Attempt {
    text: Option<TextQuery>,
    filter: Filter,
    rescue: Option<Rescue>,
}

/// Finds products, or what comes close.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another search; `UNAVAILABLE` when the engine that began the list is
/// away; [`Fault`] of the database.
pub async fn search(ctx: &Ctx, engines: &Engines, input: SearchInput) -> Result<Found, Fault> {
    let text = input.query.as_deref().and_then(TextQuery::parse);
    let list = fingerprint(text.as_ref(), &input)?;
    let bookmark: Option<Bookmark> = input.page.after()?;
    if bookmark
        .as_ref()
        .is_some_and(|bookmark| bookmark.list != list)
    {
        return Err(CursorError::Malformed.into());
    }
    let Some(bookmark) = bookmark else {
        return first_page(ctx, engines, &input, text, list).await;
    };
    let attempt = prepare(ctx, text, input.filter.clone(), bookmark.rescue.clone()).await?;
    // Only scores cannot be compared between engines.
    let is_ranked = matches!(bookmark.place, Place::Relevance(..));
    let only = is_ranked.then_some(bookmark.engine.as_str());
    let place = Some(bookmark.place);
    let (answer, engine) = engines
        .search(&request(&input, &attempt, place), only)
        .await?;
    let page = page(
        &input.page,
        answer.hits,
        list,
        engine,
        bookmark.search,
        &attempt,
    );
    Ok(Found {
        page,
        total: answer.total,
        facets: answer.facets,
        rescue: attempt.rescue,
        search_id: bookmark.search,
    })
}

async fn first_page(
    ctx: &Ctx,
    engines: &Engines,
    input: &SearchInput,
    text: Option<TextQuery>,
    list: u64,
) -> Result<Found, Fault> {
    let mut attempt = prepare(ctx, text.clone(), input.filter.clone(), None).await?;
    let (mut answer, mut engine) = engines
        .search(&request(input, &attempt, None), None)
        .await?;
    if let Some(text) = &text
        && answer.hits.is_empty()
        && !finds_without_filter(engines, &attempt).await?
        && let Some((rescuing, rescued, by)) = rescue(ctx, engines, input, text).await?
    {
        (attempt, answer, engine) = (rescuing, rescued, by);
    }
    let search_id = match &text {
        Some(_) => log(ctx, input, &attempt, &answer, engine).await,
        None => None,
    };
    let page = page(&input.page, answer.hits, list, engine, search_id, &attempt);
    Ok(Found {
        page,
        total: answer.total,
        facets: answer.facets,
        rescue: attempt.rescue,
        search_id,
    })
}

/// Whether only the filter keeps the hits away: then an empty page is what was asked for.
async fn finds_without_filter(engines: &Engines, attempt: &Attempt) -> Result<bool, Fault> {
    if attempt.filter == Filter::default() {
        return Ok(false);
    }
    let request = SearchRequest {
        text: attempt.text.clone(),
        filter: Filter::default(),
        sort: Sort::BestSelling,
        facets: false,
        count: false,
        limit: 1,
        after: None,
    };
    let (answer, _) = engines.search(&request, None).await?;
    Ok(!answer.hits.is_empty())
}

/// Tries what comes close, the closest first, until something has hits.
async fn rescue(
    ctx: &Ctx,
    engines: &Engines,
    input: &SearchInput,
    text: &TextQuery,
) -> Result<Option<(Attempt, Answer, &'static str)>, Fault> {
    let asked: Vec<String> = text.words.iter().map(|word| word.text.clone()).collect();
    let corrected = correct(engines, &asked).await?;
    let mut rescues = Vec::new();
    if corrected != asked {
        rescues.push(rescue_by(RescueKind::Typo, Some(corrected.join(" "))));
    }
    rescues.push(rescue_by(RescueKind::Synonym, Some(corrected.join(" "))));
    if input.filter.category.is_none() {
        let category = store::categories::find_similar(&ctx.db, &corrected).await?;
        rescues.extend(category.map(|id| Rescue {
            category: Some(id),
            ..rescue_by(RescueKind::Category, None)
        }));
    }
    for rescue in rescues {
        let attempt = prepare(ctx, None, input.filter.clone(), Some(rescue)).await?;
        let (answer, engine) = engines
            .search(&request(input, &attempt, None), None)
            .await?;
        if !answer.hits.is_empty() {
            return Ok(Some((attempt, answer, engine)));
        }
    }
    Ok(None)
}

const fn rescue_by(kind: RescueKind, text: Option<String>) -> Rescue {
    Rescue {
        kind,
        text,
        category: None,
    }
}

/// The words with mistyped ones corrected.
pub(super) async fn correct(engines: &Engines, words: &[String]) -> Result<Vec<String>, Fault> {
    let corrections = engines.correct(words, 1).await?;
    Ok(words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let best = corrections.get(at).and_then(|found| found.first());
            best.unwrap_or(word).clone()
        })
        .collect())
}

/// Puts synonyms to the words of `text`, or to what `rescue` shows instead.
async fn prepare(
    ctx: &Ctx,
    text: Option<TextQuery>,
    mut filter: Filter,
    rescue: Option<Rescue>,
) -> Result<Attempt, Fault> {
    let mut text = match &rescue {
        None => text,
        Some(rescue) => rescue.text.as_deref().and_then(TextQuery::parse),
    };
    if let Some(category) = rescue.as_ref().and_then(|rescue| rescue.category) {
        filter.category = Some(category);
    }
    if let Some(text) = &mut text {
        let plain: Vec<String> = text.words.iter().map(|word| word.text.clone()).collect();
        let sets = store::synonyms::of(&ctx.db, &plain).await?;
        let beside = match filter.category {
            Some(id) if !sets.is_empty() => words(
                &store::categories::path_names(&ctx.db, id)
                    .await?
                    .to_lowercase(),
            ),
            _ => Vec::new(),
        };
        expand(text, &sets, &beside);
        if rescue
            .as_ref()
            .is_some_and(|rescue| rescue.kind == RescueKind::Synonym)
        {
            let sets = store::synonyms::with(&ctx.db, &plain).await?;
            expand_backwards(text, &sets);
        }
    }
    Ok(Attempt {
        text,
        filter,
        rescue,
    })
}

fn request(input: &SearchInput, attempt: &Attempt, after: Option<Place>) -> SearchRequest {
    let sort = match (input.sort, &attempt.text) {
        (None | Some(Sort::Relevance), Some(_)) => Sort::Relevance,
        (None | Some(Sort::Relevance), None) => Sort::BestSelling,
        (Some(sort), _) => sort,
    };
    SearchRequest {
        text: attempt.text.clone(),
        filter: attempt.filter.clone(),
        sort,
        facets: input.facets,
        count: input.count,
        limit: usize::try_from(input.page.limit()).unwrap_or_default(),
        after,
    }
}

fn page(
    request: &PageRequest,
    hits: Vec<Hit>,
    list: u64,
    engine: &str,
    search: Option<SearchId>,
    attempt: &Attempt,
) -> Page<Hit> {
    request.page(hits, |hit| Bookmark {
        list,
        place: hit.place,
        engine: engine.to_owned(),
        search,
        rescue: attempt.rescue.clone(),
    })
}

/// What tells one question from another: its words, filter and order. FNV-1a, which needs no library and
/// stays the same between versions of this program.
fn fingerprint(text: Option<&TextQuery>, input: &SearchInput) -> Result<u64, Fault> {
    let words = text.map(TextQuery::text);
    let question = serde_json::to_vec(&(words, &input.filter, input.sort))?;
    Ok(question.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// Notes what was searched for. A log that fails costs its entry, not the search.
async fn log(
    ctx: &Ctx,
    input: &SearchInput,
    attempt: &Attempt,
    answer: &Answer,
    engine: &'static str,
) -> Option<SearchId> {
    let query = without_persons(input.query.as_deref().unwrap_or_default());
    let shown = i64::try_from(answer.hits.len()).unwrap_or(i64::MAX);
    let hits = answer.total.map_or(shown, |total| total.value);
    let search = Logged {
        id: ctx.ids.next(),
        at: ctx.now(),
        query: &query,
        hits: i32::try_from(hits).unwrap_or(i32::MAX),
        rescue: attempt.rescue.as_ref().map(|rescue| rescue.kind.name()),
        engine,
    };
    match store::searches::insert(&ctx.db, &search).await {
        Ok(()) => Some(search.id),
        Err(fault) => {
            tracing::warn!(cause = fault.chain(), "a search was not logged");
            None
        }
    }
}
