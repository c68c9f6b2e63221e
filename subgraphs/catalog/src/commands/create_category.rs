//! `categoryCreate`.

use kernel::CategoryId;
use serde::Serialize;
use service::{Claim, Ctx, idempotency, outbox};

use super::{category_snapshot, find_place};
use crate::{
    access::MANAGE_CATALOG,
    domain::{Category, CategoryNames, Error, Rejection, category::Place},
    events::CategoryCreated,
    store,
};

/// What a new category is made of.
#[derive(Serialize)]
pub struct CreateCategory {
    /// The category above; `None` for the top.
    pub parent_id: Option<CategoryId>,
    /// How it is called.
    pub names: CategoryNames,
}

/// Creates a category.
///
/// # Errors
/// [`Error`]: no such parent, too deep, too many, a value that breaks a rule, slug taken, a reused key;
/// without `manage:catalog`.
pub async fn create_category(
    ctx: &Ctx,
    idempotency_key: &str,
    input: CreateCategory,
) -> Result<Category, Error> {
    ctx.require(MANAGE_CATALOG)?;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "categoryCreate", idempotency_key, &input).await? {
        Claim::Done(category) => return Ok(category),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    store::categories::lock_tree(&mut tx).await?;
    let (path, children) = find_place(&mut tx, input.parent_id).await?;
    let place = Place {
        path: &path,
        children,
    };
    let category = Category::create(ctx.ids.next(), input.names, &place, ctx.now())?;
    store::categories::insert(&mut tx, &category).await?;
    let event = CategoryCreated {
        category: category_snapshot(&mut tx, &category).await?,
    };
    outbox::append(&mut tx, ctx, category.id, category.version, &event).await?;
    idempotency::remember(&mut tx, ctx, "categoryCreate", idempotency_key, &category).await?;
    tx.commit().await?;
    Ok(category)
}
