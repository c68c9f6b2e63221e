//! What the owners said last about each thing. Every `put` keeps the newer of what is there and what comes
//! and says whether it changed anything.

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Currency, Fault, ProductId, WarehouseId};
use sqlx::{FromRow, PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    commands::project::{Source, brand},
    consumers::payload::{Category, Product, Rating, Seller, Stock},
    queries::snapshots::Owner,
};

/// What a statement of the catalog changed of a product.
#[derive(FromRow)]
pub(crate) struct Changed {
    /// State, shop, category, prices or just the version.
    pub(crate) document: bool,
    /// Something that is searched for words.
    pub(crate) texts: bool,
}

/// Takes over what the catalog says of a product whose row is locked.
pub(crate) async fn put_product(
    db: &mut PgConnection,
    version: i32,
    product: &Product,
) -> Result<Changed, Fault> {
    let prices = [product.min_price, product.max_price];
    if prices.iter().any(|price| price.currency() != Currency::Idr) {
        return Err(Fault::internal("a price is not in rupiah"));
    }
    let mut keywords = product.features.clone();
    keywords.extend(product.attributes.values().cloned());
    // The texts are cut into words again only when one of them changed.
    let changed = sqlx::query_as(
        "with document as ( \
           update documents set product_version = $2, status = $3, seller_id = $4, category_id = $5, \
           min_price = $6, max_price = $7 where product_id = $1 and \
           (product_version, status, seller_id, category_id, min_price, max_price) is distinct from \
           ($2, $3, $4, $5, $6, $7) returning product_id \
         ), texts as ( \
           insert into document_texts as t \
           (product_id, name, brand, description, features, attributes, keywords) \
           values ($1, $8, $9, $10, $11, $12, $13) on conflict (product_id) do update \
           set name = excluded.name, brand = excluded.brand, description = excluded.description, \
           features = excluded.features, attributes = excluded.attributes, keywords = excluded.keywords \
           where (t.name, t.brand, t.description, t.features, t.attributes, t.keywords) is distinct from \
           (excluded.name, excluded.brand, excluded.description, excluded.features, \
           excluded.attributes, excluded.keywords) returning product_id \
         ) select exists (select from document) as document, exists (select from texts) as texts",
    )
    .bind(product.product_id.uuid())
    .bind(version)
    .bind(&product.status)
    .bind(product.seller_id.uuid())
    .bind(product.category_id.uuid())
    .bind(product.min_price.minor_units())
    .bind(product.max_price.minor_units())
    .bind(&product.name)
    .bind(brand(product))
    .bind(&product.description)
    .bind(&product.features)
    .bind(Json(&product.attributes))
    .bind(keywords.join(" \n"))
    .fetch_one(db)
    .await?;
    Ok(changed)
}

/// A product is not younger than `at`.
pub(crate) async fn put_created_at(
    db: &mut PgConnection,
    id: ProductId,
    at: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query("update documents set created_at = least(created_at, $2) where product_id = $1")
        .bind(id.uuid())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Makes words known as what others may be mistyped for.
pub(crate) async fn add_terms(db: &mut PgConnection, terms: &[String]) -> Result<(), Fault> {
    sqlx::query("insert into terms select unnest($1::text[]) on conflict do nothing")
        .bind(terms)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes over a stock level, and its warehouse where the statement tells of it.
pub(crate) async fn put_stock(
    db: &mut PgConnection,
    source: &Source,
    stock: &Stock,
) -> Result<bool, Fault> {
    let changed = sqlx::query(
        "insert into stock_levels as l (stock_level_id, version, product_id, warehouse_id, quantity) \
         values ($1, $2, $3, $4, $5) on conflict (stock_level_id) do update \
         set version = excluded.version, product_id = excluded.product_id, \
         warehouse_id = excluded.warehouse_id, quantity = excluded.quantity \
         where l.version < excluded.version or (l.version = excluded.version and $6 and \
         (l.product_id, l.warehouse_id, l.quantity) <> \
         (excluded.product_id, excluded.warehouse_id, excluded.quantity))",
    )
    .bind(stock.stock_level_id.uuid())
    .bind(source.version)
    .bind(stock.product_id.uuid())
    .bind(stock.warehouse_id.uuid())
    .bind(stock.quantity)
    .bind(source.mends)
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Takes over the rating of a product.
pub(crate) async fn put_rating(
    db: &mut PgConnection,
    source: &Source,
    rating: &Rating,
    hundredths: i32,
) -> Result<bool, Fault> {
    let changed = sqlx::query(
        "insert into ratings as r (product_id, version, average_hundredths, count) \
         values ($1, $2, $3, $4) on conflict (product_id) do update \
         set version = excluded.version, average_hundredths = excluded.average_hundredths, \
         count = excluded.count \
         where r.version < excluded.version or (r.version = excluded.version and $5 and \
         (r.average_hundredths, r.count) <> (excluded.average_hundredths, excluded.count))",
    )
    .bind(rating.product_id.uuid())
    .bind(source.version)
    .bind(hundredths)
    .bind(rating.count)
    .bind(source.mends)
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Takes over what is told of a shop; the rest stays as it was.
pub(crate) async fn put_seller(
    db: &mut PgConnection,
    source: &Source,
    seller: &Seller,
) -> Result<bool, Fault> {
    let changed = sqlx::query(
        "insert into sellers as s (seller_id, version, name, city, province, status) \
         values ($1, $2, coalesce($3, ''), coalesce($4, ''), coalesce($5, ''), \
         coalesce($6, 'UNVERIFIED')) on conflict (seller_id) do update \
         set version = $2, name = coalesce($3, s.name), city = coalesce($4, s.city), \
         province = coalesce($5, s.province), status = coalesce($6, s.status) \
         where s.version < $2 or (s.version = $2 and $7 and (s.name, s.city, s.province, s.status) <> \
         (coalesce($3, s.name), coalesce($4, s.city), coalesce($5, s.province), \
         coalesce($6, s.status)))",
    )
    .bind(seller.seller_id.uuid())
    .bind(source.version)
    .bind(&seller.shop_name)
    .bind(&seller.city)
    .bind(&seller.province)
    .bind(&seller.status)
    .bind(source.mends)
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Takes over whether a warehouse is open; `None` leaves it as it was.
pub(crate) async fn put_warehouse(
    db: &mut PgConnection,
    source: &Source,
    id: WarehouseId,
    is_active: Option<bool>,
) -> Result<bool, Fault> {
    let changed = sqlx::query(
        "insert into warehouses as w (warehouse_id, version, is_active) \
         values ($1, $2, coalesce($3, true)) on conflict (warehouse_id) do update \
         set version = $2, is_active = coalesce($3, w.is_active) \
         where w.version < $2 or (w.version = $2 and $4 and w.is_active <> coalesce($3, w.is_active))",
    )
    .bind(id.uuid())
    .bind(source.version)
    .bind(is_active)
    .bind(source.mends)
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Takes over a category. [`grow_tree`] then finds its place.
pub(crate) async fn put_category(
    db: &mut PgConnection,
    source: &Source,
    category: &Category,
    parent: Option<CategoryId>,
) -> Result<bool, Fault> {
    let changed = sqlx::query(
        "insert into categories as c \
         (category_id, version, parent_id, name, name_en, is_deleted, path) \
         values ($1, $2, $3, $4, $5, false, array[$1]) on conflict (category_id) do update \
         set version = excluded.version, parent_id = excluded.parent_id, name = excluded.name, \
         name_en = excluded.name_en, is_deleted = false \
         where c.version < excluded.version or (c.version = excluded.version and $6 and \
         (c.parent_id, c.name, c.name_en, c.is_deleted) is distinct from \
         (excluded.parent_id, excluded.name, excluded.name_en, false))",
    )
    .bind(category.category_id.uuid())
    .bind(source.version)
    .bind(parent.map(CategoryId::uuid))
    .bind(&category.name)
    .bind(&category.name_en)
    .bind(source.mends)
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Takes over that a category is gone. Its row stays, so that an older statement does not bring it back.
pub(crate) async fn put_category_gone(
    db: &mut PgConnection,
    source: &Source,
    id: CategoryId,
) -> Result<bool, Fault> {
    let changed = sqlx::query(
        "insert into categories as c \
         (category_id, version, parent_id, name, name_en, is_deleted, path) \
         values ($1, $2, null, '', '', true, array[$1]) on conflict (category_id) do update \
         set version = excluded.version, parent_id = null, name = '', name_en = '', is_deleted = true, \
         path = excluded.path where c.version < excluded.version \
         or (c.version = excluded.version and $3)",
    )
    .bind(id.uuid())
    .bind(source.version)
    .bind(source.mends)
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Gives every category its place: from the top down, where the top is a category whose parent is not known
/// (yet). Those of a circle, which moves in the wrong order may make for a moment, keep their place.
pub(crate) async fn grow_tree(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query(
        "with recursive tree (category_id, path) as ( \
           select category_id, array[category_id] from categories c \
           where not exists (select from categories p where p.category_id = c.parent_id) \
           union all \
           select c.category_id, tree.path || c.category_id \
           from tree join categories c on c.parent_id = tree.category_id \
         ) update categories c set path = tree.path from tree \
         where c.category_id = tree.category_id and c.path is distinct from tree.path",
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How a warehouse is known: its version and whether it is open.
pub(crate) async fn find_warehouse(
    db: &mut PgConnection,
    id: WarehouseId,
) -> Result<Option<(i32, bool)>, Fault> {
    Ok(
        sqlx::query_as("select version, is_active from warehouses where warehouse_id = $1")
            .bind(id.uuid())
            .fetch_optional(db)
            .await?,
    )
}

/// Ids after one and up to another.
pub(crate) struct Range {
    pub(crate) after: Uuid,
    pub(crate) until: Uuid,
}

/// What is known in a range of ids, with its version, but is not among `ids` and concerns only products of
/// which nothing was heard since `before`: by id, at most `limit`.
pub(crate) async fn missing(
    db: &mut PgConnection,
    owner: Owner,
    range: &Range,
    ids: &[Uuid],
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(Uuid, i32)>, Fault> {
    let sql = match owner {
        Owner::Categories => {
            "select category_id, version from categories where category_id > $1 \
             and category_id <= $2 and category_id <> all($3) and not is_deleted \
             and $4::timestamptz is not null order by category_id limit $5"
        }
        // Shops are never deleted.
        Owner::Sellers => return Ok(Vec::new()),
        Owner::Products => {
            "select product_id, product_version from documents where product_id > $1 \
             and product_id <= $2 and product_id <> all($3) and product_version > 0 \
             and status <> 'DELETED' and changed_at <= $4 order by product_id limit $5"
        }
        Owner::Stock => {
            "select l.stock_level_id, l.version from stock_levels l \
             join documents d on d.product_id = l.product_id where l.stock_level_id > $1 \
             and l.stock_level_id <= $2 and l.stock_level_id <> all($3) and d.changed_at <= $4 \
             order by l.stock_level_id limit $5"
        }
        Owner::Ratings => {
            "select r.product_id, r.version from ratings r \
             join documents d on d.product_id = r.product_id where r.product_id > $1 \
             and r.product_id <= $2 and r.product_id <> all($3) and d.changed_at <= $4 \
             order by r.product_id limit $5"
        }
    };
    Ok(sqlx::query_as(sql)
        .bind(range.after)
        .bind(range.until)
        .bind(ids)
        .bind(before)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// Forgets what its owner has not; gives the product that it concerns.
pub(crate) async fn remove(
    db: &mut PgConnection,
    owner: Owner,
    id: Uuid,
) -> Result<Option<Uuid>, Fault> {
    let sql = match owner {
        Owner::Categories | Owner::Sellers => return Ok(None),
        Owner::Products => {
            "update documents set status = 'DELETED' where product_id = $1 returning product_id"
        }
        Owner::Stock => "delete from stock_levels where stock_level_id = $1 returning product_id",
        Owner::Ratings => "delete from ratings where product_id = $1 returning product_id",
    };
    Ok(sqlx::query_scalar(sql).bind(id).fetch_optional(db).await?)
}
