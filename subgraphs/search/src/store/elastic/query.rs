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
/// The set that all facets count whose kinds have no condition.
pub(super) const SHARED: &str = "shared";
/// How many values a facet has at most.
const MAX_VALUES: usize = 50;

/// The condition that a product can be found.
pub(super) fn live() -> Value {
    json!({ "term": { "live": true } })
}

/// What asks for the hits and their number.
pub(super) fn hits(request: &SearchRequest) -> Value {
    let conditions = conditions(&request.filter);
    let mut filters = meant(request);
    filters.extend(conditions.into_iter().map(|(_, condition)| condition));
    let mut query = json!({ "filter": filters });
    if let Some(text) = &request.text {
        // Only what is a hit already is weighed.
        let mut better: Vec<Value> = text.words.iter().map(weight).collect();
        better.extend(liking(text));
        query["should"] = better.into();
    }
    let mut body = json!({
        "size": request.limit,
        "_source": false,
        "query": { "bool": query },
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
/// meets all conditions, and for each kind what meets the others. What few words find is gone through once
/// for all of them. Without words each set is so large that it is looked up by itself.
pub(super) fn facets(request: &SearchRequest) -> Vec<Value> {
    let conditions = conditions(&request.filter);
    let meant = meant(request);
    let body = |filters: Vec<Value>, groups: Value| {
        json!({
            "size": 0,
            "query": both(&filters),
            "aggs": groups,
            "track_total_hits": false,
            "terminate_after": MAX_COUNTED,
        })
    };
    let groups = groups(&conditions);
    if request.text.is_some() {
        let groups = groups.into_iter().map(|(name, filters, facets)| {
            let group = json!({ "filter": both(&filters), "aggs": facets });
            (name.to_owned(), group)
        });
        return vec![body(meant, Value::Object(groups.collect()))];
    }
    let bodies = groups.into_iter().map(|(name, filters, facets)| {
        let group = json!({ "filter": { "match_all": {} }, "aggs": facets });
        body([meant.clone(), filters].concat(), json!({ name: group }))
    });
    bodies.collect()
}

/// What is live and says all words.
fn meant(request: &SearchRequest) -> Vec<Value> {
    let words = request.text.iter().flat_map(|text| &text.words);
    std::iter::once(live()).chain(words.map(said)).collect()
}

fn both(conditions: &[Value]) -> Value {
    json!({ "bool": { "filter": conditions } })
}

/// That a word is said in one of its forms; of a synonym all words.
fn said(word: &Word) -> Value {
    let all = |text: &str| json!({ "match": { "said": { "query": text, "operator": "and" } } });
    if word.synonyms.is_empty() {
        return all(&word.text);
    }
    let forms = std::iter::once(&word.text).chain(&word.synonyms);
    let forms: Vec<Value> = forms.map(|form| all(form)).collect();
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

/// The sets of products that facets count: name, conditions and facets of each. Those of kinds without
/// condition share one.
fn groups(conditions: &[(Kind, Value)]) -> Vec<(&'static str, Vec<Value>, Value)> {
    let but = |kind: Option<Kind>| -> Vec<Value> {
        let others = conditions.iter().filter(|(other, _)| Some(*other) != kind);
        others.map(|(_, condition)| condition.clone()).collect()
    };
    let mut groups = Vec::new();
    let mut shared = json!({});
    for kind in Kind::all() {
        if conditions.iter().any(|(other, _)| *other == kind) {
            let own = json!({ kind.name(): facet(kind) });
            groups.push((kind.name(), but(Some(kind)), own));
        } else {
            shared[kind.name()] = facet(kind);
        }
    }
    if shared.as_object().is_some_and(|shared| !shared.is_empty()) {
        groups.push((SHARED, but(None), shared));
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
        "query": both(&[live(), range]),
        "sort": [{ "id": "asc" }],
        "track_total_hits": false,
    })
}
