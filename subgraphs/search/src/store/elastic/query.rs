//! A search in the node's words.

use kernel::{Named as _, ProductId};
use serde_json::{Value, json};

use crate::domain::{
    Filter, Kind, MAX_COUNTED, MAX_RANKED, PRICE_BUCKETS, Place, SearchRequest, Sort, TextQuery,
    Word,
};

/// How much a word tells where it is said. Elsewhere it counts as said, and tells nothing.
const FIELDS: [&str; 8] = [
    "name^5",
    "name.id^4",
    "brand^5",
    "category.names^6",
    "category.names.id^5",
    "category.names.en^5",
    "values^1.5",
    "features^1.2",
];
/// How much a synonym tells beside the word itself.
const SYNONYM: f64 = 0.8;
/// The set that those facets count, where several sets are counted at once, whose kinds have no condition.
pub(super) const SHARED: &str = "shared";
/// How many values a facet has at most.
const MAX_VALUES: usize = 50;

/// The condition that a product can be found.
pub(super) fn live() -> Value {
    json!({ "term": { "live": true } })
}

/// What asks for the hits and their number.
pub(super) fn hits(request: &SearchRequest) -> Value {
    let mut filters = says_all(request);
    filters.extend(conditions(&request.filter).into_iter().map(|(_, one)| one));
    let mut query = all(filters);
    if let Some(text) = &request.text {
        // Only what is a hit already is weighed.
        let mut better: Vec<Value> = text.words.iter().map(weight).collect();
        better.extend(liking(text));
        query["bool"]["should"] = better.into();
    }
    let mut body = json!({
        "size": request.limit,
        // Hits are known by their sort keys: not even their ids are read from what is stored.
        "stored_fields": "_none_",
        "query": query,
        "sort": sort(request.sort),
        "track_total_hits": request.count.then_some(MAX_RANKED).map_or(json!(false), |n| json!(n)),
        "track_scores": false,
    });
    if let Some(place) = request.after {
        body["search_after"] = after(place);
    }
    body
}

/// What asks for the facets, each body for some of them; their names do not repeat.
///
/// A facet looks past the conditions of its own kind, so there are several sets of products to count: what
/// meets all conditions, and for each kind what meets the others. What words find is few and gone through once
/// for all sets. Without words each set is so large that it is looked up by itself.
pub(super) fn facets(request: &SearchRequest) -> Vec<Value> {
    let conditions = conditions(&request.filter);
    let words = says_all(request);
    let body = |filters: Vec<Value>, facets: Value| {
        json!({
            "size": 0,
            "query": all(filters),
            "aggs": facets,
            "track_total_hits": false,
            "terminate_after": MAX_COUNTED,
        })
    };
    let groups = groups(&conditions).into_iter();
    if request.text.is_none() || conditions.is_empty() {
        let bodies = groups.map(|(_, others, facets)| body([&words[..], &others].concat(), facets));
        return bodies.collect();
    }
    let groups = groups.map(|(kind, others, facets)| {
        // Within what says the words, where there are no tombstones: an empty group takes in all of it.
        let group = json!({ "filter": { "bool": { "filter": others } }, "aggs": facets });
        (kind.map_or_else(|| SHARED.to_owned(), but), group)
    });
    let mut filters = words;
    // What fails more than one condition is in no set.
    if conditions.len() > 1 {
        filters.push(json!({ "bool": {
            "should": conditions.iter().map(|(_, condition)| condition).collect::<Vec<_>>(),
            "minimum_should_match": conditions.len() - 1,
        } }));
    }
    vec![body(filters, Value::Object(groups.collect()))]
}

/// The set of what meets the conditions of all other kinds, where several sets are counted at once.
pub(super) fn but(kind: Kind) -> String {
    format!("but_{}", kind.name())
}

/// That all words are said.
fn says_all(request: &SearchRequest) -> Vec<Value> {
    let words = request.text.iter().flat_map(|text| &text.words);
    words.map(says_word).collect()
}

/// What meets all of these. A tombstone says nothing and meets no condition: only where there is none it has to
/// be told from what can be found.
fn all(mut filters: Vec<Value>) -> Value {
    if filters.is_empty() {
        filters.push(live());
    }
    json!({ "bool": { "filter": filters } })
}

/// That a word is said in one of its forms; of a synonym all words.
fn says_word(word: &Word) -> Value {
    let matches = |text: &str| json!({ "match": { "said": { "query": text, "operator": "and" } } });
    if word.synonyms.is_empty() {
        return matches(&word.text);
    }
    let forms = std::iter::once(&word.text).chain(&word.synonyms);
    let forms: Vec<Value> = forms.map(|form| matches(form)).collect();
    json!({ "bool": { "should": forms } })
}

/// How much a word tells, in the best of its forms.
fn weight(word: &Word) -> Value {
    let mut forms = vec![anywhere(&word.text, 1.0)];
    for synonym in &word.synonyms {
        let parts = synonym.split_whitespace();
        let parts: Vec<Value> = parts.map(|part| anywhere(part, SYNONYM)).collect();
        forms.push(json!({ "bool": { "must": parts } }));
    }
    if forms.len() == 1 {
        return forms.remove(0);
    }
    json!({ "dis_max": { "queries": forms } })
}

/// A word in any of the fields that tell.
fn anywhere(word: &str, boost: f64) -> Value {
    json!({ "multi_match": {
        "query": word, "fields": FIELDS, "type": "best_fields", "tie_breaker": 0.4, "operator": "and",
        "boost": boost,
    } })
}

/// What makes a hit better without being asked for: people who bought it were content, it is there, and the
/// words stand together in the name.
fn liking(text: &TextQuery) -> Vec<Value> {
    let mut better = vec![
        json!({ "range": { "rating": { "gte": 400, "boost": 0.3 } } }),
        json!({ "term": { "in_stock": { "value": true, "boost": 0.3 } } }),
    ];
    if text.words.len() > 1 {
        better.push(json!({ "match_phrase": {
            "name": { "query": text.text(), "slop": 2, "boost": 2.0 },
        } }));
    }
    better
}

/// The conditions by kind.
fn conditions(filter: &Filter) -> Vec<(Kind, Value)> {
    let kinds = filter.kinds();
    kinds.map(|kind| (kind, condition(filter, kind))).collect()
}

fn condition(filter: &Filter, kind: Kind) -> Value {
    match kind {
        Kind::Category => json!({ "term": { "category.path": filter.category } }),
        Kind::Price => {
            let mut range = json!({});
            if let Some(min) = filter.price_min {
                range["gte"] = min.into();
            }
            if let Some(max) = filter.price_max {
                range["lte"] = max.into();
            }
            json!({ "range": { "min_price": range } })
        }
        // Unrated products have 0.
        Kind::Rating => {
            json!({ "range": { "rating": { "gte": filter.min_rating.map(|rating| rating.max(1)) } } })
        }
        Kind::Location => json!({ "bool": { "should": [
            { "terms": { "seller.city": filter.cities } },
            { "terms": { "seller.province": filter.provinces } },
        ] } }),
        Kind::Stock => json!({ "term": { "in_stock": true } }),
    }
}

/// The sets of products that facets count: the kind whose conditions are left out, the others, and the facets.
/// Kinds without a condition share one set.
fn groups(conditions: &[(Kind, Value)]) -> Vec<(Option<Kind>, Vec<Value>, Value)> {
    let others = |kind: Option<Kind>| -> Vec<Value> {
        let others = conditions.iter().filter(|(other, _)| Some(*other) != kind);
        others.map(|(_, condition)| condition.clone()).collect()
    };
    let mut groups = Vec::new();
    let mut shared = json!({});
    for kind in Kind::all() {
        if conditions.iter().any(|(other, _)| *other == kind) {
            let own = json!({ kind.name(): facet(kind) });
            groups.push((Some(kind), others(Some(kind)), own));
        } else {
            shared[kind.name()] = facet(kind);
        }
    }
    if shared.as_object().is_some_and(|shared| !shared.is_empty()) {
        groups.push((None, others(None), shared));
    }
    groups
}

fn facet(kind: Kind) -> Value {
    // The most first, then in the order of their keys, so that every engine cuts off the same ones.
    let terms = |field: &str| {
        json!({ "terms": {
            "field": field, "size": MAX_VALUES, "order": [{ "_count": "desc" }, { "_key": "asc" }],
        } })
    };
    match kind {
        Kind::Category => terms("category.path"),
        Kind::Location => terms("location"),
        Kind::Price => {
            let ends = PRICE_BUCKETS.iter().skip(1).map(Some).chain([None]);
            let ranges: Vec<Value> = PRICE_BUCKETS
                .iter()
                .zip(ends)
                .map(|(from, to)| match to {
                    Some(to) => json!({ "from": from, "to": to }),
                    None => json!({ "from": from }),
                })
                .collect();
            json!({ "range": { "field": "min_price", "ranges": ranges } })
        }
        Kind::Rating => {
            let ranges: Vec<Value> = (1..=4)
                .map(|stars| json!({ "from": 100 * stars }))
                .collect();
            json!({ "range": { "field": "rating", "ranges": ranges } })
        }
        Kind::Stock => json!({ "filter": { "term": { "in_stock": true } } }),
    }
}

fn sort(sort: Sort) -> Value {
    match sort {
        Sort::Relevance => json!([{ "_score": "desc" }, { "id": "asc" }]),
        Sort::PriceAsc => json!([{ "min_price": "asc" }, { "id": "asc" }]),
        Sort::PriceDesc => json!([{ "min_price": "desc" }, { "id": "desc" }]),
        Sort::Newest => json!([{ "created_at": "desc" }, { "id": "desc" }]),
        Sort::BestSelling => {
            json!([{ "sold": "desc" }, { "rating_count": "desc" }, { "id": "desc" }])
        }
    }
}

fn after(place: Place) -> Value {
    match place {
        Place::Relevance(score, id) => json!([score, id]),
        Place::Price(price, id) => json!([price, id]),
        Place::Newest(at, id) => json!([at.timestamp_micros(), id]),
        Place::BestSelling(sold, ratings, id) => json!([sold, ratings, id]),
    }
}

/// Asks for the documents after `after` and up to `until` with their versions, at most `limit`.
pub(super) fn versions(after: ProductId, until: ProductId, limit: usize) -> Value {
    // As texts, ids have the order that they have in databases.
    let range = json!({ "range": { "id": { "gt": after, "lte": until } } });
    json!({
        "size": limit,
        "_source": false,
        "version": true,
        "query": all(vec![live(), range]),
        "sort": [{ "id": "asc" }],
        "track_total_hits": false,
    })
}
