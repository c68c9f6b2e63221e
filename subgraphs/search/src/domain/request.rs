//! What an engine is asked.

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Named as _, ProductId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::TextQuery;

/// Lower ends of the price buckets of facets, in rupiah. Each ends where the next begins; the last is open.
pub const PRICE_BUCKETS: [i64; 7] = [0, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];
/// How deep a list by relevance goes: whatever is ranked below is not listed. Counting goes as deep, too:
/// beyond it a count is "at least".
pub const MAX_RANKED: i64 = 10_000;
/// How many hits are counted for a facet at most: facets of more are of a part of them, and say so.
pub const MAX_COUNTED: i64 = 50_000;

/// One search. Every engine gives the same hits for it, though it may order equally good ones differently
/// when the order is by relevance.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What to look for; `None` finds everything.
    pub text: Option<TextQuery>,
    /// What hits must be besides.
    pub filter: Filter,
    /// Which come first.
    pub sort: Sort,
    /// Whether facets are asked for.
    pub facets: bool,
    /// Whether the number of all hits is asked for.
    pub count: bool,
    /// How many hits to give at most; the caller asks for one more than a page shows.
    pub limit: usize,
    /// The place after which the hits begin, of the same sort; `None` begins at the top.
    pub after: Option<Place>,
}

/// What hits must be. Conditions are joined by *and*; within a list by *or*.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// In this category or below it.
    pub category: Option<CategoryId>,
    /// The cheapest variant costs at least so many rupiah.
    pub price_min: Option<i64>,
    /// The cheapest variant costs at most so many rupiah.
    pub price_max: Option<i64>,
    /// Rated at least so well on average, in hundredths: 400 is four stars. Unrated products never are.
    pub min_rating: Option<i32>,
    /// The shop is in one of these cities … (compared exactly as shops write them)
    pub cities: Vec<String>,
    /// … or in one of these provinces.
    pub provinces: Vec<String>,
    /// At least one unit is for sale.
    pub in_stock: bool,
}

/// What a condition of a filter is about. Each kind has a facet, which looks past the conditions of its kind.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Filter::category`].
    Category,
    /// [`Filter::price_min`] and [`Filter::price_max`].
    Price,
    /// [`Filter::min_rating`].
    Rating,
    /// [`Filter::cities`] and [`Filter::provinces`].
    Location,
    /// [`Filter::in_stock`].
    Stock,
}

impl Filter {
    /// Whether there is a condition of that kind.
    #[must_use]
    pub const fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Category => self.category.is_some(),
            Kind::Price => self.price_min.is_some() || self.price_max.is_some(),
            Kind::Rating => self.min_rating.is_some(),
            Kind::Location => !self.cities.is_empty() || !self.provinces.is_empty(),
            Kind::Stock => self.in_stock,
        }
    }

    /// The kinds that have a condition.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        Kind::all().filter(|kind| self.has(*kind))
    }
}

/// The order of hits. Every order ends with the id, so that it is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sort {
    /// Best score first, then id ascending. Only with text: without, the caller asks for [`Sort::BestSelling`].
    Relevance,
    /// Lowest price first, then id ascending.
    PriceAsc,
    /// Highest price (of the cheapest variant) first, then id descending.
    PriceDesc,
    /// Latest created first, then id descending.
    Newest,
    /// Most sold first, then most ratings, then id descending.
    BestSelling,
}

/// The sort key of a hit, by which the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// Of [`Sort::Relevance`]: the score, which means something only to the engine that gave it.
    Relevance(f64, ProductId),
    /// Of [`Sort::PriceAsc`] and [`Sort::PriceDesc`].
    Price(i64, ProductId),
    /// Of [`Sort::Newest`].
    Newest(DateTime<Utc>, ProductId),
    /// Of [`Sort::BestSelling`]: sold, ratings.
    BestSelling(i64, i32, ProductId),
}
