//! Tables `attributes` and `category_attributes`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{AttributeId, CategoryId, CursorError, Fault, Id, Named as _, Page, PageRequest};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::{Attribute, AttributeKind, Definition, Error, Rejection, attribute::is_code};

const COLUMNS: &str = "attributes.id, attributes.code, attributes.kind, attributes.label, \
     attributes.unit, attributes.options, attributes.is_required, attributes.version, \
     attributes.created_at, attributes.updated_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    code: String,
    kind: String,
    label: String,
    unit: Option<String>,
    options: Vec<String>,
    is_required: bool,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct InheritedRow {
    category: Uuid,
    #[sqlx(flatten)]
    attribute: Row,
}

impl TryFrom<Row> for Attribute {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let kind = AttributeKind::from_column("attributes.kind", &row.kind)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            code: row.code,
            kind,
            definition: Definition {
                label: row.label,
                unit: row.unit,
                options: row.options,
                is_required: row.is_required,
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Writes a new attribute.
pub(crate) async fn insert(db: &mut PgConnection, attribute: &Attribute) -> Result<(), Error> {
    let definition = &attribute.definition;
    sqlx::query(
        "insert into attributes (id, code, kind, label, unit, options, is_required, version, \
         created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(attribute.id.uuid())
    .bind(&attribute.code)
    .bind(attribute.kind.name())
    .bind(&definition.label)
    .bind(&definition.unit)
    .bind(&definition.options)
    .bind(definition.is_required)
    .bind(attribute.version)
    .bind(attribute.created_at)
    .bind(attribute.updated_at)
    .execute(db)
    .await
    .on_constraint("attributes_code_key", || Rejection::CodeTaken)?;
    Ok(())
}

/// Writes a changed attribute. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, attribute: &Attribute) -> Result<(), Fault> {
    let definition = &attribute.definition;
    sqlx::query(
        "update attributes set label = $2, unit = $3, options = $4, is_required = $5, \
         version = $6, updated_at = $7 where id = $1",
    )
    .bind(attribute.id.uuid())
    .bind(&definition.label)
    .bind(&definition.unit)
    .bind(&definition.options)
    .bind(definition.is_required)
    .bind(attribute.version)
    .bind(attribute.updated_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads an attribute and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: AttributeId,
) -> Result<Option<Attribute>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from attributes where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Attribute::try_from).transpose()
}

/// Reads attributes by code, in one statement.
pub(crate) async fn load_by_code(db: &PgPool, codes: &[String]) -> Result<Vec<Attribute>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from attributes where code = any($1)"
    )))
    .bind(codes)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Attribute::try_from).collect()
}

/// Reads the attributes of many categories with those they inherit, in one statement, by code.
pub(crate) async fn load_by_category(
    db: impl PgExecutor<'_>,
    ids: &[CategoryId],
) -> Result<HashMap<CategoryId, Vec<Attribute>>, Fault> {
    let rows: Vec<InheritedRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with recursive above (category, id, parent_id) as ( \
           select id, id, parent_id from categories where id = any($1) \
           union all \
           select above.category, c.id, c.parent_id \
           from above join categories c on c.id = above.parent_id \
         ), inherited as ( \
           select distinct above.category, ca.attribute_id \
           from above join category_attributes ca on ca.category_id = above.id \
         ) \
         select inherited.category, {COLUMNS} \
         from inherited join attributes on attributes.id = inherited.attribute_id \
         order by attributes.code"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    let mut by_category: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        by_category
            .entry(Id::from_uuid(row.category))
            .or_default()
            .push(row.attribute.try_into()?);
    }
    Ok(by_category)
}

/// The codes of the attributes that a category has itself, and their ids.
pub(crate) async fn list_own(
    db: &mut PgConnection,
    category_id: CategoryId,
) -> Result<Vec<(AttributeId, String)>, Fault> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select attributes.id, attributes.code \
         from category_attributes join attributes on attributes.id = attribute_id \
         where category_id = $1 order by attributes.code",
    )
    .bind(category_id.uuid())
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, code)| (Id::from_uuid(id), code))
        .collect())
}

/// Gives an attribute to a category.
pub(crate) async fn attach(
    db: &mut PgConnection,
    category_id: CategoryId,
    attribute_id: AttributeId,
) -> Result<(), Error> {
    sqlx::query("insert into category_attributes (category_id, attribute_id) values ($1, $2)")
        .bind(category_id.uuid())
        .bind(attribute_id.uuid())
        .execute(db)
        .await
        .on_constraint("category_attributes_attribute_id_fkey", || {
            Rejection::AttributeNotFound
        })?;
    Ok(())
}

/// Takes an attribute from a category.
pub(crate) async fn detach(
    db: &mut PgConnection,
    category_id: CategoryId,
    attribute_id: AttributeId,
) -> Result<(), Fault> {
    sqlx::query("delete from category_attributes where category_id = $1 and attribute_id = $2")
        .bind(category_id.uuid())
        .bind(attribute_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Lists attributes by code.
pub(crate) async fn list(db: &PgPool, page: &PageRequest) -> Result<Page<Attribute>, Fault> {
    let after: Option<String> = page.after()?;
    if after.as_ref().is_some_and(|code| !is_code(code)) {
        return Err(CursorError::Malformed.into());
    }
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from attributes where ($1::text is null or code > $1) \
         order by code limit $2"
    )))
    .bind(after)
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let attributes = rows
        .into_iter()
        .map(Attribute::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(attributes, |attribute| attribute.code.clone()))
}
