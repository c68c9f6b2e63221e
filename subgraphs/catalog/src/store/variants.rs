//! Table `product_variants`.

use kernel::{Fault, Id, Money, ProductId, SellerId, VariantId};
use serde::Serialize;
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgExecutor, types::Json};
use uuid::Uuid;

use crate::domain::{Dimensions, Error, OptionValue, Rejection, Variant, VariantDetails};

const COLUMNS: &str = "id, product_id, sku, name, position, option_values, price, \
     compare_at_price, weight_grams, length_mm, width_mm, height_mm";

/// A row as it is read, and as it is written by [`insert`].
#[derive(FromRow, Serialize)]
struct Row {
    id: Uuid,
    product_id: Uuid,
    sku: String,
    name: String,
    position: i32,
    option_values: Json<Vec<OptionValue>>,
    price: i64,
    compare_at_price: Option<i64>,
    weight_grams: Option<i32>,
    length_mm: Option<i32>,
    width_mm: Option<i32>,
    height_mm: Option<i32>,
}

impl From<Row> for Variant {
    fn from(row: Row) -> Self {
        let sides = row.length_mm.zip(row.width_mm).zip(row.height_mm);
        Self {
            id: Id::from_uuid(row.id),
            product_id: Id::from_uuid(row.product_id),
            position: row.position,
            details: VariantDetails {
                sku: row.sku,
                name: row.name,
                option_values: row.option_values.0,
                price: Money::rupiah(row.price),
                compare_at_price: row.compare_at_price.map(Money::rupiah),
                weight_grams: row.weight_grams,
                dimensions: sides.map(|((length_mm, width_mm), height_mm)| Dimensions {
                    length_mm,
                    width_mm,
                    height_mm,
                }),
            },
        }
    }
}

impl From<&Variant> for Row {
    fn from(variant: &Variant) -> Self {
        let details = &variant.details;
        Self {
            id: variant.id.uuid(),
            product_id: variant.product_id.uuid(),
            sku: details.sku.clone(),
            name: details.name.clone(),
            position: variant.position,
            option_values: Json(details.option_values.clone()),
            price: details.price.minor_units(),
            compare_at_price: details.compare_at_price.map(Money::minor_units),
            weight_grams: details.weight_grams,
            length_mm: details.dimensions.map(|size| size.length_mm),
            width_mm: details.dimensions.map(|size| size.width_mm),
            height_mm: details.dimensions.map(|size| size.height_mm),
        }
    }
}

/// Writes new variants of one shop, in one statement.
pub(crate) async fn insert(
    db: &mut PgConnection,
    seller_id: SellerId,
    variants: &[Variant],
) -> Result<(), Error> {
    let rows: Vec<Row> = variants.iter().map(Row::from).collect();
    // In the order of the unique key, so that two commands with the same SKUs cannot wait for each other.
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into product_variants ({COLUMNS}, seller_id) \
         select {COLUMNS}, $1 from jsonb_to_recordset($2) as rows (id uuid, product_id uuid, \
         sku text, name text, position integer, option_values jsonb, price bigint, \
         compare_at_price bigint, weight_grams integer, length_mm integer, width_mm integer, \
         height_mm integer) order by sku"
    )))
    .bind(seller_id.uuid())
    .bind(Json(rows))
    .execute(db)
    .await
    .on_constraint("product_variants_seller_id_sku_key", || Rejection::SkuTaken)?;
    Ok(())
}

/// Writes a changed variant. The caller holds the lock of its product.
pub(crate) async fn update(db: &mut PgConnection, variant: &Variant) -> Result<(), Error> {
    let row = Row::from(variant);
    sqlx::query(
        "update product_variants set sku = $2, name = $3, option_values = $4, price = $5, \
         compare_at_price = $6, weight_grams = $7, length_mm = $8, width_mm = $9, height_mm = $10 \
         where id = $1",
    )
    .bind(row.id)
    .bind(row.sku)
    .bind(row.name)
    .bind(row.option_values)
    .bind(row.price)
    .bind(row.compare_at_price)
    .bind(row.weight_grams)
    .bind(row.length_mm)
    .bind(row.width_mm)
    .bind(row.height_mm)
    .execute(db)
    .await
    .on_constraint("product_variants_seller_id_sku_key", || Rejection::SkuTaken)?;
    Ok(())
}

/// Removes a variant.
pub(crate) async fn delete(db: &mut PgConnection, id: VariantId) -> Result<(), Fault> {
    sqlx::query("delete from product_variants where id = $1")
        .bind(id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Removes all variants of a product.
pub(crate) async fn delete_of_product(
    db: &mut PgConnection,
    product_id: ProductId,
) -> Result<(), Fault> {
    sqlx::query("delete from product_variants where product_id = $1")
        .bind(product_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Reads variants by id, in one statement.
pub(crate) async fn load(
    db: impl PgExecutor<'_>,
    ids: &[VariantId],
) -> Result<Vec<Variant>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from product_variants where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Variant::from).collect())
}

/// Reads the variants of many products, in one statement, in order.
pub(crate) async fn load_by_product(
    db: impl PgExecutor<'_>,
    ids: &[ProductId],
) -> Result<Vec<Variant>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from product_variants where product_id = any($1) \
         order by product_id, position, id"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Variant::from).collect())
}

/// Which product and shop variants belong to, in one statement.
pub(crate) async fn load_owners(
    db: impl PgExecutor<'_>,
    ids: &[VariantId],
) -> Result<Vec<(VariantId, ProductId, SellerId, String)>, Fault> {
    let rows: Vec<(Uuid, Uuid, Uuid, String)> = sqlx::query_as(
        "select id, product_id, seller_id, sku from product_variants where id = any($1)",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, product, seller, sku)| {
            (
                Id::from_uuid(id),
                Id::from_uuid(product),
                Id::from_uuid(seller),
                sku,
            )
        })
        .collect())
}
