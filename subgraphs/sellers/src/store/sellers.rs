//! Table `sellers`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, Page, PageRequest, SellerId};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Error, Profile, Rejection, Seller, SellerStatus, Verification};

const COLUMNS: &str = "id, slug, shop_name, tagline, description, city, province, status, legal_name, \
     business_number, decision_reason, version, created_at, updated_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    slug: String,
    shop_name: String,
    tagline: String,
    description: String,
    city: String,
    province: String,
    status: String,
    legal_name: Option<String>,
    business_number: Option<String>,
    decision_reason: Option<String>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Seller {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let status = SellerStatus::from_column("sellers.status", &row.status)?;
        let decision_reason = row.decision_reason;
        let verification =
            row.legal_name
                .zip(row.business_number)
                .map(|(legal_name, business_number)| Verification {
                    legal_name,
                    business_number,
                    decision_reason,
                });
        let profile = Profile {
            shop_name: row.shop_name,
            tagline: row.tagline,
            description: row.description,
            city: row.city,
            province: row.province,
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            slug: row.slug,
            profile,
            status,
            verification,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Writes a new shop.
pub(crate) async fn insert(db: &mut PgConnection, seller: &Seller) -> Result<(), Error> {
    sqlx::query(
        "insert into sellers (id, slug, shop_name, description, city, province, status, version, \
         created_at, updated_at, tagline) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(seller.id.uuid())
    .bind(&seller.slug)
    .bind(&seller.profile.shop_name)
    .bind(&seller.profile.description)
    .bind(&seller.profile.city)
    .bind(&seller.profile.province)
    .bind(seller.status.name())
    .bind(seller.version)
    .bind(seller.created_at)
    .bind(seller.updated_at)
    .bind(&seller.profile.tagline)
    .execute(db)
    .await
    .on_constraint("sellers_slug_key", || Rejection::SlugTaken)?;
    Ok(())
}

/// Writes a changed shop. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, seller: &Seller) -> Result<(), Fault> {
    let verification = seller.verification.as_ref();
    sqlx::query(
        "update sellers set shop_name = $2, description = $3, city = $4, province = $5, \
         status = $6, legal_name = $7, business_number = $8, decision_reason = $9, version = $10, \
         updated_at = $11, tagline = $12 where id = $1",
    )
    .bind(seller.id.uuid())
    .bind(&seller.profile.shop_name)
    .bind(&seller.profile.description)
    .bind(&seller.profile.city)
    .bind(&seller.profile.province)
    .bind(seller.status.name())
    .bind(verification.map(|v| &v.legal_name))
    .bind(verification.map(|v| &v.business_number))
    .bind(verification.and_then(|v| v.decision_reason.as_ref()))
    .bind(seller.version)
    .bind(seller.updated_at)
    .bind(&seller.profile.tagline)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads a shop and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: SellerId,
) -> Result<Option<Seller>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sellers where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Seller::try_from).transpose()
}

/// Reads shops by id, in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[SellerId]) -> Result<Vec<Seller>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sellers where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Seller::try_from).collect()
}

/// Reads the shop with that slug.
pub(crate) async fn find_by_slug(db: &PgPool, slug: &str) -> Result<Option<Seller>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sellers where slug = $1"
    )))
    .bind(slug)
    .fetch_optional(db)
    .await?;
    row.map(Seller::try_from).transpose()
}

/// Lists shops, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    statuses: &[SellerStatus],
    city: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Seller>, Fault> {
    let after: Option<(DateTime<Utc>, SellerId)> = page.after()?;
    let statuses = SellerStatus::names(statuses);
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sellers \
         where status = any($1) and ($2::text is null or city = $2) \
         and ($3::timestamptz is null or (created_at, id) < ($3, $4)) \
         order by created_at desc, id desc limit $5"
    )))
    .bind(statuses)
    .bind(city)
    .bind(after.map(|(created_at, _)| created_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let sellers = rows
        .into_iter()
        .map(Seller::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(sellers, |seller| (seller.created_at, seller.id)))
}

/// The next shops by id.
pub(crate) async fn list_after(
    db: &PgPool,
    after: Option<SellerId>,
    first: i32,
) -> Result<Vec<Seller>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from sellers where id > $1 order by id limit $2"
    )))
    .bind(after.map_or(Uuid::nil(), Id::uuid))
    .bind(first)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Seller::try_from).collect()
}
