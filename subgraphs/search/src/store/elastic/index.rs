//! What the index holds of a product, and how its texts are cut into words.

use serde_json::{Value, json};

use super::words::pieces;
use crate::domain::{Change, Document};

/// Between province and city in `location`: a letter that no name has.
pub(super) const SEPARATOR: char = '\u{1f}';

/// From how many places in a name a completion may begin.
const MAX_BEGINNINGS: usize = 12;

/// Settings and mappings of an index.
///
/// Texts are kept by their words as they are written (`folded`: lower case, no accents), names and names of
/// categories also by their Indonesian stems, the latter by their English ones, too. `said` has the words of all
/// texts beside their stems in both languages.
/// Numbers that order lists are whole, so that a place in a list is exact. A product that cannot be found
/// any more stays as a tombstone (`live` is false): a node forgets the version of a deleted document after
/// a minute, and a change that was under way for longer would bring it back.
pub(super) fn definition() -> Value {
    // Whether a product is meant at all is asked of one field, to which everything is copied; which field
    // said it only matters for the order.
    let text = json!({ "type": "text", "analyzer": "folded", "copy_to": "said" });
    let brand = json!({
        "type": "text", "analyzer": "folded", "copy_to": ["words", "said"],
        "index_prefixes": { "min_chars": 1, "max_chars": 10 },
    });
    let mut name = brand.clone();
    name["fields"] = json!({ "id": { "type": "text", "analyzer": "indonesian" } });
    let category = json!({
        "type": "text", "analyzer": "folded", "copy_to": ["words", "said"],
        "fields": {
            "id": { "type": "text", "analyzer": "indonesian" },
            "en": { "type": "text", "analyzer": "english" },
        },
    });
    // Only read by people and copied: it tells nothing about the order.
    let description = json!({ "type": "text", "index": false, "copy_to": "said" });
    let exact = json!({ "type": "keyword" });
    let beginnings = json!({
        "type": "completion", "analyzer": "folded", "max_input_length": 60,
    });
    json!({
        "settings": settings(),
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "live": { "type": "boolean" },
                "id": exact,
                "name": name,
                "brand": brand,
                "description": description,
                "features": text,
                "values": text,
                "category": { "properties": { "path": exact, "names": category } },
                "seller": { "properties": {
                    "id": exact, "name": exact, "city": exact, "province": exact,
                    "is_verified": { "type": "boolean" },
                } },
                "location": exact,
                "min_price": { "type": "long" },
                "max_price": { "type": "long" },
                "rating": { "type": "short" },
                "rating_count": { "type": "integer" },
                "stock": { "type": "long" },
                "in_stock": { "type": "boolean" },
                "sold": { "type": "long" },
                "created_at": { "type": "long" },
                "said": {
                    "type": "text", "analyzer": "in_any_form", "norms": false, "index_options": "docs",
                },
                // The words that a typing mistake is compared with.
                "words": { "type": "text", "analyzer": "folded", "norms": false },
                "begins": beginnings,
                "brand_begins": beginnings,
            },
        },
    })
}

fn settings() -> Value {
    json!({
        "number_of_shards": 1,
        // While it is being filled nobody searches it, and what is lost is filled again; then [`searched`].
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        // As `Sort::BestSelling`: such a list ends after its page, and facets count the most popular.
        "sort.field": ["sold", "rating_count", "id"],
        "sort.order": ["desc", "desc", "desc"],
        "analysis": {
            // As `domain::text` cuts queries.
            "tokenizer": { "pieces": {
                "type": "char_group", "tokenize_on_chars": ["whitespace", "punctuation", "symbol"],
            } },
            "filter": {
                "indonesian_stems": { "type": "stemmer", "language": "indonesian" },
                "english_stems": { "type": "stemmer", "language": "english" },
                // The word itself stays beside its stems.
                "stems": { "type": "multiplexer", "filters": ["indonesian_stems", "english_stems"] },
            },
            "analyzer": {
                "folded": {
                    "type": "custom", "tokenizer": "pieces", "filter": ["lowercase", "asciifolding"],
                },
                "in_any_form": {
                    "type": "custom", "tokenizer": "pieces",
                    "filter": ["lowercase", "asciifolding", "stems"],
                },
            },
        },
    })
}

/// Settings of an index from the moment that it is searched: also when nobody does, what was saved can be
/// found within a second, and another node has a copy if there is one.
pub(super) fn searched() -> Value {
    json!({ "index": { "refresh_interval": "500ms", "auto_expand_replicas": "0-1" } })
}

/// What is sent to the index.
pub(super) fn source(change: &Change) -> Value {
    match change {
        Change::Put(document) => live(document),
        Change::Delete { product_id, .. } => json!({ "live": false, "id": product_id }),
    }
}

fn live(document: &Document) -> Value {
    let Document {
        category, seller, ..
    } = document;
    let weight = document.sold.saturating_add(document.rating_count.into());
    let weight = weight.clamp(0, i32::MAX.into());
    let begins = |text: &str| json!({ "input": beginnings(text), "weight": weight });
    let mut source = json!({
        "live": true,
        "id": document.product_id,
        "name": document.name,
        "brand": document.brand,
        "description": document.description,
        "features": document.features,
        "values": document.attributes.values().collect::<Vec<_>>(),
        "category": { "path": category.path, "names": category.names },
        "seller": {
            "id": seller.id, "name": seller.name, "city": seller.city, "province": seller.province,
            "is_verified": seller.is_verified,
        },
        "min_price": document.min_price,
        "max_price": document.max_price,
        "rating": document.rating,
        "rating_count": document.rating_count,
        "stock": document.stock,
        "in_stock": document.stock > 0,
        "sold": document.sold,
        // Microseconds, which is what the projection keeps: the node's own dates know milliseconds.
        "created_at": document.created_at.timestamp_micros(),
    });
    if !seller.city.is_empty() {
        let location = format!("{}{SEPARATOR}{}", seller.province, seller.city);
        source["location"] = location.into();
    }
    // A completion without any input is refused.
    if !beginnings(&document.name).is_empty() {
        source["begins"] = begins(&document.name);
    }
    if !beginnings(&document.brand).is_empty() {
        source["brand_begins"] = begins(&document.brand);
    }
    source
}

/// The text from each of its words on, so that a completion may begin with any of them.
fn beginnings(text: &str) -> Vec<String> {
    let words: Vec<String> = pieces(text).take(4 * MAX_BEGINNINGS).collect();
    (0..words.len().min(MAX_BEGINNINGS))
        .map(|first| words[first..].join(" "))
        .collect()
}
