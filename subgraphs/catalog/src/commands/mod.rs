//! What changes the catalogue. Each command loads, lets the domain decide, saves and records the event,
//! in one transaction. Questions to other subgraphs come before it: they must not hold its locks.

mod add_variant;
mod create_attribute;
mod create_category;
mod create_product;
mod delete_category;
mod delete_product;
mod move_category;
mod remove_variant;
mod set_category_attribute;
mod set_shop_suspension;
mod set_status;
mod set_suspension;
mod update_attribute;
mod update_category;
mod update_product;
mod update_variant;

pub use add_variant::{AddVariant, add_variant};
pub use create_attribute::{CreateAttribute, create_attribute};
pub use create_category::{CreateCategory, create_category};
pub use create_product::{CreateProduct, create_product};
pub use delete_category::{DeleteCategory, delete_category};
pub use delete_product::{DeleteProduct, delete_product};
pub use move_category::{MoveCategory, move_category};
pub use remove_variant::{RemoveVariant, remove_variant};
pub use set_category_attribute::{SetCategoryAttribute, set_category_attribute};
pub(crate) use set_shop_suspension::set_shop_suspension;
pub use set_status::{SetStatus, ShopAction, set_status};
pub use set_suspension::{SetSuspension, set_suspension};
pub use update_attribute::{UpdateAttribute, update_attribute};
pub use update_category::{UpdateCategory, update_category};
pub use update_product::{UpdateProduct, update_product};
pub use update_variant::{UpdateVariant, update_variant};

use kernel::{CategoryId, Fault, ProductId, VariantId};
use service::{Ctx, Transaction, outbox};

use crate::{
    access,
    domain::{Attribute, Category, Error, Listing, Product, Rejection, rejection::expect_version},
    events::{CategorySnapshot, ProductSnapshot},
    store,
};

/// Locks a product with its variants.
async fn lock(tx: &mut Transaction, id: ProductId) -> Result<Listing, Error> {
    let product = store::products::find_for_update(tx, id)
        .await?
        .ok_or(Rejection::ProductNotFound)?;
    let variants = store::variants::load_by_product(&mut **tx, &[id]).await?;
    Ok(Listing { product, variants })
}

/// Opens a transaction that holds a product, on behalf of a manager of its shop.
async fn open_as_manager(ctx: &Ctx, id: ProductId) -> Result<(Transaction, Listing), Error> {
    ctx.user()?;
    let product = store::products::load(&ctx.db, &[id])
        .await?
        .pop()
        .ok_or(Rejection::ProductNotFound)?;
    access::require_manager_of(ctx, &product).await?;
    let mut tx = ctx.begin().await?;
    let listing = lock(&mut tx, id).await?;
    Ok((tx, listing))
}

/// Like [`open_as_manager`], for the product that has the variant `id`.
async fn open_of_variant(ctx: &Ctx, id: VariantId) -> Result<(Transaction, Listing), Error> {
    ctx.user()?;
    let variant = store::variants::load(&ctx.db, &[id])
        .await?
        .pop()
        .ok_or(Rejection::VariantNotFound)?;
    match open_as_manager(ctx, variant.product_id).await {
        Err(Error::Rejected(Rejection::ProductNotFound)) => Err(Rejection::VariantNotFound.into()),
        opened => opened,
    }
}

/// What an event tells of a product.
async fn snapshot(tx: &mut Transaction, product: &Product) -> Result<ProductSnapshot, Fault> {
    let path = store::categories::find_path(tx, product.details.category_id).await?;
    Ok(ProductSnapshot::new(product, path))
}

/// Writes an event about a product as it is now.
async fn record<P: outbox::EventPayload>(
    tx: &mut Transaction,
    ctx: &Ctx,
    product: &Product,
    event: P,
) -> Result<(), Fault> {
    outbox::append(tx, ctx, product.id, product.version, &event).await
}

/// Opens a transaction in which nobody else changes the category tree, and reads a category in it.
async fn open_category(
    ctx: &Ctx,
    id: CategoryId,
    expected_version: i32,
) -> Result<(Transaction, Category), Error> {
    ctx.require(access::MANAGE_CATALOG)?;
    let mut tx = ctx.begin().await?;
    store::categories::lock_tree(&mut tx).await?;
    let category = get_category(&mut tx, id).await?;
    expect_version(category.version, expected_version)?;
    Ok((tx, category))
}

async fn get_category(tx: &mut Transaction, id: CategoryId) -> Result<Category, Error> {
    let category = store::categories::find(tx, id).await?;
    Ok(category.ok_or(Rejection::CategoryNotFound {
        field: "categoryId",
    })?)
}

/// What an event tells of a category.
async fn category_snapshot(
    tx: &mut Transaction,
    category: &Category,
) -> Result<CategorySnapshot, Fault> {
    let path = store::categories::find_path(tx, category.id).await?;
    let attributes = store::attributes::list_own(tx, category.id).await?;
    let codes = attributes.into_iter().map(|(_, code)| code).collect();
    Ok(CategorySnapshot::new(category, path, codes))
}

/// The way down to a new parent, and how many categories are there; the top without one.
async fn find_place(
    tx: &mut Transaction,
    parent_id: Option<CategoryId>,
) -> Result<(Vec<CategoryId>, usize), Error> {
    let path = match parent_id {
        Some(id) => store::categories::find_path(tx, id).await?,
        None => Vec::new(),
    };
    if parent_id.is_some() && path.is_empty() {
        return Err(Rejection::CategoryNotFound { field: "parentId" }.into());
    }
    let children = store::categories::count_children(tx, parent_id).await?;
    Ok((path, usize::try_from(children)?))
}

/// The attributes of a category with those it inherits.
async fn attributes_of(
    tx: &mut Transaction,
    category_id: CategoryId,
) -> Result<Vec<Attribute>, Error> {
    get_category(tx, category_id).await?;
    let mut found = store::attributes::load_by_category(&mut **tx, &[category_id]).await?;
    Ok(found.remove(&category_id).unwrap_or_default())
}
