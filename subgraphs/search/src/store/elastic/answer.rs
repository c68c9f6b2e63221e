//! What the node answers to a search, in our words.

use chrono::DateTime;
use kernel::{Fault, Named as _, ProductId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    index::SEPARATOR,
    query::{SHARED, but},
    wire,
};
use crate::domain::{
    Answer, CategoryCount, Count, Facets, Hit, Kind, LocationCount, PRICE_BUCKETS, Place,
    PriceCount, RatingCount, SearchRequest, Sort,
};

#[derive(Deserialize)]
struct Bucket {
    #[serde(default)]
    key: String,
    doc_count: i64,
}

/// Reads what [`super::query::hits`] asked for, and of `facets` what [`super::query::facets`] did.
///
/// # Errors
/// `UNAVAILABLE` when it is not that.
pub(super) fn read(
    request: &SearchRequest,
    mut reply: Value,
    facets: Vec<Value>,
) -> Result<Answer, Fault> {
    let hits = reply.pointer_mut("/hits/hits").map(Value::take);
    let hits = match hits {
        Some(Value::Array(hits)) => hits,
        // What is empty is not sent.
        _ => Vec::new(),
    };
    let hits = hits
        .into_iter()
        .map(|mut hit| read_hit(request.sort, hit["sort"].take()))
        .collect::<Result<_, _>>()?;
    let total = request.count.then(|| read_total(&reply)).transpose()?;
    let facets = request.facets.then(|| read_facets(facets)).transpose()?;
    Ok(Answer {
        hits,
        total,
        facets,
    })
}

/// Reads the answer to [`super::query::versions`].
///
/// # Errors
/// `UNAVAILABLE` when it is not one.
pub(super) fn versions(mut reply: Value) -> Result<Vec<(ProductId, i64)>, Fault> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "_version")]
        version: i64,
        sort: (ProductId,),
    }
    let hits = reply.pointer_mut("/hits/hits").map(Value::take);
    // What is empty is not sent.
    let found: Vec<Found> = hits.map(parse).transpose()?.unwrap_or_default();
    Ok(found
        .into_iter()
        .map(|one| (one.sort.0, one.version))
        .collect())
}

fn read_total(reply: &Value) -> Result<Count, Fault> {
    Ok(Count {
        value: wire::number(reply, "/hits/total/value")?,
        is_exact: reply["hits"]["total"]["relation"] == "eq",
    })
}

fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| wire::unreadable(&error.to_string()))
}

/// A hit is known by its sort key, which ends with its id.
fn read_hit(sort: Sort, key: Value) -> Result<Hit, Fault> {
    let mut score = None;
    let (product_id, place): (ProductId, Place) = match sort {
        Sort::Relevance => {
            let (value, id) = parse(key)?;
            score = Some(value);
            (id, Place::Relevance(value, id))
        }
        Sort::PriceAsc | Sort::PriceDesc => {
            let (price, id) = parse(key)?;
            (id, Place::Price(price, id))
        }
        Sort::Newest => {
            let (micros, id) = parse(key)?;
            let at = DateTime::from_timestamp_micros(micros)
                .ok_or_else(|| wire::unreadable("a time out of range"))?;
            (id, Place::Newest(at, id))
        }
        Sort::BestSelling => {
            let (sold, ratings, id) = parse(key)?;
            (id, Place::BestSelling(sold, ratings, id))
        }
    };
    Ok(Hit {
        product_id,
        score,
        place,
    })
}

fn read_facets(replies: Vec<Value>) -> Result<Facets, Fault> {
    // Said when there was more to count.
    let is_exact = replies
        .iter()
        .all(|reply| reply["terminated_early"] != true);
    let mut groups = Map::new();
    for mut reply in replies {
        if let Value::Object(more) = reply["aggregations"].take() {
            groups.extend(more);
        }
    }
    let find = |kind: Kind| {
        let name = kind.name();
        let set = groups.get(&but(kind)).or_else(|| groups.get(SHARED));
        let facet = set.map_or_else(|| groups.get(name), |set| set.get(name));
        facet.cloned().unwrap_or_default()
    };
    let buckets = |kind: Kind| -> Result<Vec<Bucket>, Fault> {
        match find(kind)["buckets"].take() {
            // What is empty is not sent.
            Value::Null => Ok(Vec::new()),
            buckets => parse(buckets),
        }
    };
    Ok(Facets {
        categories: buckets(Kind::Category)?
            .into_iter()
            .map(|bucket| {
                Ok(CategoryCount {
                    category_id: parse(Value::String(bucket.key))?,
                    count: bucket.doc_count,
                })
            })
            .collect::<Result<_, Fault>>()?,
        prices: prices(&buckets(Kind::Price)?),
        ratings: ratings(&buckets(Kind::Rating)?),
        locations: buckets(Kind::Location)?
            .iter()
            .filter_map(|bucket| {
                let (province, city) = bucket.key.split_once(SEPARATOR)?;
                Some(LocationCount {
                    city: city.to_owned(),
                    province: province.to_owned(),
                    count: bucket.doc_count,
                })
            })
            .collect(),
        in_stock: wire::number(&find(Kind::Stock), "/doc_count")?,
        is_exact,
    })
}

/// The node gives ranges in the order of their ends: as we list the buckets.
fn prices(buckets: &[Bucket]) -> Vec<PriceCount> {
    let ends = PRICE_BUCKETS.iter().skip(1).copied().map(Some);
    let counts = buckets.iter().map(|bucket| bucket.doc_count);
    PRICE_BUCKETS
        .iter()
        .zip(ends.chain([None]))
        .zip(counts.chain(std::iter::repeat(0)))
        .map(|((min, below), count)| PriceCount {
            min: *min,
            below,
            count,
        })
        .collect()
}

fn ratings(buckets: &[Bucket]) -> Vec<RatingCount> {
    let counts = buckets.iter().map(|bucket| bucket.doc_count);
    let mut ratings: Vec<RatingCount> = (1..=4)
        .zip(counts.chain(std::iter::repeat(0)))
        .map(|(stars, count)| RatingCount { stars, count })
        .collect();
    ratings.reverse();
    ratings
}
