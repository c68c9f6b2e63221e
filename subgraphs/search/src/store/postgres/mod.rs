//! Searching the projection itself: full text, trigrams and ordinary indexes of PostgreSQL.

mod correct;
mod facets;
mod filter;
mod hits;
mod statement;

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Fault};
use sqlx::{FromRow, PgPool, types::Json};
use uuid::Uuid;

use crate::domain::{Answer, Completion, Count, Filter, MAX_RANKED, SearchRequest, TextQuery};

/// The projection in this subgraph's database.
#[derive(Clone)]
pub struct Postgres {
    db: PgPool,
}

/// A request in PostgreSQL's terms.
struct Prepared<'a> {
    filter: &'a Filter,
    /// The category of the filter and those below it.
    categories: Vec<Uuid>,
    /// What documents must say, and the same without synonyms.
    text: Option<(String, String)>,
}

/// A row of an answer: a hit, a count of a facet, or how many there are.
#[derive(FromRow)]
struct Row {
    kind: String,
    key: Option<String>,
    second_key: Option<String>,
    /// How many; of a hit, which one it is on its page.
    count: i64,
    product_id: Option<Uuid>,
    min_price: Option<i64>,
    created_at: Option<DateTime<Utc>>,
    sold: Option<i64>,
    rating_count: Option<i32>,
    /// Only of lists by relevance.
    score: Option<f64>,
}

impl Postgres {
    /// Searches in `db`.
    #[must_use]
    pub const fn new(db: PgPool) -> Self {
        Self { db }
    }

    /// See [`super::Engine::search`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn search(&self, request: &SearchRequest) -> Result<Answer, Fault> {
        let prepared = self.prepare(request).await?;
        let mut sql = statement::build(&prepared, request)?;
        // Not prepared: the best plan depends on the words and filters.
        let query = sql.build_query_as().persistent(false);
        let rows: Vec<Row> = query.fetch_all(&self.db).await?;
        let total = rows.iter().find(|row| row.kind == "all").map(total);
        let facets = request.facets.then(|| facets::read(&rows)).transpose()?;
        let mut hits: Vec<&Row> = rows.iter().filter(|row| row.kind == "hit").collect();
        hits.sort_by_key(|row| row.count);
        Ok(Answer {
            hits: hits
                .into_iter()
                .filter_map(|row| hits::read(row, request.sort))
                .collect(),
            total: total.filter(|_| request.count),
            facets,
        })
    }

    /// See [`super::Engine::correct`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn correct(&self, words: &[String], limit: usize) -> Result<Vec<Vec<String>>, Fault> {
        correct::words(&self.db, words, limit).await
    }

    /// See [`super::Engine::complete`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn complete(&self, prefix: &str, limit: usize) -> Result<Vec<Completion>, Fault> {
        correct::complete(&self.db, prefix, limit).await
    }

    /// See [`super::Engine::count`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn count(&self) -> Result<i64, Fault> {
        Ok(
            sqlx::query_scalar("select count(*) from documents where is_searchable")
                .fetch_one(&self.db)
                .await?,
        )
    }

    /// Puts the words into PostgreSQL's query language and looks up the categories below the chosen one,
    /// apart from the search itself: its plan is better when these are constants.
    async fn prepare<'a>(&self, request: &'a SearchRequest) -> Result<Prepared<'a>, Fault> {
        let category = request.filter.category;
        if request.text.is_none() && category.is_none() {
            return Ok(Prepared {
                filter: &request.filter,
                categories: Vec::new(),
                text: None,
            });
        }
        let forms = request.text.as_ref().map(forms);
        let (query, plain, mut categories): (Option<String>, Option<String>, Vec<Uuid>) =
            sqlx::query_as(
                "select \
                 (select string_agg('(' || q::text || ')', ' & ') from jsonb_array_elements($1) forms, \
                   form_query(array(select jsonb_array_elements_text(forms))) q), \
                 (select string_agg('(' || q::text || ')', ' & ') from jsonb_array_elements($1) forms, \
                   form_query(array[forms ->> 0]) q), \
                 array(select category_id from categories where path @> array[$2::uuid])",
            )
            .bind(forms.as_ref().map(Json))
            .bind(category.map(CategoryId::uuid))
            .fetch_one(&self.db)
            .await?;
        // A text without a word that PostgreSQL knows finds nothing.
        let text = request
            .text
            .is_some()
            .then(|| (query.unwrap_or_default(), plain.unwrap_or_default()));
        // Products may be there before their category is.
        categories.extend(category.map(CategoryId::uuid));
        Ok(Prepared {
            filter: &request.filter,
            categories,
            text,
        })
    }
}

/// Counting all hits ends at the limit.
fn total(row: &Row) -> Count {
    Count {
        value: row.count.min(MAX_RANKED),
        is_exact: row.count <= MAX_RANKED,
    }
}

/// For each word what meets it, itself first.
fn forms(text: &TextQuery) -> Vec<Vec<&str>> {
    let words = text.words.iter();
    words
        .map(|word| {
            let synonyms = word.synonyms.iter().map(String::as_str);
            std::iter::once(word.text.as_str())
                .chain(synonyms)
                .collect()
        })
        .collect()
}
