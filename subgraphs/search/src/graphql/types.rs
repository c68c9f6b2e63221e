//! What a search gives back.

use async_graphql::{Enum, SimpleObject};
use gql::{GlobalId, Int64};
use kernel::markers;

use crate::{
    domain::{
        CategoryCount, Completion, CompletionKind, Facets, Hit, LocationCount, PriceCount,
        RatingCount, Rescue, RescueKind, Sort,
    },
    queries::{
        Found,
        suggest::{Suggestion, SuggestionKind},
    },
};

// A reference; `catalog` fills it in and describes it.
#[derive(SimpleObject)]
#[graphql(name = "Product", unresolvable = "id")]
pub(crate) struct ProductNode {
    id: GlobalId<markers::Product>,
}

// A reference; `catalog` fills it in and describes it.
#[derive(SimpleObject)]
#[graphql(name = "Category", unresolvable = "id")]
pub(crate) struct CategoryNode {
    id: GlobalId<markers::Category>,
}

/// A product that was found.
#[derive(SimpleObject)]
#[graphql(name = "SearchHit")]
pub(crate) struct HitNode {
    /// The product; null in the moment when it has left the shelf and the index has not heard of it.
    product: Option<ProductNode>,
    /// How well it fits; greater is better. Comparable within one list only, null in other orders.
    score: Option<f64>,
}

/// Order of search results.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchSort")]
pub(crate) enum SortValue {
    /// What fits best first; without words as `BEST_SELLING`.
    Relevance,
    /// The lowest price first.
    PriceAsc,
    /// The highest price first.
    PriceDesc,
    /// The latest first.
    Newest,
    /// What was sold most first; of the same, what was rated most.
    BestSelling,
}

/// Whether a number is all there is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "CountPrecision")]
pub(crate) enum Precision {
    /// It is.
    Exact,
    /// There are at least so many.
    AtLeast,
}

/// Why there are hits although what was asked for has none.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchRescueKind", remote = "RescueKind")]
pub(crate) enum RescueKindValue {
    /// Mistyped words were corrected.
    Typo,
    /// Words were replaced by what they are also called.
    Synonym,
    /// The category that the words name is shown.
    Category,
}

/// What is shown instead, because what was asked for has no hits.
#[derive(SimpleObject)]
#[graphql(name = "SearchRescue")]
pub(crate) struct RescueNode {
    /// Why.
    kind: RescueKindValue,
    /// The words that were searched for instead; null for a category.
    query: Option<String>,
    /// The category that is shown; null otherwise.
    category: Option<CategoryNode>,
}

/// Counts of what was found. The counts of each kind ignore the filter of that kind and honour all others, so
/// that they tell what another choice would give.
#[derive(SimpleObject)]
#[graphql(name = "SearchFacets")]
pub(crate) struct FacetsNode {
    /// By category, each with all below it; the most first, at most 50.
    categories: Vec<CategoryFacet>,
    /// By price of the cheapest variant; all ranges, the lowest first.
    prices: Vec<PriceFacet>,
    /// By average rating: four stars and more, three and more, two, one.
    ratings: Vec<RatingFacet>,
    /// By city of the shop; the most first, at most 50.
    locations: Vec<LocationFacet>,
    /// How many are in stock.
    in_stock_count: i64,
    /// Whether everything was counted, or a part of very many.
    precision: Precision,
}

/// How many hits a category holds.
#[derive(SimpleObject)]
#[graphql(name = "SearchCategoryFacet")]
pub(crate) struct CategoryFacet {
    /// The category.
    category: Option<CategoryNode>,
    /// Hits in it and below it.
    count: i64,
}

/// How many hits lie in a range of prices.
#[derive(SimpleObject)]
#[graphql(name = "SearchPriceFacet")]
pub(crate) struct PriceFacet {
    /// At least so many rupiah.
    min: Int64,
    /// Less than so many rupiah; null for the last range.
    below: Option<Int64>,
    /// Hits.
    count: i64,
}

/// How many hits are rated so well.
#[derive(SimpleObject)]
#[graphql(name = "SearchRatingFacet")]
pub(crate) struct RatingFacet {
    /// At least so many stars on average.
    stars: i32,
    /// Hits.
    count: i64,
}

/// How many hits are sold from a city.
#[derive(SimpleObject)]
#[graphql(name = "SearchLocationFacet")]
pub(crate) struct LocationFacet {
    /// City or regency of the shop.
    city: String,
    /// Its province.
    province: String,
    /// Hits.
    count: i64,
}

/// What a search tells besides its hits.
#[derive(SimpleObject)]
#[graphql(name = "SearchSummary")]
pub(crate) struct Summary {
    /// How many hits there are, counted up to 10000.
    total_count: i64,
    /// Whether that is all.
    total_count_precision: Precision,
    /// Counts by category, price, rating, place and stock.
    facets: Option<FacetsNode>,
    /// The words without typing mistakes, when only so there are hits; null otherwise.
    corrected_query: Option<String>,
    /// What is shown instead, when what was asked for has no hits; null otherwise.
    rescue: Option<RescueNode>,
    /// Give it to `searchClick` when a hit is chosen; null without words. The same on all pages of a list.
    search_id: Option<GlobalId<markers::Search>>,
}

/// What a suggestion is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchSuggestionKind", remote = "SuggestionKind")]
pub(crate) enum SuggestionKindValue {
    /// The words without typing mistakes.
    Correction,
    /// What the words are also called.
    Synonym,
    /// What others searched for who began so.
    Popular,
}

/// Another search that may be meant.
#[derive(SimpleObject)]
#[graphql(name = "SearchSuggestion")]
pub(crate) struct SuggestionNode {
    /// What to search for.
    text: String,
    /// Why.
    kind: SuggestionKindValue,
}

/// What a completion names.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SearchCompletionKind")]
pub(crate) enum CompletionKindValue {
    /// A category.
    Category,
    /// A brand.
    Brand,
    /// A product.
    Product,
}

/// What a beginning may become.
#[derive(SimpleObject)]
#[graphql(name = "SearchCompletion")]
pub(crate) struct CompletionNode {
    /// What to put into the search box.
    text: String,
    /// What it names.
    kind: CompletionKindValue,
    /// The product, if it names one.
    product: Option<ProductNode>,
    /// The category, if it names one.
    category: Option<CategoryNode>,
}

impl From<Hit> for HitNode {
    fn from(hit: Hit) -> Self {
        Self {
            product: Some(ProductNode {
                id: hit.product_id.into(),
            }),
            score: hit.score,
        }
    }
}

impl From<SortValue> for Sort {
    fn from(sort: SortValue) -> Self {
        match sort {
            SortValue::Relevance => Self::Relevance,
            SortValue::PriceAsc => Self::PriceAsc,
            SortValue::PriceDesc => Self::PriceDesc,
            SortValue::Newest => Self::Newest,
            SortValue::BestSelling => Self::BestSelling,
        }
    }
}

fn precision(is_exact: bool) -> Precision {
    if is_exact {
        Precision::Exact
    } else {
        Precision::AtLeast
    }
}

impl From<Rescue> for RescueNode {
    fn from(rescue: Rescue) -> Self {
        Self {
            kind: rescue.kind.into(),
            query: rescue.text,
            category: rescue.category.map(|id| CategoryNode { id: id.into() }),
        }
    }
}

impl From<CategoryCount> for CategoryFacet {
    fn from(category: CategoryCount) -> Self {
        Self {
            category: Some(CategoryNode {
                id: category.category_id.into(),
            }),
            count: category.count,
        }
    }
}

impl From<PriceCount> for PriceFacet {
    fn from(price: PriceCount) -> Self {
        Self {
            min: Int64(price.min),
            below: price.below.map(Int64),
            count: price.count,
        }
    }
}

impl From<RatingCount> for RatingFacet {
    fn from(rating: RatingCount) -> Self {
        Self {
            stars: rating.stars,
            count: rating.count,
        }
    }
}

impl From<LocationCount> for LocationFacet {
    fn from(location: LocationCount) -> Self {
        Self {
            city: location.city,
            province: location.province,
            count: location.count,
        }
    }
}

impl From<Facets> for FacetsNode {
    fn from(facets: Facets) -> Self {
        Self {
            categories: facets.categories.into_iter().map(Into::into).collect(),
            prices: facets.prices.into_iter().map(Into::into).collect(),
            ratings: facets.ratings.into_iter().map(Into::into).collect(),
            locations: facets.locations.into_iter().map(Into::into).collect(),
            in_stock_count: facets.in_stock,
            precision: precision(facets.is_exact),
        }
    }
}

impl Summary {
    /// What `found` tells besides its hits.
    pub(crate) fn new(found: &mut Found) -> Self {
        let total = found.total.unwrap_or_default();
        let rescue = found.rescue.take();
        let typo = rescue
            .as_ref()
            .filter(|rescue| rescue.kind == RescueKind::Typo);
        Self {
            total_count: total.value,
            total_count_precision: precision(total.is_exact),
            facets: found.facets.take().map(Into::into),
            corrected_query: typo.and_then(|rescue| rescue.text.clone()),
            rescue: rescue.map(Into::into),
            search_id: found.search_id.map(Into::into),
        }
    }
}

impl From<Suggestion> for SuggestionNode {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            text: suggestion.text,
            kind: suggestion.kind.into(),
        }
    }
}

impl From<Completion> for CompletionNode {
    fn from(completion: Completion) -> Self {
        let (kind, product, category) = match completion.kind {
            CompletionKind::Product(id) => (CompletionKindValue::Product, Some(id), None),
            CompletionKind::Category(id) => (CompletionKindValue::Category, None, Some(id)),
            CompletionKind::Brand => (CompletionKindValue::Brand, None, None),
        };
        Self {
            text: completion.text,
            kind,
            product: product.map(|id| ProductNode { id: id.into() }),
            category: category.map(|id| CategoryNode { id: id.into() }),
        }
    }
}
