//! `categoryAttributeAttach` and `categoryAttributeDetach`.

use kernel::{AttributeId, CategoryId};
use service::{Ctx, outbox};

use super::{category_snapshot, get_category};
use crate::{
    access::MANAGE_CATALOG,
    domain::{Category, Error, Rejection, attribute::MAX_PER_CATEGORY},
    events::CategoryUpdated,
    store,
};

/// Whether a category has an attribute.
pub struct SetCategoryAttribute {
    /// The category.
    pub category_id: CategoryId,
    /// The attribute.
    pub attribute_id: AttributeId,
    /// Give it, or take it.
    pub attached: bool,
}

/// Gives an attribute to a category or takes it. When it is so already, nothing happens.
///
/// # Errors
/// [`Error`]: no such category or attribute, too many; without `manage:catalog`.
pub async fn set_category_attribute(
    ctx: &Ctx,
    input: SetCategoryAttribute,
) -> Result<Category, Error> {
    ctx.require(MANAGE_CATALOG)?;
    let mut tx = ctx.begin().await?;
    // All attributes of a category change under this lock: what is read here stays true.
    store::categories::lock_tree(&mut tx).await?;
    let mut category = get_category(&mut tx, input.category_id).await?;
    let own = store::attributes::list_own(&mut tx, category.id).await?;
    if own.iter().any(|(id, _)| *id == input.attribute_id) == input.attached {
        return Ok(category);
    }
    if input.attached {
        if own.len() >= MAX_PER_CATEGORY {
            let rule = "a category has at most 50 attributes of its own";
            return Err(Rejection::TooMany { rule }.into());
        }
        store::attributes::attach(&mut tx, category.id, input.attribute_id).await?;
    } else {
        store::attributes::detach(&mut tx, category.id, input.attribute_id).await?;
    }
    category.attributes_changed(ctx.now());
    store::categories::update(&mut tx, &category).await?;
    let event = CategoryUpdated {
        category: category_snapshot(&mut tx, &category).await?,
    };
    outbox::append(&mut tx, ctx, category.id, category.version, &event).await?;
    tx.commit().await?;
    Ok(category)
}
