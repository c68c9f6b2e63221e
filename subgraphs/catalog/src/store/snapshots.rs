//! Whole tables in pages by id, for those who keep a copy.

use kernel::{CategoryId, Fault, Id, ProductId};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::{categories, products};
use crate::domain::{Category, Product};

#[derive(FromRow)]
struct ProductRow {
    path: Vec<Uuid>,
    #[sqlx(flatten)]
    product: products::Row,
}

#[derive(FromRow)]
struct CategoryRow {
    path: Vec<Uuid>,
    attribute_codes: Vec<String>,
    #[sqlx(flatten)]
    category: categories::Row,
}

// The way down to each of the categories `leaves`, itself included.
const PATHS: &str = "above (leaf, id, parent_id, height) as ( \
       select id, id, parent_id, 0 from categories where id in (select leaf from leaves) \
       union all \
       select above.leaf, c.id, c.parent_id, above.height + 1 \
       from above join categories c on c.id = above.parent_id \
     ), paths (leaf, path) as ( \
       select leaf, array_agg(id order by height desc) from above group by leaf \
     )";

fn path(ids: Vec<Uuid>) -> Vec<CategoryId> {
    ids.into_iter().map(Id::from_uuid).collect()
}

/// The next products by id, each with the way down to its category, in one statement.
pub(crate) async fn list_products(
    db: &PgPool,
    after: Option<ProductId>,
    first: i32,
) -> Result<Vec<(Product, Vec<CategoryId>)>, Fault> {
    let columns = products::COLUMNS;
    let rows: Vec<ProductRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with recursive page as ( \
           select {columns} from products where id > $1 order by id limit $2 \
         ), leaves (leaf) as (select distinct category_id from page), {PATHS} \
         select page.*, paths.path from page join paths on paths.leaf = page.category_id \
         order by page.id"
    )))
    .bind(after.map_or(Uuid::nil(), Id::uuid))
    .bind(first)
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.product.try_into()?, path(row.path))))
        .collect()
}

/// The next categories by id, each with the way down to it and the codes of its own attributes, in one
/// statement.
pub(crate) async fn list_categories(
    db: &PgPool,
    after: Option<CategoryId>,
    first: i32,
) -> Result<Vec<(Category, Vec<CategoryId>, Vec<String>)>, Fault> {
    let columns = categories::COLUMNS;
    let rows: Vec<CategoryRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with recursive page as ( \
           select {columns} from categories where id > $1 order by id limit $2 \
         ), leaves (leaf) as (select id from page), {PATHS} \
         select page.*, paths.path, array( \
           select attributes.code from category_attributes \
           join attributes on attributes.id = attribute_id \
           where category_id = page.id order by attributes.code \
         ) as attribute_codes \
         from page join paths on paths.leaf = page.id order by page.id"
    )))
    .bind(after.map_or(Uuid::nil(), Id::uuid))
    .bind(first)
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.category.into(), path(row.path), row.attribute_codes))
        .collect())
}
