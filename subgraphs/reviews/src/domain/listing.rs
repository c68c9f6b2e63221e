//! Lists of reviews: whose, in which order, and which part.

use chrono::{DateTime, Utc};
use kernel::{CursorError, Page, PageRequest, ProductId, ReviewId, SellerId, UserId};
use serde::{Deserialize, Serialize};

use super::{Rating, Review};

/// In which order a list of reviews is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReviewSort {
    /// The newest first.
    Newest,
    /// Those first that readers found most helpful.
    MostHelpful,
    /// The most stars first.
    Highest,
    /// The fewest stars first.
    Lowest,
}

/// Whose reviews a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Those of a product.
    Product(ProductId),
    /// Those of a shop's products.
    Seller(SellerId),
    /// Those that a person wrote and everybody may see.
    Author(UserId),
    /// All that a person wrote.
    AuthorWithHidden(UserId),
}

/// A place in a list of reviews: the sort key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The order of the list.
    pub sort: ReviewSort,
    /// What comes first in that order; 0 when that is the time.
    pub rank: i32,
    /// Then the newest first.
    pub created_at: DateTime<Utc>,
    /// Then by id.
    pub id: ReviewId,
}

/// Which part of a list of reviews, whoever's it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// In which order.
    pub sort: ReviewSort,
    /// Only those with one of these ratings; empty means all.
    pub ratings: Vec<Rating>,
    /// Only those after this one.
    pub after: Option<Position>,
    page: PageRequest,
}

impl Listing {
    /// Reads the cursor here, not when the list is read: many lists share one look-up, and one bad cursor
    /// must not fail the others.
    ///
    /// # Errors
    /// [`CursorError::Malformed`] for a cursor of another list or order.
    pub fn new(
        sort: ReviewSort,
        ratings: Vec<Rating>,
        page: PageRequest,
    ) -> Result<Self, CursorError> {
        let after: Option<Position> = page.after()?;
        if after.is_some_and(|after| after.sort != sort) {
            return Err(CursorError::Malformed);
        }
        Ok(Self {
            sort,
            ratings,
            after,
            page,
        })
    }

    /// How many rows to read.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.page.limit()
    }

    /// Makes the page of up to [`Listing::limit`] reviews in order.
    #[must_use]
    pub fn page(&self, reviews: Vec<Review>) -> Page<Review> {
        self.page.page(reviews, |review| self.position(review))
    }

    fn position(&self, review: &Review) -> Position {
        let stars = i32::from(review.content.rating.stars());
        let rank = match self.sort {
            ReviewSort::Newest => 0,
            ReviewSort::MostHelpful => review.helpfulness,
            ReviewSort::Highest => stars,
            ReviewSort::Lowest => -stars,
        };
        Position {
            sort: self.sort,
            rank,
            created_at: review.created_at,
            id: review.id,
        }
    }
}
