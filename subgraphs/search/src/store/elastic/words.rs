//! Words that were mistyped, and words that are not finished.

use std::collections::HashSet;

use kernel::{Fault, ProductId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{query, wire};
use crate::domain::{Completion, CompletionKind};

/// From how many letters on two strokes may be wrong.
const LONG: usize = 6;
/// How many candidates are read for each completion that is asked for: several products share a name.
const SPARE: usize = 5;

/// Asks what each word may be a mistake of.
pub(super) fn correction(words: &[String], limit: usize) -> Value {
    let mut suggest = json!({});
    for (number, word) in words.iter().enumerate() {
        let strokes = if word.chars().count() < LONG { 1 } else { 2 };
        suggest[number.to_string()] = json!({ "text": word, "term": {
            "field": "words", "size": limit, "suggest_mode": "missing", "max_edits": strokes,
            "prefix_length": 0, "min_word_length": 1, "string_distance": "damerau_levenshtein",
            "shard_size": 10 * limit,
        } });
    }
    json!({ "size": 0, "suggest": suggest })
}

/// The candidates for each of `count` words.
pub(super) fn corrected(count: usize, limit: usize, reply: &Value) -> Vec<Vec<String>> {
    let candidates = |number: usize| {
        let options = reply["suggest"][number.to_string()][0]["options"].as_array();
        let options = options.into_iter().flatten();
        let texts = options.filter_map(|option| option["text"].as_str());
        texts.take(limit).map(str::to_owned).collect()
    };
    (0..count).map(candidates).collect()
}

/// Asks what the text may become; nothing when it has no letter.
///
/// A single word, which is what most callers have typed, is looked up by the completion suggester, which
/// keeps all beginnings in memory; several words are a query, since their order does not matter.
pub(super) fn completion(prefix: &str, limit: usize) -> Option<Value> {
    let words: Vec<String> = pieces(prefix).collect();
    let (last, whole) = words.split_last()?;
    let size = limit * SPARE;
    if whole.is_empty() {
        let find = |field: &str| {
            json!({ "prefix": last, "completion": {
                "field": field, "size": size, "skip_duplicates": true,
            } })
        };
        return Some(json!({
            "size": 0, "_source": ["id", "name", "brand"],
            "suggest": { "names": find("begins"), "brands": find("brand_begins") },
        }));
    }
    let within = |field: &str| {
        let mut all: Vec<Value> = whole
            .iter()
            .map(|word| json!({ "match": { field: word } }))
            .collect();
        all.push(json!({ "prefix": { field: last } }));
        json!({ "bool": { "must": all } })
    };
    Some(json!({
        "size": size, "_source": ["id", "name", "brand"],
        "query": { "bool": {
            "filter": [query::live()],
            "must": [{ "dis_max": { "queries": [within("brand"), within("name")] } }],
        } },
        "sort": [{ "_score": "desc" }, { "sold": "desc" }, { "rating_count": "desc" }, { "id": "asc" }],
    }))
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "_source")]
    source: Source,
}

#[derive(Deserialize)]
struct Source {
    id: ProductId,
    name: String,
    brand: String,
}

/// The completions in the answer, without repetitions, brands first.
pub(super) fn completed(
    prefix: &str,
    limit: usize,
    reply: &Value,
) -> Result<Vec<Completion>, Fault> {
    let found = |pointer: &str| -> Result<Vec<Found>, Fault> {
        match reply.pointer(pointer) {
            None => Ok(Vec::new()),
            Some(found) => {
                Vec::deserialize(found).map_err(|error| wire::unreadable(&error.to_string()))
            }
        }
    };
    let hits = found("/hits/hits")?;
    let of_brands = found("/suggest/brands/0/options")?;
    let of_names = found("/suggest/names/0/options")?;
    let brands = of_brands.iter().chain(&hits).map(|found| Completion {
        text: found.source.brand.clone(),
        kind: CompletionKind::Brand,
    });
    let names = of_names.iter().chain(&hits).map(|found| Completion {
        text: found.source.name.clone(),
        kind: CompletionKind::Product(found.source.id),
    });
    let mut seen = HashSet::new();
    Ok(brands
        .chain(names)
        .filter(|completion| fits(prefix, &completion.text))
        .filter(|completion| seen.insert(completion.text.to_lowercase()))
        .take(limit)
        .collect())
}

/// Whether the text has the words of `prefix`, the last one perhaps unfinished.
fn fits(prefix: &str, text: &str) -> bool {
    let asked: Vec<String> = pieces(prefix).collect();
    let words: Vec<String> = pieces(text).collect();
    asked.split_last().is_some_and(|(last, whole)| {
        whole.iter().all(|word| words.contains(word))
            && words.iter().any(|word| word.starts_with(last.as_str()))
    })
}

/// The words of a text in lower case, stop words included: what the analyzer `folded` makes of it.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|piece| !piece.is_empty())
        .map(str::to_lowercase)
}
