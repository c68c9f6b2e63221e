//! Pages of hits in every order.

use kernel::{Fault, Id, ProductId};
use sqlx::{Postgres, QueryBuilder};

use super::{Prepared, Row, filter, statement::other_list};
use crate::domain::{Hit, MAX_RANKED, Place, SearchRequest, Sort};

/// How the text is weighed: descriptions, names of categories, features and attributes, name and brand.
const WEIGHTS: &str = "'{0.05, 0.3, 0.4, 1.0}'";

/// The hit of a row.
pub(super) fn read(row: &Row, sort: Sort) -> Option<Hit> {
    let product_id: ProductId = Id::from_uuid(row.product_id?);
    let place = match (sort, row.score) {
        (Sort::Relevance, Some(score)) => Place::Relevance(score, product_id),
        (Sort::PriceAsc | Sort::PriceDesc, _) => Place::Price(row.min_price?, product_id),
        (Sort::Newest, _) => Place::Newest(row.created_at?, product_id),
        (Sort::BestSelling | Sort::Relevance, _) => {
            Place::BestSelling(row.sold?, row.rating_count?, product_id)
        }
    };
    Some(Hit {
        product_id,
        score: row.score,
        place,
    })
}

/// The best first, of what was found. Only the most popular of very many are weighed, since each weighing
/// reads a text.
pub(super) fn by_relevance(
    sql: &mut QueryBuilder<Postgres>,
    prepared: &Prepared<'_>,
    after: Option<Place>,
) -> Result<(), Fault> {
    let (query, plain) = prepared.text.as_ref().ok_or_else(other_list)?;
    sql.push(
        "select product_id, min_price, created_at, sold, rating_count, score from (select d.*, ((",
    );
    // Words in their own form count a little more than their synonyms, short names more than long ones;
    // what is well rated and in stock comes before its equals.
    if query == plain {
        rank(sql, "1.3", query);
    } else {
        rank(sql, "1", query);
        sql.push(" + ");
        rank(sql, "0.3", plain);
    }
    sql.push(
        ") + 0.3::float8 / (2 + length(w.name_words))) \
         * (1 + 0.04::float8 * ln((1 + d.rating_count + d.sold)::float8)) \
         * case when d.stock > 0 then 1 else 0.8::float8 end as score \
         from (select d.* from met d order by d.sold desc, d.rating_count desc, d.product_id desc limit ",
    )
    .push_bind(MAX_RANKED)
    .push(
        ") d cross join lateral (select lexemes, name_words from document_texts w \
         where w.ctid = d.place offset 0) w) ranked",
    );
    match after {
        None => {}
        Some(Place::Relevance(score, id)) => {
            sql.push(" where score < ")
                .push_bind(score)
                .push(" or (score = ")
                .push_bind(score)
                .push(" and product_id > ")
                .push_bind(id.uuid())
                .push(")");
        }
        Some(_) => return Err(other_list()),
    }
    sql.push(" order by score desc, product_id");
    Ok(())
}

fn rank(sql: &mut QueryBuilder<Postgres>, factor: &'static str, query: &str) {
    sql.push(factor)
        .push("::float8 * ts_rank(")
        .push(WEIGHTS)
        .push(", w.lexemes, ")
        .push_bind(query.to_owned())
        .push("::tsquery)");
}

/// In the order of a column.
pub(super) fn by_column(
    sql: &mut QueryBuilder<Postgres>,
    prepared: &Prepared<'_>,
    request: &SearchRequest,
) -> Result<(), Fault> {
    sql.push(
        "select d.product_id, d.min_price, d.created_at, d.sold, d.rating_count, null::float8 as score",
    );
    filter::push_texts(sql, prepared);
    filter::push_all(sql, prepared);
    let sort = request.sort;
    match (sort, request.after) {
        (_, None) => {}
        (Sort::PriceAsc, Some(Place::Price(price, id))) => {
            after_pair(sql, "(d.min_price, d.product_id) > (", price, id);
        }
        (Sort::PriceDesc, Some(Place::Price(price, id))) => {
            after_pair(sql, "(d.min_price, d.product_id) < (", price, id);
        }
        (Sort::Newest, Some(Place::Newest(at, id))) => {
            sql.push(" and (d.created_at, d.product_id) < (")
                .push_bind(at)
                .push(", ")
                .push_bind(id.uuid())
                .push(")");
        }
        (Sort::BestSelling | Sort::Relevance, Some(Place::BestSelling(sold, ratings, id))) => {
            sql.push(" and (d.sold, d.rating_count, d.product_id) < (")
                .push_bind(sold)
                .push(", ")
                .push_bind(ratings)
                .push(", ")
                .push_bind(id.uuid())
                .push(")");
        }
        (_, Some(_)) => return Err(other_list()),
    }
    sql.push(match sort {
        Sort::PriceAsc => " order by d.min_price, d.product_id",
        Sort::PriceDesc => " order by d.min_price desc, d.product_id desc",
        Sort::Newest => " order by d.created_at desc, d.product_id desc",
        Sort::BestSelling | Sort::Relevance => {
            " order by d.sold desc, d.rating_count desc, d.product_id desc"
        }
    });
    Ok(())
}

fn after_pair(
    sql: &mut QueryBuilder<Postgres>,
    condition: &'static str,
    price: i64,
    id: ProductId,
) {
    sql.push(" and ")
        .push(condition)
        .push_bind(price)
        .push(", ")
        .push_bind(id.uuid())
        .push(")");
}
