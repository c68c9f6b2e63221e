//! Stars, and what many of them say together.

use serde::{Deserialize, Serialize};

use super::{Rejection, Review};

/// How many stars a product without reviews is taken to deserve.
const PRIOR_STARS: i64 = 3;
/// How many reviews that opinion weighs.
const PRIOR_WEIGHT: i64 = 5;

/// One to five stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rating(u8);

impl Rating {
    /// So many stars.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] unless 1 to 5.
    pub fn new(stars: i32) -> Result<Self, Rejection> {
        match u8::try_from(stars) {
            Ok(stars @ 1..=5) => Ok(Self(stars)),
            _ => Err(Rejection::Invalid {
                field: "rating",
                rule: "must be 1 to 5 stars",
            }),
        }
    }

    /// How many stars.
    #[must_use]
    pub const fn stars(self) -> u8 {
        self.0
    }

    fn index(self) -> usize {
        usize::from(self.0) - 1
    }
}

/// By how much the number of published reviews with one to five stars changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingChange(pub [i32; 5]);

impl RatingChange {
    /// What it means for the summaries that `before` became `after`; `None` is a review that does not
    /// exist yet, or no longer.
    #[must_use]
    pub fn between(before: Option<&Review>, after: Option<&Review>) -> Self {
        let mut stars = [0; 5];
        for (review, step) in [(before, -1), (after, 1)] {
            if let Some(review) = review.filter(|review| review.is_public()) {
                stars[review.content.rating.index()] += step;
            }
        }
        Self(stars)
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.0 == [0; 5]
    }
}

/// How many published reviews gave one to five stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RatingSummary {
    /// Reviews with one star first.
    pub stars: [i32; 5],
}

impl RatingSummary {
    /// How many reviews there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.stars.iter().map(|count| i64::from(*count)).sum()
    }

    /// The mean, to two decimals; `None` without reviews.
    #[must_use]
    pub fn average(&self) -> Option<f64> {
        (self.count() > 0).then(|| hundredths(self.sum(), self.count()))
    }

    /// The mean as if five reviews with three stars had come first, to two decimals. A single review with
    /// five stars does not outrank hundreds that are nearly as good.
    #[must_use]
    pub fn score(&self) -> f64 {
        hundredths(
            self.sum() + PRIOR_STARS * PRIOR_WEIGHT,
            self.count() + PRIOR_WEIGHT,
        )
    }

    fn sum(&self) -> i64 {
        (1_i64..)
            .zip(self.stars)
            .map(|(stars, count)| stars * i64::from(count))
            .sum()
    }
}

/// A quotient between 1 and 5, rounded half up to hundredths.
fn hundredths(sum: i64, count: i64) -> f64 {
    let rounded = (200 * sum + count) / (2 * count);
    i32::try_from(rounded).map_or(0.0, |hundredths| f64::from(hundredths) / 100.0)
}
