//! Table `products`: what catalog said last.

use kernel::{Currency, Fault, Id, Money, ProductId};
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::KnownProduct;

#[derive(FromRow)]
struct Row {
    product_id: Uuid,
    seller_id: Uuid,
    name: String,
    status: String,
    min_price: i64,
    currency: String,
    version: i32,
}

impl TryFrom<Row> for KnownProduct {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let currency: Currency = row.currency.parse()?;
        Ok(Self {
            product_id: Id::from_uuid(row.product_id),
            seller_id: Id::from_uuid(row.seller_id),
            name: row.name,
            status: row.status,
            min_price: Money::new(row.min_price, currency),
            version: row.version,
        })
    }
}

/// Reads a product and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: ProductId,
) -> Result<Option<KnownProduct>, Fault> {
    let row: Option<Row> =
        sqlx::query_as("select * from products where product_id = $1 for update")
            .bind(id.uuid())
            .fetch_optional(db)
            .await?;
    row.map(KnownProduct::try_from).transpose()
}

/// Reads a product.
pub(crate) async fn find(
    db: impl PgExecutor<'_>,
    id: ProductId,
) -> Result<Option<KnownProduct>, Fault> {
    let row: Option<Row> = sqlx::query_as("select * from products where product_id = $1")
        .bind(id.uuid())
        .fetch_optional(db)
        .await?;
    row.map(KnownProduct::try_from).transpose()
}

/// Writes what catalog says of a product, unless something newer is known.
pub(crate) async fn upsert(db: &mut PgConnection, product: &KnownProduct) -> Result<(), Fault> {
    sqlx::query(
        "insert into products as p (product_id, seller_id, name, status, min_price, currency, version) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (product_id) do update \
         set seller_id = excluded.seller_id, name = excluded.name, status = excluded.status, \
         min_price = excluded.min_price, currency = excluded.currency, version = excluded.version \
         where p.version < excluded.version",
    )
    .bind(product.product_id.uuid())
    .bind(product.seller_id.uuid())
    .bind(&product.name)
    .bind(&product.status)
    .bind(product.min_price.minor_units())
    .bind(product.min_price.currency().code())
    .bind(product.version)
    .execute(db)
    .await?;
    Ok(())
}
