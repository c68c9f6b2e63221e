//! Tables `product_ratings` and `seller_ratings`: published reviews by star.

use std::collections::HashMap;

use kernel::{Fault, Id, ProductId, SellerId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{RatingChange, RatingSummary, Subject};

// Additions, not results, so that changes at the same time all count. A first row takes only what is
// added: the check on the stars sees the proposed row even when there is one already.
const ADD_TO_PRODUCT: &str = "insert into product_ratings as old \
     (product_id, one, two, three, four, five, version) values ($1, greatest($2, 0), \
     greatest($3, 0), greatest($4, 0), greatest($5, 0), greatest($6, 0), 1) \
     on conflict (product_id) do update set one = old.one + $2, two = old.two + $3, \
     three = old.three + $4, four = old.four + $5, five = old.five + $6, \
     version = old.version + 1 \
     returning product_id, one, two, three, four, five, version";
const ADD_TO_SELLER: &str = "insert into seller_ratings as old \
     (seller_id, one, two, three, four, five) values ($1, greatest($2, 0), greatest($3, 0), \
     greatest($4, 0), greatest($5, 0), greatest($6, 0)) \
     on conflict (seller_id) do update set one = old.one + $2, two = old.two + $3, \
     three = old.three + $4, four = old.four + $5, five = old.five + $6";

type Stars = (Uuid, i32, i32, i32, i32, i32);

#[derive(FromRow)]
struct Row {
    #[sqlx(rename = "product_id")]
    id: Uuid,
    one: i32,
    two: i32,
    three: i32,
    four: i32,
    five: i32,
    version: i32,
}

/// Adds `change`, which is not nothing, to the summaries of the product and of its shop, in this order
/// everywhere, and gives the product's with its version. Call it last before the commit: it locks rows
/// that others wait for.
pub(crate) async fn add(
    db: &mut PgConnection,
    subject: Subject,
    change: RatingChange,
) -> Result<(i32, RatingSummary), Fault> {
    let [one, two, three, four, five] = change.0;
    let row: Row = sqlx::query_as(ADD_TO_PRODUCT)
        .bind(subject.product_id.uuid())
        .bind(one)
        .bind(two)
        .bind(three)
        .bind(four)
        .bind(five)
        .fetch_one(&mut *db)
        .await?;
    sqlx::query(ADD_TO_SELLER)
        .bind(subject.seller_id.uuid())
        .bind(one)
        .bind(two)
        .bind(three)
        .bind(four)
        .bind(five)
        .execute(db)
        .await?;
    Ok((row.version, row.summary()))
}

/// The next products by id that were ever reviewed, with the versions of their summaries.
pub(crate) async fn list_after(
    db: &PgPool,
    after: Option<ProductId>,
    first: i32,
) -> Result<Vec<(ProductId, i32, RatingSummary)>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select product_id, one, two, three, four, five, version from product_ratings \
         where product_id > $1 order by product_id limit $2",
    )
    .bind(after.map_or(Uuid::nil(), Id::uuid))
    .bind(first)
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (Id::from_uuid(row.id), row.version, row.summary()))
        .collect())
}

/// The summaries of many products, in one statement.
pub(crate) async fn load_by_product(
    db: &PgPool,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, RatingSummary>, Fault> {
    let rows: Vec<Stars> = sqlx::query_as(
        "select product_id, one, two, three, four, five from product_ratings \
         where product_id = any($1)",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (Id::from_uuid(row.0), summary(row)))
        .collect())
}

/// The summaries of many shops, in one statement.
pub(crate) async fn load_by_seller(
    db: &PgPool,
    ids: &[SellerId],
) -> Result<HashMap<SellerId, RatingSummary>, Fault> {
    let rows: Vec<Stars> = sqlx::query_as(
        "select seller_id, one, two, three, four, five from seller_ratings \
         where seller_id = any($1)",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (Id::from_uuid(row.0), summary(row)))
        .collect())
}

impl Row {
    const fn summary(&self) -> RatingSummary {
        RatingSummary {
            stars: [self.one, self.two, self.three, self.four, self.five],
        }
    }
}

const fn summary((_, one, two, three, four, five): Stars) -> RatingSummary {
    RatingSummary {
        stars: [one, two, three, four, five],
    }
}
