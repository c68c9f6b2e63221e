//! Searching the projection itself: full text, trigrams and ordinary indexes of PostgreSQL.

mod correct;
mod facets;
mod filter;
mod hits;

use kernel::{CategoryId, Fault};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use crate::domain::{Answer, Completion, Filter, SearchRequest, TextQuery};

/// The projection in this subgraph's database.
#[derive(Clone)]
pub struct Postgres {
    db: PgPool,
}

/// A request in PostgreSQL's terms.
struct Prepared<'a> {
    filter: &'a Filter,
    /// The category of the filter and those below it.
    categories: Option<Vec<Uuid>>,
    /// What documents must say, and the same without synonyms.
    text: Option<(String, String)>,
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
        let hits = hits::find(&self.db, &prepared, request).await?;
        let total = match request.count {
            true => Some(hits::count(&self.db, &prepared).await?),
            false => None,
        };
        let facets = match request.facets {
            true => Some(facets::count(&self.db, &prepared).await?),
            false => None,
        };
        Ok(Answer {
            hits,
            total,
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
                categories: None,
                text: None,
            });
        }
        let forms = request.text.as_ref().map(forms);
        let (query, plain, categories): (Option<String>, Option<String>, Vec<Uuid>) =
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
        let categories = category.map(|category| {
            let mut categories = categories;
            // Products may be there before their category is.
            categories.push(category.uuid());
            categories
        });
        Ok(Prepared {
            filter: &request.filter,
            categories,
            text,
        })
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
