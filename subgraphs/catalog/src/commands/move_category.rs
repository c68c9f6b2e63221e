//! `categoryMove`.

use kernel::CategoryId;
use service::{Ctx, outbox};

use super::{category_snapshot, find_place, open_category};
use crate::{
    domain::{Category, Error, category::Place},
    events::CategoryMoved,
    store,
};

/// Which category goes where.
pub struct MoveCategory {
    /// The category.
    pub category_id: CategoryId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// The category above; `None` for the top.
    pub parent_id: Option<CategoryId>,
}

/// Hangs a category, with all below it, under another one.
///
/// # Errors
/// [`Error`]: not found, stale version, below itself, too deep, too many; without `manage:catalog`.
pub async fn move_category(ctx: &Ctx, input: MoveCategory) -> Result<Category, Error> {
    let (mut tx, mut category) =
        open_category(ctx, input.category_id, input.expected_version).await?;
    let (path, children) = find_place(&mut tx, input.parent_id).await?;
    let place = Place {
        path: &path,
        children,
    };
    let below = store::categories::list_below(&mut *tx, category.id).await?;
    let levels = below.iter().map(|(_, level)| *level).max().unwrap_or(1);
    let old_path = store::categories::find_path(&mut tx, category.id).await?;
    category.relocate(&place, usize::try_from(levels)?, ctx.now())?;
    store::categories::update(&mut tx, &category).await?;
    let event = CategoryMoved {
        category: category_snapshot(&mut tx, &category).await?,
        old_path,
    };
    outbox::append(&mut tx, ctx, category.id, category.version, &event).await?;
    tx.commit().await?;
    Ok(category)
}
