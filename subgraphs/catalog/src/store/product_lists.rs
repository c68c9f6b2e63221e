//! Lists of `products`: pages in every order, of everything or per category and shop.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{
    CategoryId, CursorError, Entity, Fault, Id, Named as _, Page, PageRequest, ProductId, SellerId,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool, types::Json};
use uuid::Uuid;

use super::products::{COLUMNS, OPEN_SHOP, Row};
use crate::domain::{Product, ProductFilter, ProductKind, ProductSort, ProductStatus, Unit};

/// Where a page begins. It names its order, so that it is of no use in another one.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Position {
    Newest(DateTime<Utc>, ProductId),
    PriceAsc(i64, ProductId),
    PriceDesc(i64, ProductId),
    Name(String, ProductId),
}

#[derive(FromRow)]
struct ChildRow {
    parent: Uuid,
    #[sqlx(flatten)]
    product: Row,
}

impl ProductSort {
    /// The `order by` of this order.
    const fn order(self) -> &'static str {
        match self {
            Self::Newest => "created_at desc, id desc",
            Self::PriceAsc => "min_price, id",
            Self::PriceDesc => "min_price desc, id desc",
            Self::Name => "sort_name, id",
        }
    }

    /// The condition for rows after the position that is bound to `$1` (as text) and `$2`.
    const fn after(self) -> &'static str {
        match self {
            Self::Newest => "(created_at, id) < ($1::text::timestamptz, $2)",
            Self::PriceAsc => "(min_price, id) > ($1::text::bigint, $2)",
            Self::PriceDesc => "(min_price, id) < ($1::text::bigint, $2)",
            Self::Name => "(sort_name, id) > ($1::text, $2)",
        }
    }

    fn position(self, row: &Row) -> Position {
        let id = Id::from_uuid(row.id);
        match self {
            Self::Newest => Position::Newest(row.created_at, id),
            Self::PriceAsc => Position::PriceAsc(row.min_price, id),
            Self::PriceDesc => Position::PriceDesc(row.min_price, id),
            Self::Name => Position::Name(row.sort_name.clone(), id),
        }
    }

    /// What to bind for the position after which a page begins.
    fn bound(self, page: &PageRequest) -> Result<(Option<String>, Option<Uuid>), CursorError> {
        let Some(position) = page.after()? else {
            return Ok((None, None));
        };
        let (key, id) = match (self, position) {
            (Self::Newest, Position::Newest(at, id)) => (at.to_rfc3339(), id),
            (Self::PriceAsc, Position::PriceAsc(price, id))
            | (Self::PriceDesc, Position::PriceDesc(price, id)) => (price.to_string(), id),
            (Self::Name, Position::Name(name, id)) if !name.contains('\0') => (name, id),
            _ => return Err(CursorError::Malformed),
        };
        Ok((Some(key), Some(id.uuid())))
    }

    fn page(self, request: &PageRequest, rows: Vec<Row>) -> Result<Page<Product>, Fault> {
        let page = request.page(rows, |row| self.position(row));
        let rows = page.rows.into_iter();
        Ok(Page {
            rows: rows
                .map(|(cursor, row)| Ok((cursor, row.try_into()?)))
                .collect::<Result<_, Fault>>()?,
            has_next: page.has_next,
            has_previous: page.has_previous,
        })
    }
}

/// Lists products that match `filter`.
pub(crate) async fn list(
    db: &PgPool,
    filter: &ProductFilter,
    sort: ProductSort,
    page: &PageRequest,
) -> Result<Page<Product>, Fault> {
    let (after, order) = (sort.after(), sort.order());
    let (key, id) = sort.bound(page)?;
    // The shelf is written out, so that its partial indexes can be used; it has no bind.
    let is_shelf = filter.statuses == [ProductStatus::Active];
    let status = if is_shelf {
        "status = 'ACTIVE'"
    } else {
        "status = any($12)"
    };
    let shop = if filter.is_open_shop {
        OPEN_SHOP
    } else {
        "true"
    };
    let sql = format!(
        "select {COLUMNS} from products where {status} and {shop} \
         and ($1::text is null or {after}) \
         and ($3::uuid[] is null or id = any($3)) \
         and ($4::uuid[] is null or category_id = any($4)) \
         and ($5::uuid is null or seller_id = $5) \
         and ($6::text is null or kind = $6) \
         and ($7::text is null or unit = $7) \
         and ($8::bigint is null or min_price >= $8) \
         and ($9::bigint is null or min_price <= $9) \
         and ($10::jsonb is null or attributes @> $10) \
         order by {order} limit $11"
    );
    let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(key)
        .bind(id)
        .bind(filter.ids.as_deref().map(Id::uuids))
        .bind(filter.categories.as_deref().map(Id::uuids))
        .bind(filter.seller_id.map(Id::uuid))
        .bind(filter.kind.map(ProductKind::name))
        .bind(filter.unit.map(Unit::name))
        .bind(filter.price_min)
        .bind(filter.price_max)
        .bind(filter.attributes.as_ref().map(Json))
        .bind(page.limit());
    if !is_shelf {
        let statuses = ProductStatus::names(&filter.statuses);
        query = query.bind(statuses);
    }
    let rows: Vec<Row> = query.fetch_all(db).await?;
    sort.page(page, rows)
}

/// Lists the products on the shelf in many categories and below them, one page each, in one statement.
pub(crate) async fn load_by_category(
    db: &PgPool,
    ids: &[CategoryId],
    sort: ProductSort,
    page: &PageRequest,
) -> Result<HashMap<CategoryId, Page<Product>>, Fault> {
    let (after, order) = (sort.after(), sort.order());
    // A page of each category below, then the first of all these: however little a category holds, no
    // more than a page of it is read.
    let sql = format!(
        "with recursive below (top, category) as ( \
           select id, id from categories where id = any($3) \
           union all \
           select top, c.id from below join categories c on c.parent_id = category \
         ) \
         select parent, children.* \
         from unnest($3::uuid[]) parents (parent) cross join lateral ( \
           select products.* from below cross join lateral ( \
             select {COLUMNS} from products where status = 'ACTIVE' and category_id = category \
             and {OPEN_SHOP} and ($1::text is null or {after}) order by {order} limit $4 \
           ) products where top = parent order by {order} limit $4 \
         ) children order by {order}"
    );
    load_pages(db, sql, ids, sort, page).await
}

/// Lists the products on the shelf of many shops, one page each, in one statement.
pub(crate) async fn load_by_seller(
    db: &PgPool,
    ids: &[SellerId],
    sort: ProductSort,
    page: &PageRequest,
) -> Result<HashMap<SellerId, Page<Product>>, Fault> {
    let (after, order) = (sort.after(), sort.order());
    let sql = format!(
        "select parent, children.* \
         from unnest($3::uuid[]) parents (parent) cross join lateral ( \
           select {COLUMNS} from products where status = 'ACTIVE' and seller_id = parent \
           and {OPEN_SHOP} and ($1::text is null or {after}) order by {order} limit $4 \
         ) children order by {order}"
    );
    load_pages(db, sql, ids, sort, page).await
}

/// Runs a statement that gives rows with their `parent` and makes one page for each parent.
async fn load_pages<E: Entity>(
    db: &PgPool,
    sql: String,
    ids: &[Id<E>],
    sort: ProductSort,
    page: &PageRequest,
) -> Result<HashMap<Id<E>, Page<Product>>, Fault> {
    let (key, id) = sort.bound(page)?;
    let rows: Vec<ChildRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(key)
        .bind(id)
        .bind(Id::uuids(ids))
        .bind(page.limit())
        .fetch_all(db)
        .await?;
    let mut by_parent: HashMap<Uuid, Vec<Row>> = HashMap::new();
    for row in rows {
        by_parent.entry(row.parent).or_default().push(row.product);
    }
    ids.iter()
        .map(|id| {
            let rows = by_parent.remove(&id.uuid()).unwrap_or_default();
            Ok((*id, sort.page(page, rows)?))
        })
        .collect()
}
