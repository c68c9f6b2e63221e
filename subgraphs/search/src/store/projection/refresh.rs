//! Computing documents from what the owners said last.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, ProductId};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::commands::project::Scope;

/// Held shared by who changes what concerns one product, alone by who changes what concerns many.
const PROJECTION_LOCK: i64 = 0x7365_6172_6368_0001;

/// Waits until nobody changes what concerns many products, and lets nobody begin to until the end of the
/// transaction.
pub(crate) async fn lock_shared(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query("select pg_advisory_xact_lock_shared($1)")
        .bind(PROJECTION_LOCK)
        .execute(db)
        .await?;
    Ok(())
}

/// How much is known of a product.
#[derive(FromRow)]
pub(crate) struct Known {
    /// 0 when the catalog has not spoken of it.
    pub(crate) version: i32,
    /// `UNKNOWN` when the catalog has not spoken of it.
    pub(crate) status: String,
    /// The earliest time that was told.
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// Locks one product, known or not, until the end of the transaction, and tells what is known of it.
pub(crate) async fn lock_one(
    db: &mut PgConnection,
    id: ProductId,
    now: DateTime<Utc>,
) -> Result<Known, Fault> {
    lock_shared(db).await?;
    // Nearly always it is there: a statement less.
    if let Some(known) = find_for_update(db, id).await? {
        return Ok(known);
    }
    sqlx::query(
        "insert into documents (product_id, changed_at) values ($1, $2) on conflict do nothing",
    )
    .bind(id.uuid())
    .bind(now)
    .execute(&mut *db)
    .await?;
    let known = find_for_update(db, id).await?;
    known.ok_or_else(|| Fault::internal("a document that was just written is gone"))
}

async fn find_for_update(db: &mut PgConnection, id: ProductId) -> Result<Option<Known>, Fault> {
    Ok(sqlx::query_as(
        "select product_version as version, status, created_at from documents \
         where product_id = $1 for update",
    )
    .bind(id.uuid())
    .fetch_optional(db)
    .await?)
}

/// Waits until nobody computes a document, and lets nobody begin until the end of the transaction.
pub(crate) async fn lock_all(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(PROJECTION_LOCK)
        .execute(db)
        .await?;
    Ok(())
}

/// Locks the next products after `after` that a change concerns, in order of their ids.
pub(crate) async fn lock_next(
    db: &mut PgConnection,
    scope: Scope,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, Fault> {
    let sql = match scope {
        Scope::Category(_) => {
            "select product_id from documents where product_id > $2 and category_id in \
             (select category_id from categories where path @> array[$1] ) \
             order by product_id limit $3 for update of documents"
        }
        Scope::Seller(_) => {
            "select product_id from documents where seller_id = $1 and product_id > $2 \
             order by product_id limit $3 for update"
        }
        Scope::Warehouse(_) => {
            "select product_id from documents where product_id in ( \
               select distinct product_id from stock_levels \
               where warehouse_id = $1 and product_id > $2 order by product_id limit $3 \
             ) order by product_id for update of documents"
        }
    };
    Ok(sqlx::query_scalar(sql)
        .bind(scope.parts().1)
        .bind(after)
        .bind(limit)
        .fetch_all(db)
        .await?)
}

/// What the numbers of documents are, computed from what the owners said.
pub(crate) const COMPUTED: &str = "select o.product_id, coalesce(s.city, '') as city, \
     coalesce(s.province, '') as province, coalesce(r.average_hundredths, 0) as rating, \
     coalesce(r.count, 0) as rating_count, k.stock, o.status = 'ACTIVE' and o.created_at is not null \
       and coalesce(s.status, '') <> 'SUSPENDED' as is_searchable \
     from documents o \
     left join sellers s on s.seller_id = o.seller_id \
     left join ratings r on r.product_id = o.product_id \
     cross join lateral ( \
       select coalesce(sum(l.quantity), 0) as stock from stock_levels l \
       left join warehouses w on w.warehouse_id = l.warehouse_id \
       where l.product_id = o.product_id and coalesce(w.is_active, true) \
     ) k";

/// Computes the numbers of documents, whose rows are locked, and gives new versions to those that changed:
/// to all if `all`, because something else of them did.
pub(crate) async fn documents(
    db: &mut PgConnection,
    ids: &[Uuid],
    now: DateTime<Utc>,
    all: bool,
) -> Result<(), Fault> {
    let sql = format!(
        "update documents d set city = c.city, province = c.province, rating = c.rating, \
         rating_count = c.rating_count, stock = c.stock, is_searchable = c.is_searchable, \
         version = nextval('document_versions'), changed_at = $2 \
         from ({COMPUTED}) c \
         where c.product_id = d.product_id and c.product_id = any($1) and d.product_id = any($1) \
         and ($3 or (d.city, d.province, d.rating, d.rating_count, d.stock, d.is_searchable) <> \
         (c.city, c.province, c.rating, c.rating_count, c.stock, c.is_searchable))"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(ids)
        .bind(now)
        .bind(all)
        .execute(db)
        .await?;
    Ok(())
}

/// Computes what the texts of documents say of their categories.
/// Gives whether any changed.
pub(crate) async fn texts(db: &mut PgConnection, ids: &[Uuid]) -> Result<bool, Fault> {
    let done = sqlx::query(
        "update document_texts t set category_text = names.text \
         from documents d cross join lateral ( \
           select coalesce(string_agg(c.name || ' ' || c.name_en, ' ' \
             order by array_position(leaf.path, c.category_id)), '') as text \
           from categories leaf join categories c on c.category_id = any(leaf.path) \
           where leaf.category_id = d.category_id \
         ) names \
         where d.product_id = t.product_id and t.product_id = any($1) \
         and t.category_text is distinct from names.text",
    )
    .bind(ids)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Leaves the products of `scope` after `after` to the task `search.refresh`.
pub(crate) async fn remember(
    db: &mut PgConnection,
    scope: Scope,
    after: Uuid,
) -> Result<(), Fault> {
    let (kind, id) = scope.parts();
    sqlx::query(
        "insert into pending_refreshes (scope, scope_id, after_product) values ($1, $2, $3) \
         on conflict (scope, scope_id) do update set after_product = excluded.after_product",
    )
    .bind(kind)
    .bind(id)
    .bind(after)
    .execute(db)
    .await?;
    Ok(())
}

/// All products of `scope` are computed.
pub(crate) async fn forget(db: &mut PgConnection, scope: Scope) -> Result<(), Fault> {
    let (kind, id) = scope.parts();
    sqlx::query("delete from pending_refreshes where scope = $1 and scope_id = $2")
        .bind(kind)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes one of the scopes that are not done, with the product after which it goes on. It stays locked until
/// the end of the transaction; others take another one.
pub(crate) async fn take(db: &mut PgConnection) -> Result<Option<(Scope, Uuid)>, Fault> {
    let row: Option<(String, Uuid, Uuid)> = sqlx::query_as(
        "select scope, scope_id, after_product from pending_refreshes \
         order by scope, scope_id limit 1 for update skip locked",
    )
    .fetch_optional(db)
    .await?;
    row.map(|(scope, id, after)| Ok((Scope::from_parts(&scope, id)?, after)))
        .transpose()
}

impl Scope {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Category(id) => ("CATEGORY", id.uuid()),
            Self::Seller(id) => ("SELLER", id.uuid()),
            Self::Warehouse(id) => ("WAREHOUSE", id.uuid()),
        }
    }

    fn from_parts(scope: &str, id: Uuid) -> Result<Self, Fault> {
        Ok(match scope {
            "CATEGORY" => Self::Category(Id::from_uuid(id)),
            "SELLER" => Self::Seller(Id::from_uuid(id)),
            "WAREHOUSE" => Self::Warehouse(Id::from_uuid(id)),
            other => return Err(Fault::internal(format!("unknown scope `{other}`"))),
        })
    }
}
