//! Searching.

use async_graphql::{
    Context, InputObject, Object, Result,
    connection::{Connection, Edge},
};
use gql::{GlobalId, Int64, page_request};
use kernel::{Fault, markers};

use super::types::{CompletionNode, HitNode, SortValue, SuggestionNode, Summary};
use crate::{
    domain::Filter,
    queries::{self, SearchInput, suggest},
};

/// How many letters the name of a place may have.
const MAX_PLACE: usize = 80;

/// What hits must be: everything that is given.
#[derive(InputObject, Default)]
struct SearchWhere {
    /// In this category or below it.
    category_id: Option<GlobalId<markers::Category>>,
    /// The cheapest variant costs at least so many rupiah.
    price_min: Option<Int64>,
    /// The cheapest variant costs at most so many rupiah.
    price_max: Option<Int64>,
    /// Rated with so many stars on average or more: 1 to 5.
    #[graphql(validator(minimum = 1, maximum = 5))]
    rating_min: Option<i32>,
    /// The shop is in one of these cities or `provinces`; at most 20, as shops write them.
    #[graphql(validator(max_items = 20))]
    cities: Option<Vec<String>>,
    /// The shop is in one of these provinces or `cities`; at most 20, as shops write them.
    #[graphql(validator(max_items = 20))]
    provinces: Option<Vec<String>>,
    /// Only what is in stock.
    in_stock: Option<bool>,
}

impl SearchWhere {
    fn filter(self) -> Result<Filter, Fault> {
        let (cities, provinces) = (
            self.cities.unwrap_or_default(),
            self.provinces.unwrap_or_default(),
        );
        if cities
            .iter()
            .chain(&provinces)
            .any(|place| place.chars().count() > MAX_PLACE)
        {
            return Err(Fault::invalid_input("a place has at most 80 letters"));
        }
        Ok(Filter {
            category: self.category_id.map(|id| id.0),
            price_min: self.price_min.map(|price| price.0),
            price_max: self.price_max.map(|price| price.0),
            min_rating: self.rating_min.map(|stars| stars * 100),
            cities,
            provinces,
            in_stock: self.in_stock.unwrap_or_default(),
        })
    }
}

#[derive(Default)]
pub(crate) struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Finds products on the shelf of open shops by words of name, brand, description, features and
    /// category, in Indonesian or English. `query` has at most 200 letters, of which 12 words count; without
    /// it everything is found. `first` is at most 100, 20 without it. A cursor belongs to one query, `where`
    /// and `sort`; a list by relevance ends after 10000 hits.
    #[expect(clippy::too_many_arguments, reason = "the schema's arguments")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(chars_max_length = 200))] query: Option<String>,
        r#where: Option<SearchWhere>,
        sort: Option<SortValue>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<String, HitNode, Summary>>> {
        let wants = ctx.look_ahead();
        let input = SearchInput {
            query,
            filter: r#where.unwrap_or_default().filter().map_err(gql::fault)?,
            sort: sort.map(Into::into),
            page: page_request(first, after)?,
            count: wants.field("totalCount").exists()
                || wants.field("totalCountPrecision").exists(),
            facets: wants.field("facets").exists(),
        };
        let found = queries::search(ctx.data()?, ctx.data()?, input).await;
        let mut found = found.map_err(gql::fault)?;
        let summary = Summary::new(&mut found);
        let (before, next) = (found.page.has_previous, found.page.has_next);
        let mut connection = Connection::with_additional_fields(before, next, summary);
        let edges = found.page.rows.into_iter();
        connection
            .edges
            .extend(edges.map(|(cursor, hit)| Edge::new(cursor.as_str().to_owned(), hit.into())));
        Ok(Some(connection))
    }

    /// Other searches that `query` may mean: without typing mistakes, what others searched for, synonyms.
    /// `query` has at most 200 letters; `first` is at most 20, 8 without it.
    async fn search_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(chars_max_length = 200))] query: String,
        #[graphql(validator(minimum = 1, maximum = 20), default = 8)] first: i32,
    ) -> Result<Option<Vec<SuggestionNode>>> {
        let first = usize::try_from(first)?;
        let suggestions = suggest::suggest(ctx.data()?, ctx.data()?, &query, first).await;
        let suggestions = suggestions.map_err(gql::fault)?.into_iter();
        Ok(Some(suggestions.map(Into::into).collect()))
    }

    /// What `prefix` may become while it is being typed: categories, brands and products that have all its
    /// words and a word that begins with the last one. `prefix` has at most 200 letters; `first` is at most
    /// 20, 8 without it.
    async fn search_autocomplete(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(chars_max_length = 200))] prefix: String,
        #[graphql(validator(minimum = 1, maximum = 20), default = 8)] first: i32,
    ) -> Result<Option<Vec<CompletionNode>>> {
        let first = usize::try_from(first)?;
        let completions = suggest::complete(ctx.data()?, ctx.data()?, &prefix, first).await;
        let completions = completions.map_err(gql::fault)?.into_iter();
        Ok(Some(completions.map(Into::into).collect()))
    }
}
