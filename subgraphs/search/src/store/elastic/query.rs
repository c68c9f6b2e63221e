//! A search in the node's words.

use serde_json::{Value, json};

use crate::domain::{Filter, MAX_RANKED, PRICE_BUCKETS, Place, SearchRequest, Sort, TextQuery};

/// Where a word is looked for, and how much it tells there.
const FIELDS: [&str; 12] = [
    "name^5",
    "name.id^4",
    "name.en^4",
    "brand^5",
    "category.names^6",
    "category.names.id^5",
    "category.names.en^5",
    "values^1.5",
    "values.id",
    "features^1.2",
    "features.id",
    "description.id^0.5",
];
/// How much a synonym tells beside the word itself.
const SYNONYM: f64 = 0.8;
/// How many values a facet has at most.
pub(super) const MAX_VALUES: usize = 50;

/// The kinds of conditions; each has a facet of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Category,
    Price,
    Rating,
    Location,
    Stock,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Category,
        Self::Price,
        Self::Rating,
        Self::Location,
        Self::Stock,
    ];

    /// What the facet is called in requests and answers.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Price => "price",
            Self::Rating => "rating",
            Self::Location => "location",
            Self::Stock => "stock",
        }
    }
}

/// The condition that a product can be found.
pub(super) fn live() -> Value {
    json!({ "term": { "live": true } })
}

/// The body of the search.
pub(super) fn body(request: &SearchRequest) -> Value {
    let conditions = conditions(&request.filter);
    let mut filters = vec![live()];
    // Facets look past the condition of their own kind, so conditions come after them.
    let mut later: Vec<Value> = Vec::new();
    let all = conditions.iter().map(|(_, condition)| condition.clone());
    if request.facets {
        later.extend(all);
    } else {
        filters.extend(all);
    }
    let mut query = json!({ "filter": filters });
    if let Some(text) = &request.text {
        query["must"] = text.words.iter().map(word).collect();
        query["should"] = phrase(text);
    }
    let mut body = json!({
        "size": request.limit,
        "_source": false,
        "query": { "bool": query },
        "sort": sort(request.sort),
        "track_total_hits": request.count.then_some(MAX_RANKED).map_or(json!(false), |n| json!(n)),
        "track_scores": false,
    });
    if !later.is_empty() {
        body["post_filter"] = both(&later);
    }
    if request.facets {
        body["aggs"] = facets(&conditions);
    }
    if let Some(place) = request.after {
        body["search_after"] = after(place);
    }
    body
}

fn both(conditions: &[Value]) -> Value {
    json!({ "bool": { "filter": conditions } })
}

/// A word in one of its forms.
fn word(word: &crate::domain::Word) -> Value {
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

/// A word in any of the fields.
fn anywhere(word: &str, boost: f64) -> Value {
    json!({ "multi_match": {
        "query": word, "fields": FIELDS, "type": "best_fields", "tie_breaker": 0.4, "operator": "and",
        "boost": boost,
    } })
}

/// What makes a hit better without being asked for: people who bought it were content, it is there, and the
/// words stand together in the name.
fn phrase(text: &TextQuery) -> Value {
    let mut better = vec![
        json!({ "range": { "rating": { "gte": 400, "boost": 0.3 } } }),
        json!({ "term": { "in_stock": { "value": true, "boost": 0.3 } } }),
    ];
    if text.words.len() > 1 {
        better.push(json!({ "match_phrase": {
            "name": { "query": text.text(), "slop": 2, "boost": 2.0 },
        } }));
    }
    better.into()
}

/// The conditions by kind.
fn conditions(filter: &Filter) -> Vec<(Kind, Value)> {
    let mut found = Vec::new();
    if let Some(category) = filter.category {
        found.push((
            Kind::Category,
            json!({ "term": { "category.path": category } }),
        ));
    }
    if filter.price_min.is_some() || filter.price_max.is_some() {
        let mut range = json!({});
        if let Some(min) = filter.price_min {
            range["gte"] = min.into();
        }
        if let Some(max) = filter.price_max {
            range["lte"] = max.into();
        }
        found.push((Kind::Price, json!({ "range": { "min_price": range } })));
    }
    if let Some(rating) = filter.min_rating {
        // Unrated products have 0.
        let range = json!({ "range": { "rating": { "gte": rating.max(1) } } });
        found.push((Kind::Rating, range));
    }
    if !filter.cities.is_empty() || !filter.provinces.is_empty() {
        let places = json!({ "bool": { "should": [
            { "terms": { "seller.city": filter.cities } },
            { "terms": { "seller.province": filter.provinces } },
        ] } });
        found.push((Kind::Location, places));
    }
    if filter.in_stock {
        found.push((Kind::Stock, json!({ "term": { "in_stock": true } })));
    }
    found
}

/// The facets: those of a kind without condition share one set of conditions and so one pass.
fn facets(conditions: &[(Kind, Value)]) -> Value {
    let mut groups = json!({});
    let is_set = |kind: Kind| conditions.iter().any(|(other, _)| *other == kind);
    let mut shared = json!({});
    for kind in Kind::ALL {
        if is_set(kind) {
            let others = conditions.iter().filter(|(other, _)| *other != kind);
            let others: Vec<Value> = others.map(|(_, condition)| condition.clone()).collect();
            let mut own = json!({});
            own[kind.name()] = facet(kind);
            groups[kind.name()] = json!({ "filter": both(&others), "aggs": own });
        } else {
            shared[kind.name()] = facet(kind);
        }
    }
    if shared.as_object().is_some_and(|shared| !shared.is_empty()) {
        let all: Vec<Value> = conditions.iter().map(|(_, one)| one.clone()).collect();
        groups["shared"] = json!({ "filter": both(&all), "aggs": shared });
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
