//! Keeping the projection: what an owner says about one thing, in the transaction of its event.
//!
//! A document is a function of the newest that is known of its product, its shop, its categories, its stock
//! and its rating, and is computed again whenever one of them changes; so the order in which topics arrive
//! does not matter. Two transactions about one product wait for each other at its row, which is there even
//! when only others have spoken of the product. What concerns many products (a shop, a category, a
//! warehouse) takes [`Scope::Wide`], so that no product is being computed from what is just being replaced.

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Fault, SellerId, WarehouseId};
use service::{Event, Transaction};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    consumers::payload::{Category, Product, Rating, Seller, Stock},
    store::projection::{refresh, sources},
};

/// The state of a product that is on the shelf.
const ACTIVE: &str = "ACTIVE";
/// How many products are computed again in one transaction.
pub(crate) const CHUNK: i64 = 500;

/// Where a statement about a thing comes from.
pub(crate) struct Source {
    /// Of the thing.
    pub(crate) version: i32,
    /// When it was true first.
    pub(crate) time: DateTime<Utc>,
    /// Whether the statement also replaces one of the same version: a rebuild mends what should not be.
    pub(crate) mends: bool,
}

/// Which products a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of a category and below it.
    Category(CategoryId),
    /// Those of a shop.
    Seller(SellerId),
    /// Those that lie in a warehouse.
    Warehouse(WarehouseId),
}

impl Source {
    /// The source of what `event` tells.
    pub(crate) const fn of(event: &Event) -> Self {
        Self {
            version: event.version,
            time: event.event_time,
            mends: false,
        }
    }

    /// Whether it tells something that is not known by `known`, the version of what is.
    pub(crate) const fn is_news(&self, known: i32) -> bool {
        self.version > known || (self.mends && self.version == known)
    }
}

/// Takes over a product.
pub(crate) async fn product(
    tx: &mut Transaction,
    source: &Source,
    product: &Product,
) -> Result<(), Fault> {
    let created_at = product.created_at.unwrap_or(source.time);
    let known = refresh::lock_one(tx, product.product_id, source.time).await?;
    let is_older = known.created_at.is_none_or(|known| created_at < known);
    let mut is_changed = is_older;
    if is_older {
        sources::put_created_at(tx, product.product_id, created_at).await?;
    }
    if source.is_news(known.version) {
        let changed = sources::put_product(tx, source.version, product).await?;
        is_changed |= changed.document || changed.texts;
        let is_told = known.status == ACTIVE && !changed.texts && !source.mends;
        if product.status == ACTIVE && !is_told {
            sources::add_terms(tx, &terms(product)).await?;
        }
    }
    if !is_changed && !source.mends {
        return Ok(());
    }
    let ids = [product.product_id.uuid()];
    is_changed |= refresh::texts(tx, &ids).await?;
    refresh::documents(tx, &ids, source.time, is_changed).await
}

/// Takes over a stock level.
pub(crate) async fn stock(
    tx: &mut Transaction,
    source: &Source,
    stock: &Stock,
) -> Result<(), Fault> {
    refresh::lock_one(tx, stock.product_id, source.time).await?;
    if sources::put_stock(tx, source, stock).await? {
        refresh::documents(tx, &[stock.product_id.uuid()], source.time, false).await?;
    }
    Ok(())
}

/// Takes over the rating of a product.
pub(crate) async fn rating(
    tx: &mut Transaction,
    source: &Source,
    rating: &Rating,
) -> Result<(), Fault> {
    let hundredths = hundredths(rating.average.as_deref())?;
    refresh::lock_one(tx, rating.product_id, source.time).await?;
    if sources::put_rating(tx, source, rating, hundredths).await? {
        refresh::documents(tx, &[rating.product_id.uuid()], source.time, false).await?;
    }
    Ok(())
}

/// Takes over a shop.
pub(crate) async fn seller(
    tx: &mut Transaction,
    source: &Source,
    seller: &Seller,
) -> Result<(), Fault> {
    refresh::lock_all(tx).await?;
    if sources::put_seller(tx, source, seller).await? {
        concern(tx, Scope::Seller(seller.seller_id), source.time).await?;
    }
    Ok(())
}

/// Takes over whether a warehouse is open.
pub(crate) async fn warehouse(
    tx: &mut Transaction,
    source: &Source,
    id: WarehouseId,
    is_active: Option<bool>,
) -> Result<(), Fault> {
    refresh::lock_all(tx).await?;
    if sources::put_warehouse(tx, source, id, is_active).await? {
        concern(tx, Scope::Warehouse(id), source.time).await?;
    }
    Ok(())
}

/// Takes over a category, and with it the place of all below it.
pub(crate) async fn category(
    tx: &mut Transaction,
    source: &Source,
    category: &Category,
) -> Result<(), Fault> {
    let id = category.category_id;
    // The last of the path is the category itself.
    let parent = category.path.iter().rev().nth(1).copied();
    refresh::lock_all(tx).await?;
    if sources::put_category(tx, source, category, parent).await? {
        sources::grow_tree(tx).await?;
        let names = format!("{} {}", category.name, category.name_en);
        sources::add_terms(tx, &telling(&names)).await?;
        concern(tx, Scope::Category(id), source.time).await?;
    }
    Ok(())
}

/// Takes over that a category is gone.
pub(crate) async fn category_gone(
    tx: &mut Transaction,
    source: &Source,
    id: CategoryId,
) -> Result<(), Fault> {
    refresh::lock_all(tx).await?;
    if sources::put_category_gone(tx, source, id).await? {
        concern(tx, Scope::Category(id), source.time).await?;
    }
    Ok(())
}

/// Computes the products that a change concerns: the first ones here, the others by the task
/// `search.refresh`.
async fn concern(tx: &mut PgConnection, scope: Scope, now: DateTime<Utc>) -> Result<(), Fault> {
    match chunk(tx, scope, Uuid::nil(), now).await? {
        Some(after) => refresh::remember(tx, scope, after).await,
        None => refresh::forget(tx, scope).await,
    }
}

/// Computes the next products after `after` that `scope` names; gives the last, unless it was the end.
pub(crate) async fn chunk(
    tx: &mut PgConnection,
    scope: Scope,
    after: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, Fault> {
    let ids = refresh::lock_next(tx, scope, after, CHUNK).await?;
    if ids.is_empty() {
        return Ok(None);
    }
    if matches!(scope, Scope::Category(_)) {
        refresh::texts(tx, &ids).await?;
    }
    // Names of shops and categories are in a document only by reference.
    let by_name = !matches!(scope, Scope::Warehouse(_));
    refresh::documents(tx, &ids, now, by_name).await?;
    let is_full = i64::try_from(ids.len()) == Ok(CHUNK);
    Ok(ids.last().copied().filter(|_| is_full))
}

/// The words of a product that others may be mistyped for.
fn terms(product: &Product) -> Vec<String> {
    telling(&format!("{} {}", product.name, brand(product)))
}

/// The brand that a product names, in either language.
pub(crate) fn brand(product: &Product) -> &str {
    let named = ["brand", "merek"]
        .iter()
        .find_map(|code| product.attributes.get(*code));
    named.map_or("", String::as_str)
}

/// Words of three letters or more that are not numbers; sorted, so that transactions lock them in one order.
fn telling(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= 3 && !word.chars().any(char::is_numeric))
        .map(|word| word.chars().take(40).flat_map(char::to_lowercase).collect())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A decimal number of stars in hundredths, exactly.
pub(crate) fn hundredths(average: Option<&str>) -> Result<i32, Fault> {
    let Some(average) = average else {
        return Ok(0);
    };
    let (whole, part) = average.split_once('.').unwrap_or((average, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    format!("{whole}{part}")
        .parse()
        .ok()
        .filter(|hundredths| (0..=500).contains(hundredths))
        .ok_or_else(|| Fault::internal(format!("`{average}` is no average of stars")))
}
