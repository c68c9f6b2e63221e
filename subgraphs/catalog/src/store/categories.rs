//! Table `categories`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{CategoryId, CursorError, Fault, Id, Page, PageRequest};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::products::OPEN_SHOP;
use crate::domain::{Category, CategoryNames, Error, Rejection};

pub(super) const COLUMNS: &str = "categories.id, categories.parent_id, categories.slug, categories.name, \
     categories.name_en, categories.sort_name, categories.version, categories.created_at, \
     categories.updated_at";

/// Above how many products a count stops.
pub(crate) const MAX_COUNT: i64 = 10_000;

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    parent_id: Option<Uuid>,
    slug: String,
    name: String,
    name_en: String,
    sort_name: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct AncestorRow {
    leaf: Uuid,
    #[sqlx(flatten)]
    category: Row,
}

impl From<Row> for Category {
    fn from(row: Row) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            parent_id: row.parent_id.map(Id::from_uuid),
            names: CategoryNames {
                slug: row.slug,
                name: row.name,
                name_en: row.name_en,
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Makes every other change of categories wait until the end of the transaction; readers go on. Rules
/// of the whole tree (no cycle, its depth) need this, and such changes are rare.
pub(crate) async fn lock_tree(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query("lock table categories in share row exclusive mode")
        .execute(db)
        .await?;
    Ok(())
}

/// Writes a new category.
pub(crate) async fn insert(db: &mut PgConnection, category: &Category) -> Result<(), Error> {
    let names = &category.names;
    sqlx::query(
        "insert into categories (id, parent_id, slug, name, name_en, version, created_at, \
         updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(category.id.uuid())
    .bind(category.parent_id.map(Id::uuid))
    .bind(&names.slug)
    .bind(&names.name)
    .bind(&names.name_en)
    .bind(category.version)
    .bind(category.created_at)
    .bind(category.updated_at)
    .execute(db)
    .await
    .on_constraint("categories_slug_key", || Rejection::SlugTaken)?;
    Ok(())
}

/// Writes a changed category. The caller holds the tree.
pub(crate) async fn update(db: &mut PgConnection, category: &Category) -> Result<(), Error> {
    let names = &category.names;
    sqlx::query(
        "update categories set parent_id = $2, slug = $3, name = $4, name_en = $5, version = $6, \
         updated_at = $7 where id = $1",
    )
    .bind(category.id.uuid())
    .bind(category.parent_id.map(Id::uuid))
    .bind(&names.slug)
    .bind(&names.name)
    .bind(&names.name_en)
    .bind(category.version)
    .bind(category.updated_at)
    .execute(db)
    .await
    .on_constraint("categories_slug_key", || Rejection::SlugTaken)?;
    Ok(())
}

/// Removes a category that has nothing in it; its attributes are detached.
pub(crate) async fn delete(db: &mut PgConnection, id: CategoryId) -> Result<(), Error> {
    let deleted = sqlx::query("delete from categories where id = $1")
        .bind(id.uuid())
        .execute(db)
        .await;
    match deleted {
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            let rule =
                "only a category without products and without categories below it can be deleted";
            Err(Rejection::state(rule).into())
        }
        other => Ok(other.map(|_| ())?),
    }
}

/// Reads a category. Writers hold the tree first.
pub(crate) async fn find(db: &mut PgConnection, id: CategoryId) -> Result<Option<Category>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from categories where id = $1"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    Ok(row.map(Category::from))
}

/// Reads the category with that slug.
pub(crate) async fn find_by_slug(db: &PgPool, slug: &str) -> Result<Option<Category>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from categories where slug = $1"
    )))
    .bind(slug)
    .fetch_optional(db)
    .await?;
    Ok(row.map(Category::from))
}

/// Reads categories by id, in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[CategoryId]) -> Result<Vec<Category>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from categories where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Category::from).collect())
}

/// Reads what is directly below many categories, in one statement, by name.
pub(crate) async fn load_children(db: &PgPool, ids: &[CategoryId]) -> Result<Vec<Category>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from categories where parent_id = any($1) order by sort_name, id"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Category::from).collect())
}

/// Reads what is above many categories, in one statement, the top first.
pub(crate) async fn load_ancestors(
    db: &PgPool,
    ids: &[CategoryId],
) -> Result<HashMap<CategoryId, Vec<Category>>, Fault> {
    let rows: Vec<AncestorRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with recursive above (leaf, id, height) as ( \
           select id, parent_id, 1 from categories where id = any($1) \
           union all \
           select above.leaf, c.parent_id, above.height + 1 \
           from above join categories c on c.id = above.id \
         ) \
         select above.leaf, {COLUMNS} from above join categories on categories.id = above.id \
         order by above.leaf, above.height desc"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    let mut by_leaf: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        by_leaf
            .entry(Id::from_uuid(row.leaf))
            .or_default()
            .push(row.category.into());
    }
    Ok(by_leaf)
}

/// The way from the top down to a category, itself included; empty when it does not exist.
pub(crate) async fn find_path(
    db: &mut PgConnection,
    id: CategoryId,
) -> Result<Vec<CategoryId>, Fault> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "with recursive above (id, parent_id, height) as ( \
           select id, parent_id, 0 from categories where id = $1 \
           union all \
           select c.id, c.parent_id, above.height + 1 \
           from above join categories c on c.id = above.parent_id \
         ) select id from above order by height desc",
    )
    .bind(id.uuid())
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// A category and everything below it, each with its level: 1 for the category itself.
pub(crate) async fn list_below(
    db: impl PgExecutor<'_>,
    id: CategoryId,
) -> Result<Vec<(CategoryId, i32)>, Fault> {
    let rows: Vec<(Uuid, i32)> = sqlx::query_as(
        "with recursive below (id, level) as ( \
           select id, 1 from categories where id = $1 \
           union all \
           select c.id, below.level + 1 from below join categories c on c.parent_id = below.id \
         ) select id, level from below",
    )
    .bind(id.uuid())
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, level)| (Id::from_uuid(id), level))
        .collect())
}

/// How many categories are directly below one, or at the top.
pub(crate) async fn count_children(
    db: &mut PgConnection,
    parent_id: Option<CategoryId>,
) -> Result<i64, Fault> {
    let count = sqlx::query_scalar(
        "select count(*) from categories where parent_id is not distinct from $1",
    )
    .bind(parent_id.map(Id::uuid))
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// Counts the products on the shelf in many categories and below them, in one statement, each up to
/// [`MAX_COUNT`].
pub(crate) async fn count_products(
    db: &PgPool,
    ids: &[CategoryId],
) -> Result<HashMap<CategoryId, i64>, Fault> {
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with recursive below (top, category) as ( \
           select id, id from categories where id = any($1) \
           union all \
           select top, c.id from below join categories c on c.parent_id = category \
         ) \
         select parent, counted.products \
         from unnest($1::uuid[]) parents (parent) cross join lateral ( \
           select count(*) as products from ( \
             select 1 from below cross join lateral ( \
               select 1 from products where status = 'ACTIVE' and category_id = category \
               and {OPEN_SHOP} limit $2 \
             ) one where top = parent limit $2 \
           ) counted_up_to \
         ) counted"
    )))
    .bind(Id::uuids(ids))
    .bind(MAX_COUNT)
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, count)| (Id::from_uuid(id), count))
        .collect())
}

/// Lists categories by name: those directly below `parent_id`, or only those (not) at the top.
pub(crate) async fn list(
    db: &PgPool,
    parent_id: Option<CategoryId>,
    is_root: Option<bool>,
    page: &PageRequest,
) -> Result<Page<Category>, Fault> {
    let after: Option<(String, CategoryId)> = page.after()?;
    if after.as_ref().is_some_and(|(name, _)| name.contains('\0')) {
        return Err(CursorError::Malformed.into());
    }
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from categories \
         where ($1::uuid is null or parent_id = $1) \
         and ($2::boolean is null or (parent_id is null) = $2) \
         and ($3::text is null or (sort_name, id) > ($3, $4)) \
         order by sort_name, id limit $5"
    )))
    .bind(parent_id.map(Id::uuid))
    .bind(is_root)
    .bind(after.as_ref().map(|(name, _)| name))
    .bind(after.as_ref().map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let page = page.page(rows, |row| {
        (row.sort_name.clone(), CategoryId::from_uuid(row.id))
    });
    Ok(Page {
        rows: page
            .rows
            .into_iter()
            .map(|(cursor, row)| (cursor, row.into()))
            .collect(),
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}
