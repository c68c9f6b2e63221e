//! Facets: counts of what was found, all in one pass over the hits.

use kernel::{Fault, Id};
use sqlx::{FromRow, PgPool, QueryBuilder};

use super::{
    Prepared,
    filter::{self, Kind},
};
use crate::domain::{CategoryCount, Facets, LocationCount, PRICE_BUCKETS, PriceCount, RatingCount};

/// How many hits of the text are counted at most; facets of more are of a part of them.
const COUNTED: i64 = 50_000;
/// How many categories and how many cities are told.
const VALUES: i32 = 50;

#[derive(FromRow)]
struct Row {
    kind: String,
    key: Option<String>,
    second_key: Option<String>,
    count: i64,
}

/// Counts the facets. What the text finds is read once, with five columns that say which filters it meets;
/// the facet of a kind counts what meets the other four.
pub(super) async fn count(db: &PgPool, prepared: &Prepared<'_>) -> Result<Facets, Fault> {
    let mut sql = QueryBuilder::new(
        "with found as materialized (select d.category_id, d.min_price, \
         case when d.rating_count > 0 then d.rating else 0 end as rating, d.city, d.province, d.stock",
    );
    for (number, kind) in Kind::ALL.into_iter().enumerate() {
        sql.push(", (");
        filter::push(&mut sql, prepared, kind);
        sql.push(format!(") as meets{number}"));
    }
    filter::push_texts(&mut sql, prepared);
    sql.push(" limit ").push_bind(COUNTED + 1).push(") ");
    sql.push(
        "select 'all' as kind, null as key, null as second_key, count(*) as count from found \
         union all (select 'category', id::text, null, sum(hits)::bigint from ( \
           select category_id, count(*) as hits from found",
    );
    others(&mut sql, Kind::Category);
    sql.push(
        " group by category_id) leaves left join categories c using (category_id) \
         cross join lateral unnest(coalesce(c.path, array[category_id])) above (id) \
         group by id order by 4 desc, id limit ",
    );
    sql.push_bind(VALUES)
        .push(") union all select 'price', width_bucket(min_price, ")
        .push_bind(PRICE_BUCKETS.to_vec())
        .push(")::text, null, count(*) from found");
    others(&mut sql, Kind::Price);
    sql.push(
        " group by 2 union all \
         select 'rating', stars::text, null, count(*) filter (where rating >= stars * 100) \
         from found cross join generate_series(1, 4) stars",
    );
    others(&mut sql, Kind::Rating);
    sql.push(" group by stars union all (select 'location', city, province, count(*) from found");
    others(&mut sql, Kind::Location);
    sql.push(
        " and city <> '' group by city, province \
         order by 4 desc, province collate \"C\", city collate \"C\" limit ",
    )
    .push_bind(VALUES)
    .push(") union all select 'stock', null, null, count(*) filter (where stock > 0) from found");
    others(&mut sql, Kind::Stock);
    let rows: Vec<Row> = sql.build_query_as().persistent(false).fetch_all(db).await?;
    facets(rows)
}

/// Appends that all filters are met but that of `kind`.
fn others(sql: &mut QueryBuilder<sqlx::Postgres>, kind: Kind) {
    let mut word = " where ";
    for (number, other) in Kind::ALL.into_iter().enumerate() {
        if other != kind {
            sql.push(format!("{word}meets{number}"));
            word = " and ";
        }
    }
}

fn facets(rows: Vec<Row>) -> Result<Facets, Fault> {
    let mut facets = Facets {
        prices: prices(),
        ratings: [4, 3, 2, 1]
            .into_iter()
            .map(|stars| RatingCount { stars, count: 0 })
            .collect(),
        ..Facets::default()
    };
    for row in rows {
        let key = row.key.unwrap_or_default();
        match row.kind.as_str() {
            "all" => facets.is_exact = row.count <= COUNTED,
            "category" => facets.categories.push(CategoryCount {
                category_id: Id::from_uuid(key.parse()?),
                count: row.count,
            }),
            "price" => {
                let number: usize = key.parse()?;
                if let Some(price) = facets.prices.get_mut(number.saturating_sub(1)) {
                    price.count = row.count;
                }
            }
            "rating" => {
                let stars: i32 = key.parse()?;
                let mut ratings = facets.ratings.iter_mut();
                if let Some(rating) = ratings.find(|rating| rating.stars == stars) {
                    rating.count = row.count;
                }
            }
            "location" => facets.locations.push(LocationCount {
                city: key,
                province: row.second_key.unwrap_or_default(),
                count: row.count,
            }),
            _ => facets.in_stock = row.count,
        }
    }
    Ok(facets)
}

/// The price buckets without hits.
fn prices() -> Vec<PriceCount> {
    let next = PRICE_BUCKETS.into_iter().skip(1).map(Some).chain([None]);
    let ranges = PRICE_BUCKETS.into_iter().zip(next);
    ranges
        .map(|(min, below)| PriceCount {
            min,
            below,
            count: 0,
        })
        .collect()
}
