//! Facets: counts of what was found. The facet of a kind counts what meets the conditions of the others.

use kernel::{Fault, Id};
use sqlx::{Postgres, QueryBuilder};

use super::{Prepared, Row, statement::NEARLY};
use crate::domain::{
    CategoryCount, Facets, Kind, LocationCount, MAX_COUNTED, PRICE_BUCKETS, PriceCount, RatingCount,
};

/// How many categories and how many cities are told.
const VALUES: i32 = 50;
/// The columns of rows that are no hits.
pub(super) const NO_HIT: &str = ", null, null, null, null, null, null ";

/// What is counted for a kind that has conditions; without, it is what meets all.
pub(super) const fn group(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "all_met",
        Some(Kind::Category) => "but_category",
        Some(Kind::Price) => "but_price",
        Some(Kind::Rating) => "but_rating",
        Some(Kind::Location) => "but_location",
        Some(Kind::Stock) => "but_stock",
    }
}

/// The columns of a group: what its facets need, since very many rows are kept.
pub(super) const fn columns(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "d.category_id, d.min_price, d.rating, d.rating_count, d.city, d.province, d.stock",
        Some(Kind::Category) => "d.category_id",
        Some(Kind::Price) => "d.min_price",
        Some(Kind::Rating) => "d.rating, d.rating_count",
        Some(Kind::Location) => "d.city, d.province",
        Some(Kind::Stock) => "d.stock",
    }
}

/// Appends the rows of the facets, and one with the size of each group that may have been cut.
pub(super) fn count(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>) {
    let of = |kind: Kind| group(Some(kind).filter(|kind| prepared.filter.has(*kind)));
    sql.push(" union all select 'all', null, null, count(*)")
        .push(NO_HIT)
        .push("from all_met");
    let mut kinds = prepared.filter.kinds();
    let groups: Vec<_> = if prepared.text.is_some() {
        // All groups of what words find are parts of one, which may have been cut.
        kinds.next().map(|_| NEARLY).into_iter().collect()
    } else {
        kinds.map(of).collect()
    };
    for group in groups {
        sql.push(" union all select 'size', null, null, count(*)")
            .push(NO_HIT)
            .push("from ")
            .push(group);
    }
    sql.push(" union all (select 'category', id::text, null, sum(hits)::bigint")
        .push(NO_HIT)
        .push("from (select category_id, count(*) as hits from ")
        .push(of(Kind::Category))
        .push(
            " group by category_id) leaves left join categories c using (category_id) \
             cross join lateral unnest(coalesce(c.path, array[category_id])) above (id) \
             group by id order by 4 desc, id limit ",
        )
        .push_bind(VALUES)
        .push(") union all select 'price', width_bucket(min_price, ")
        .push_bind(PRICE_BUCKETS.to_vec())
        .push(")::text, null, count(*)")
        .push(NO_HIT)
        .push("from ")
        .push(of(Kind::Price))
        .push(" group by 2 union all select 'rating', least(rating / 100, 4)::text, null, count(*)")
        .push(NO_HIT)
        .push("from ")
        .push(of(Kind::Rating))
        .push(
            " where rating_count > 0 and rating >= 100 group by 2 \
             union all (select 'location', city, province, count(*)",
        )
        .push(NO_HIT)
        .push("from ")
        .push(of(Kind::Location))
        .push(
            " where city <> '' group by city, province \
             order by 4 desc, province collate \"C\", city collate \"C\" limit ",
        )
        .push_bind(VALUES)
        .push(") union all select 'stock', null, null, count(*)")
        .push(NO_HIT)
        .push("from ")
        .push(of(Kind::Stock))
        .push(" where stock > 0");
}

/// The facets that rows tell; rows of other kinds are passed over.
pub(super) fn read(rows: &[Row]) -> Result<Facets, Fault> {
    let mut facets = Facets {
        prices: prices(),
        ratings: [4, 3, 2, 1]
            .into_iter()
            .map(|stars| RatingCount { stars, count: 0 })
            .collect(),
        is_exact: true,
        ..Facets::default()
    };
    for row in rows {
        let key = row.key.as_deref().unwrap_or_default();
        match row.kind.as_str() {
            "all" | "size" => facets.is_exact &= row.count <= MAX_COUNTED,
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
                // Whoever has four stars has three, too.
                let stars: i32 = key.parse()?;
                let ratings = facets.ratings.iter_mut();
                for rating in ratings.filter(|rating| rating.stars <= stars) {
                    rating.count += row.count;
                }
            }
            "location" => facets.locations.push(LocationCount {
                city: key.to_owned(),
                province: row.second_key.clone().unwrap_or_default(),
                count: row.count,
            }),
            "stock" => facets.in_stock = row.count,
            _ => {}
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
