//! `categoryUpdate`.

use kernel::CategoryId;
use service::{Ctx, outbox};

use super::{category_snapshot, open_category};
use crate::{
    domain::{Category, CategoryNames, Error},
    events::CategoryUpdated,
    store,
};

/// What to change; `None` leaves a field as it is.
pub struct UpdateCategory {
    /// The category.
    pub category_id: CategoryId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// New name in addresses.
    pub slug: Option<String>,
    /// New Indonesian name.
    pub name: Option<String>,
    /// New English name.
    pub name_en: Option<String>,
}

/// Changes how a category is called.
///
/// # Errors
/// [`Error`]: not found, stale version, a value that breaks a rule, slug taken; without `manage:catalog`.
pub async fn update_category(ctx: &Ctx, input: UpdateCategory) -> Result<Category, Error> {
    let (mut tx, mut category) =
        open_category(ctx, input.category_id, input.expected_version).await?;
    let old = category.names.clone();
    let names = CategoryNames {
        slug: input.slug.unwrap_or(old.slug),
        name: input.name.unwrap_or(old.name),
        name_en: input.name_en.unwrap_or(old.name_en),
    };
    category.rename(names, ctx.now())?;
    store::categories::update(&mut tx, &category).await?;
    let event = CategoryUpdated {
        category: category_snapshot(&mut tx, &category).await?,
    };
    outbox::append(&mut tx, ctx, category.id, category.version, &event).await?;
    tx.commit().await?;
    Ok(category)
}
