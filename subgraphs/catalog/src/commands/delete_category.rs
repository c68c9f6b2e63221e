//! `categoryDelete`.

use kernel::CategoryId;
use service::{Ctx, outbox};

use super::open_category;
use crate::{domain::Error, events::CategoryDeleted, store};

/// Which category goes.
pub struct DeleteCategory {
    /// The category.
    pub category_id: CategoryId,
    /// The version the caller has read.
    pub expected_version: i32,
}

/// Deletes a category that has no products and no categories below it.
///
/// # Errors
/// [`Error`]: not found, stale version, not empty; without `manage:catalog`.
pub async fn delete_category(ctx: &Ctx, input: DeleteCategory) -> Result<CategoryId, Error> {
    let (mut tx, category) = open_category(ctx, input.category_id, input.expected_version).await?;
    let category_id = category.id;
    store::categories::delete(&mut tx, category_id).await?;
    let version = category.version.saturating_add(1);
    let event = CategoryDeleted { category_id };
    outbox::append(&mut tx, ctx, category_id, version, &event).await?;
    tx.commit().await?;
    Ok(category_id)
}
