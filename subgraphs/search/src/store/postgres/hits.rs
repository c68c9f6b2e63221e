//! Pages of hits in every order.

use chrono::{DateTime, Utc};
use kernel::{CursorError, Fault, Id, ProductId};
use sqlx::{FromRow, PgPool, QueryBuilder};
use uuid::Uuid;

use super::{Prepared, filter};
use crate::domain::{Count, Hit, MAX_RANKED, Place, SearchRequest, Sort};

/// How the text is weighed: descriptions, names of categories, features and attributes, name and brand.
const WEIGHTS: &str = "'{0.05, 0.3, 0.4, 1.0}'";

#[derive(FromRow)]
struct Row {
    product_id: Uuid,
    min_price: i64,
    created_at: DateTime<Utc>,
    sold: i64,
    rating_count: i32,
    score: f64,
}

/// Finds the hits after the place of the request.
pub(super) async fn find(
    db: &PgPool,
    prepared: &Prepared<'_>,
    request: &SearchRequest,
) -> Result<Vec<Hit>, Fault> {
    let mut sql = match (request.sort, &prepared.text) {
        (Sort::Relevance, Some(text)) => by_relevance(prepared, text, request.after)?,
        (sort, _) => by_column(prepared, sort, request.after)?,
    };
    sql.push(" limit ")
        .push_bind(i64::try_from(request.limit).unwrap_or(i64::MAX));
    // Not prepared: the best plan depends on the words and filters.
    let rows: Vec<Row> = sql.build_query_as().persistent(false).fetch_all(db).await?;
    let is_ranked = request.sort == Sort::Relevance && prepared.text.is_some();
    let hits = rows.into_iter().map(|row| {
        let product_id = Id::from_uuid(row.product_id);
        Hit {
            product_id,
            score: is_ranked.then_some(row.score),
            place: place(&row, request.sort, is_ranked, product_id),
        }
    });
    Ok(hits.collect())
}

/// Counts all hits, up to a limit.
pub(super) async fn count(db: &PgPool, prepared: &Prepared<'_>) -> Result<Count, Fault> {
    let mut sql = QueryBuilder::new("select count(*) from (select");
    filter::push_from(&mut sql, prepared);
    let limit = i64::try_from(MAX_RANKED).unwrap_or(i64::MAX);
    sql.push(" limit ").push_bind(limit + 1).push(") hits");
    let value: i64 = sql
        .build_query_scalar()
        .persistent(false)
        .fetch_one(db)
        .await?;
    Ok(Count {
        value: value.min(limit),
        is_exact: value <= limit,
    })
}

/// The best first. Only the most popular of very many hits are weighed, since each weighing reads a text.
fn by_relevance(
    prepared: &Prepared<'_>,
    (query, plain): &(String, String),
    after: Option<Place>,
) -> Result<QueryBuilder<sqlx::Postgres>, Fault> {
    let mut sql = QueryBuilder::new(
        "select * from ( \
         select d.product_id, d.min_price, d.created_at, d.sold, d.rating_count, ",
    );
    // Words in their own form count a little more than their synonyms, short names more than long ones;
    // what is well rated and in stock comes before its equals.
    sql.push("((ts_rank(")
        .push(WEIGHTS)
        .push(", w.lexemes, ")
        .push_bind(query.clone())
        .push("::tsquery) + 0.3 * ts_rank(")
        .push(WEIGHTS)
        .push(", w.lexemes, ")
        .push_bind(plain.clone())
        .push(
            "::tsquery) + 0.3 / (2 + length(w.name_words))) \
             * (1 + 0.04 * ln(1 + d.rating_count + d.sold)) \
             * case when d.stock > 0 then 1 else 0.8 end)::float8 as score from (select d.*",
        );
    filter::push_from(&mut sql, prepared);
    sql.push(" order by d.sold desc, d.rating_count desc, d.product_id desc limit ")
        .push_bind(i64::try_from(MAX_RANKED).unwrap_or(i64::MAX))
        .push(") d join document_texts w on w.product_id = d.product_id) ranked");
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
        Some(_) => return Err(CursorError::Malformed.into()),
    }
    sql.push(" order by score desc, product_id");
    Ok(sql)
}

fn by_column(
    prepared: &Prepared<'_>,
    sort: Sort,
    after: Option<Place>,
) -> Result<QueryBuilder<sqlx::Postgres>, Fault> {
    let mut sql = QueryBuilder::new(
        "select d.product_id, d.min_price, d.created_at, d.sold, d.rating_count, 0::float8 as score",
    );
    filter::push_from(&mut sql, prepared);
    match (sort, after) {
        (_, None) => {}
        (Sort::PriceAsc, Some(Place::Price(price, id))) => {
            after_pair(&mut sql, "(d.min_price, d.product_id) > (", price, id);
        }
        (Sort::PriceDesc, Some(Place::Price(price, id))) => {
            after_pair(&mut sql, "(d.min_price, d.product_id) < (", price, id);
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
        (_, Some(_)) => return Err(CursorError::Malformed.into()),
    }
    sql.push(match sort {
        Sort::PriceAsc => " order by d.min_price, d.product_id",
        Sort::PriceDesc => " order by d.min_price desc, d.product_id desc",
        Sort::Newest => " order by d.created_at desc, d.product_id desc",
        Sort::BestSelling | Sort::Relevance => {
            " order by d.sold desc, d.rating_count desc, d.product_id desc"
        }
    });
    Ok(sql)
}

fn after_pair(
    sql: &mut QueryBuilder<sqlx::Postgres>,
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

fn place(row: &Row, sort: Sort, is_ranked: bool, id: ProductId) -> Place {
    match sort {
        Sort::Relevance if is_ranked => Place::Relevance(row.score, id),
        Sort::PriceAsc | Sort::PriceDesc => Place::Price(row.min_price, id),
        Sort::Newest => Place::Newest(row.created_at, id),
        Sort::BestSelling | Sort::Relevance => Place::BestSelling(row.sold, row.rating_count, id),
    }
}
