//! What is searched, how, and what comes back. Pure: no I/O, no clock, no wire formats.

pub mod answer;
pub mod document;
pub mod reindex;
pub mod rejection;
pub mod request;
pub mod rescue;
pub mod statistics;
pub mod synonym;
pub mod text;

pub use answer::{
    Answer, CategoryCount, Completion, CompletionKind, Count, Facets, Hit, LocationCount,
    PriceCount, RatingCount,
};
pub use document::{Change, Document, DocumentCategory, DocumentSeller};
pub use reindex::{Phase, Reindex, ReindexStatus};
pub use rejection::{Error, Rejection};
pub use request::{
    Filter, Kind, MAX_COUNTED, MAX_RANKED, PRICE_BUCKETS, Place, SearchRequest, Sort,
};
pub use rescue::{Rescue, RescueKind};
pub use statistics::{QueryStatistics, SearchStatistics};
pub use synonym::SynonymSet;
pub use text::{Phrase, TextQuery, Word};
