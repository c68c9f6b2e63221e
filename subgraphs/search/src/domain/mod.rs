//! What is searched, how, and what comes back. Pure: no I/O, no clock, no wire formats.

pub mod answer;
pub mod document;
pub mod request;
pub mod text;

pub use answer::{
    Answer, CategoryCount, Completion, CompletionKind, Count, Facets, Hit, LocationCount,
    PriceCount, RatingCount,
};
pub use document::{Change, Document, DocumentCategory, DocumentSeller};
pub use request::{Filter, MAX_RANKED, PRICE_BUCKETS, Place, SearchRequest, Sort};
pub use text::{Phrase, TextQuery, Word};
