//! Table `products`, one product at a time or by key. Lists are in `product_lists`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Money, Named as _, ProductId, SellerId};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgPool, types::Json};
use uuid::Uuid;

use crate::domain::{
    Details, Error, Listing, Product, ProductKind, ProductStatus, Rejection, Unit,
};

pub(super) const COLUMNS: &str = "id, seller_id, category_id, slug, name, sort_name, description, \
     kind, unit, is_perishable, features, attributes, status, suspension_reason, min_price, \
     max_price, version, created_at, updated_at, published_at, \
     exists (select 1 from seller_suspensions closed \
             where closed.seller_id = products.seller_id and closed.is_suspended) \
     as is_shop_suspended";

/// The condition that the shop of a row of `products` is open.
pub(super) const OPEN_SHOP: &str = "not exists (select 1 from seller_suspensions closed \
     where closed.seller_id = products.seller_id and closed.is_suspended)";

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) id: Uuid,
    seller_id: Uuid,
    category_id: Uuid,
    slug: String,
    name: String,
    pub(super) sort_name: String,
    description: String,
    kind: String,
    unit: String,
    is_perishable: bool,
    features: Vec<String>,
    attributes: Json<BTreeMap<String, String>>,
    status: String,
    suspension_reason: Option<String>,
    is_shop_suspended: bool,
    pub(super) min_price: i64,
    max_price: i64,
    version: i32,
    pub(super) created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Product {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let kind = ProductKind::from_column("products.kind", &row.kind)?;
        let unit = Unit::from_column("products.unit", &row.unit)?;
        let status = ProductStatus::from_column("products.status", &row.status)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            seller_id: Id::from_uuid(row.seller_id),
            slug: row.slug,
            kind,
            details: Details {
                category_id: Id::from_uuid(row.category_id),
                name: row.name,
                description: row.description,
                unit,
                is_perishable: row.is_perishable,
                features: row.features,
                attributes: row.attributes.0,
            },
            status,
            suspension_reason: row.suspension_reason,
            is_shop_suspended: row.is_shop_suspended,
            min_price: Money::rupiah(row.min_price),
            max_price: Money::rupiah(row.max_price),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            published_at: row.published_at,
        })
    }
}

fn category_not_found() -> Rejection {
    Rejection::CategoryNotFound {
        field: "categoryId",
    }
}

/// Writes a new product unless its slug is taken; tells whether it did. A rival that has not committed
/// yet is waited for.
pub(crate) async fn insert(db: &mut PgConnection, product: &Product) -> Result<bool, Error> {
    let details = &product.details;
    let inserted = sqlx::query(
        "insert into products (id, seller_id, category_id, slug, name, description, kind, unit, \
         is_perishable, features, attributes, status, min_price, max_price, version, created_at, \
         updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         on conflict on constraint products_slug_key do nothing",
    )
    .bind(product.id.uuid())
    .bind(product.seller_id.uuid())
    .bind(details.category_id.uuid())
    .bind(&product.slug)
    .bind(&details.name)
    .bind(&details.description)
    .bind(product.kind.name())
    .bind(details.unit.name())
    .bind(details.is_perishable)
    .bind(&details.features)
    .bind(Json(&details.attributes))
    .bind(product.status.name())
    .bind(product.min_price.minor_units())
    .bind(product.max_price.minor_units())
    .bind(product.version)
    .bind(product.created_at)
    .bind(product.updated_at)
    .execute(db)
    .await
    .on_constraint("products_category_id_fkey", category_not_found)?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes a changed product. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, product: &Product) -> Result<(), Error> {
    let details = &product.details;
    sqlx::query(
        "update products set category_id = $2, name = $3, description = $4, unit = $5, \
         is_perishable = $6, features = $7, attributes = $8, status = $9, suspension_reason = $10, \
         min_price = $11, max_price = $12, version = $13, updated_at = $14, published_at = $15 \
         where id = $1",
    )
    .bind(product.id.uuid())
    .bind(details.category_id.uuid())
    .bind(&details.name)
    .bind(&details.description)
    .bind(details.unit.name())
    .bind(details.is_perishable)
    .bind(&details.features)
    .bind(Json(&details.attributes))
    .bind(product.status.name())
    .bind(&product.suspension_reason)
    .bind(product.min_price.minor_units())
    .bind(product.max_price.minor_units())
    .bind(product.version)
    .bind(product.updated_at)
    .bind(product.published_at)
    .execute(db)
    .await
    .on_constraint("products_category_id_fkey", category_not_found)?;
    Ok(())
}

/// Moves a product, whose variants are gone already, to the deleted ones.
pub(crate) async fn delete(
    db: &mut PgConnection,
    listing: &Listing,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query(
        "with gone as (delete from products where id = $1) \
         insert into deleted_products (id, seller_id, listing, deleted_by, deleted_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(listing.product.id.uuid())
    .bind(listing.product.seller_id.uuid())
    .bind(Json(listing))
    .bind(actor)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads a product and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: ProductId,
) -> Result<Option<Product>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from products where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Product::try_from).transpose()
}

/// Reads products by id, in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[ProductId]) -> Result<Vec<Product>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from products where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Product::try_from).collect()
}

/// Reads the product with that slug.
pub(crate) async fn find_by_slug(db: &PgPool, slug: &str) -> Result<Option<Product>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from products where slug = $1"
    )))
    .bind(slug)
    .fetch_optional(db)
    .await?;
    row.map(Product::try_from).transpose()
}

/// Which shop products belong to, and whether everybody may see them, in one statement.
pub(crate) async fn load_owners(
    db: &PgPool,
    ids: &[ProductId],
) -> Result<Vec<(ProductId, SellerId, bool)>, Fault> {
    let rows: Vec<(Uuid, Uuid, bool)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select id, seller_id, status = 'ACTIVE' and {OPEN_SHOP} from products where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, seller_id, is_public)| (Id::from_uuid(id), Id::from_uuid(seller_id), is_public))
        .collect())
}
