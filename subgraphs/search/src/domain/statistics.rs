//! What the query log says.

/// Searches of a span of time. Only those with words count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchStatistics {
    /// How many there were.
    pub searches: i64,
    /// After how many somebody chose a hit.
    pub clicked: i64,
    /// How many showed nothing at all.
    pub without_hits: i64,
    /// How many showed something else than was asked for.
    pub rescued: i64,
    /// The most frequent ones.
    pub top: Vec<QueryStatistics>,
    /// The most frequent ones that had no hits of their own.
    pub unanswered: Vec<QueryStatistics>,
}

/// Searches for the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryStatistics {
    /// The words.
    pub query: String,
    /// How many searches there were.
    pub searches: i64,
    /// After how many somebody chose a hit.
    pub clicked: i64,
    /// How many hits they had on average, rounded down.
    pub hits: i64,
}

/// A part of a whole in hundredths of a percent, rounded down; 0 of nothing.
#[must_use]
pub fn share(part: i64, whole: i64) -> i64 {
    part.saturating_mul(10_000)
        .checked_div(whole)
        .unwrap_or_default()
}
