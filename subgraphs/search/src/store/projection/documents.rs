//! Documents as an index takes them over.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Fault, Id};
use sqlx::{FromRow, PgConnection, PgPool, types::Json};
use uuid::Uuid;

use crate::domain::{Change, Document, DocumentCategory, DocumentSeller};

#[derive(FromRow)]
struct Row {
    product_id: Uuid,
    version: i64,
    is_searchable: bool,
    changed_at: DateTime<Utc>,
    name: Option<String>,
    brand: Option<String>,
    description: Option<String>,
    features: Option<Vec<String>>,
    attributes: Option<Json<BTreeMap<String, String>>>,
    path: Option<Vec<Uuid>>,
    names: Option<Vec<String>>,
    seller_id: Option<Uuid>,
    seller_name: Option<String>,
    city: String,
    province: String,
    is_verified: Option<bool>,
    min_price: i64,
    max_price: i64,
    rating: i32,
    rating_count: i32,
    stock: i64,
    sold: i64,
    created_at: Option<DateTime<Utc>>,
}

/// Texts are looked up document by document (`offset 0`): merging two indexes, the planner would read the texts
/// of all that come before the page. The names of a category are put together once, not for each of its products.
const SELECT: &str = "select d.product_id, d.version, d.is_searchable, d.changed_at, t.name, t.brand, \
     t.description, t.features, t.attributes, coalesce(leaf.path, array[d.category_id]) as path, leaf.names, \
     d.seller_id, s.name as seller_name, d.city, d.province, \
     s.status = 'VERIFIED' as is_verified, d.min_price, d.max_price, d.rating, d.rating_count, d.stock, \
     d.sold, d.created_at \
     from documents d \
     left join lateral (select name, brand, description, features, attributes from document_texts t \
       where t.product_id = d.product_id offset 0) t on true \
     left join lateral (select category.path, array( \
         select spoken.text from categories c \
         cross join lateral unnest(array[c.name, c.name_en]) with ordinality spoken (text, language) \
         where c.category_id = any(category.path) and spoken.text <> '' \
         order by array_position(category.path, c.category_id), spoken.language \
       ) as names from categories category where category.category_id = d.category_id offset 0) leaf on true \
     left join sellers s on s.seller_id = d.seller_id";

/// A change that waits, and when it happened.
pub(crate) struct Pending {
    pub(crate) change: Change,
    pub(crate) changed_at: DateTime<Utc>,
}

impl From<Row> for Change {
    fn from(row: Row) -> Self {
        let product_id = Id::from_uuid(row.product_id);
        let version = row.version;
        let (true, Some(seller_id), Some(created_at)) =
            (row.is_searchable, row.seller_id, row.created_at)
        else {
            return Self::Delete {
                product_id,
                version,
            };
        };
        let path = row.path.unwrap_or_default();
        Self::Put(Box::new(Document {
            product_id,
            version,
            name: row.name.unwrap_or_default(),
            brand: row.brand.unwrap_or_default(),
            description: row.description.unwrap_or_default(),
            features: row.features.unwrap_or_default(),
            attributes: row
                .attributes
                .map(|attributes| attributes.0)
                .unwrap_or_default(),
            category: DocumentCategory {
                path: path.into_iter().map(Id::from_uuid).collect(),
                names: row.names.unwrap_or_default(),
            },
            seller: DocumentSeller {
                id: Id::from_uuid(seller_id),
                name: row.seller_name.unwrap_or_default(),
                city: row.city,
                province: row.province,
                is_verified: row.is_verified.unwrap_or_default(),
            },
            min_price: row.min_price,
            max_price: row.max_price,
            rating: row.rating,
            rating_count: row.rating_count,
            stock: row.stock,
            sold: row.sold,
            created_at,
        }))
    }
}

async fn list(
    db: &mut PgConnection,
    rest: &'static str,
    key: Uuid,
    version: i64,
    limit: i64,
) -> Result<Vec<Row>, Fault> {
    Ok(
        sqlx::query_as(sqlx::AssertSqlSafe(format!("{SELECT} {rest}")))
            .bind(key)
            .bind(version)
            .bind(limit)
            .fetch_all(db)
            .await?,
    )
}

/// The next documents that can be found, by id.
pub(crate) async fn list_searchable(
    db: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Change>, Fault> {
    let rest = "where d.is_searchable and d.product_id > $1 and $2 = 0::bigint \
         order by d.product_id limit $3";
    let rows = list(db, rest, after, 0, limit).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The next changes from `version` on, by version.
pub(crate) async fn list_since(
    db: &mut PgConnection,
    version: i64,
    limit: i64,
) -> Result<Vec<Change>, Fault> {
    let rest = "where d.version >= $2 and $1::uuid is not null order by d.version limit $3";
    let rows = list(db, rest, Uuid::nil(), version, limit).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The oldest changes that no index has.
pub(crate) async fn list_pending(db: &mut PgConnection, limit: i64) -> Result<Vec<Pending>, Fault> {
    let rest = "where d.version > d.indexed_version and $1::uuid is not null and $2 = 0::bigint \
         order by d.version limit $3";
    let rows = list(db, rest, Uuid::nil(), 0, limit).await?;
    Ok(rows
        .into_iter()
        .map(|row| Pending {
            changed_at: row.changed_at,
            change: row.into(),
        })
        .collect())
}

/// Notes what an index has. What changed again meanwhile stays pending.
pub(crate) async fn set_indexed(db: &mut PgConnection, changes: &[Change]) -> Result<(), Fault> {
    let ids: Vec<Uuid> = changes
        .iter()
        .map(|change| change.product_id().uuid())
        .collect();
    let versions: Vec<i64> = changes.iter().map(Change::version).collect();
    sqlx::query(
        "update documents d set indexed_version = pushed.version \
         from unnest($1::uuid[], $2::bigint[]) pushed (product_id, version) \
         where d.product_id = pushed.product_id and d.indexed_version < pushed.version",
    )
    .bind(ids)
    .bind(versions)
    .execute(db)
    .await?;
    Ok(())
}

/// How many changes no index has, up to a limit.
pub(crate) async fn count_pending(db: &PgPool) -> Result<i64, Fault> {
    Ok(sqlx::query_scalar(
        "select count(*) from (select from documents where version > indexed_version limit 100000) p",
    )
    .fetch_one(db)
    .await?)
}

/// The version that the next change will have at least.
pub(crate) async fn next_version(db: &mut PgConnection) -> Result<i64, Fault> {
    Ok(sqlx::query_scalar("select nextval('document_versions')")
        .fetch_one(db)
        .await?)
}
