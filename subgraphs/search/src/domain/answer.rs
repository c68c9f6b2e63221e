//! What an engine answers.

use kernel::{CategoryId, ProductId};

use super::Place;

/// The answer to a search.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The hits in order, at most as many as asked for.
    pub hits: Vec<Hit>,
    /// How many there are altogether, if asked for.
    pub total: Option<Count>,
    /// The facets, if asked for.
    pub facets: Option<Facets>,
}

/// A number that is counted up to a limit ([`super::MAX_RANKED`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How many.
    pub value: i64,
    /// Whether that is all; else there are at least so many.
    pub is_exact: bool,
}

/// A product that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The product.
    pub product_id: ProductId,
    /// How well it fits, comparable within one list only; `None` unless sorted by relevance.
    pub score: Option<f64>,
    /// Where it stands in the list.
    pub place: Place,
}

/// Counts of what was found, by kind. They are disjunctive: the counts of a kind ignore the filter of that
/// kind (and honour all others and the text), so that they show what another choice would give.
/// Values without hits are left out, except for prices and ratings, which are always all there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// By category: each category with what it *and those below it* hold, the most first, then by id, at
    /// most 50.
    pub categories: Vec<CategoryCount>,
    /// By price, as [`super::PRICE_BUCKETS`] says.
    pub prices: Vec<PriceCount>,
    /// By rating: four stars or more, three or more, two, one.
    pub ratings: Vec<RatingCount>,
    /// By city of the shop, the most first, then by province and city, at most 50.
    pub locations: Vec<LocationCount>,
    /// How many are in stock.
    pub in_stock: i64,
    /// Whether everything was counted; else the facets are of a part of what was found.
    pub is_exact: bool,
}

/// How many hits a category and those below it hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryCount {
    /// The category.
    pub category_id: CategoryId,
    /// Hits.
    pub count: i64,
}

/// How many hits lie in a range of prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceCount {
    /// At least so many rupiah.
    pub min: i64,
    /// Less than so many rupiah; `None` for the last.
    pub below: Option<i64>,
    /// Hits.
    pub count: i64,
}

/// How many hits are rated at least so well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingCount {
    /// Stars: 4, 3, 2 or 1.
    pub stars: i32,
    /// Hits.
    pub count: i64,
}

/// How many hits are sold from a city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationCount {
    /// The city.
    pub city: String,
    /// Its province.
    pub province: String,
    /// Hits.
    pub count: i64,
}

/// What a beginning of a word may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What to put into the search box.
    pub text: String,
    /// What it names.
    pub kind: CompletionKind,
}

/// What a completion names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A product, the text being its name.
    Product(ProductId),
    /// A category, the text being its name in the language that fits.
    Category(CategoryId),
    /// A brand.
    Brand,
}
