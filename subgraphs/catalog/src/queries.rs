//! What is read of the catalogue.

use kernel::{CategoryId, Fault, Page, PageRequest, ProductId, SellerId, VariantId};
use service::Ctx;

use crate::{
    access::{self, MODERATE_PRODUCTS},
    domain::{
        Attribute, Category, Product, ProductFilter, ProductSort, ProductStatus, text::is_slug,
    },
    events::{CategorySnapshot, ProductSnapshot},
    store,
};

/// The product with that slug, whoever may see it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find_product_by_slug(ctx: &Ctx, slug: &str) -> Result<Option<Product>, Fault> {
    if !is_slug(slug) {
        return Ok(None);
    }
    store::products::find_by_slug(&ctx.db, slug).await
}

/// Lists products. Besides the shelf, only moderators see anything, and people of a shop what is in it.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database or of `sellers`.
pub async fn list_products(
    ctx: &Ctx,
    mut filter: ProductFilter,
    category_id: Option<CategoryId>,
    sort: ProductSort,
    page: &PageRequest,
) -> Result<Page<Product>, Fault> {
    // The database takes no such texts, so no product has one.
    let mut attributes = filter.attributes.iter().flatten();
    if attributes.any(|(code, value)| code.contains('\0') || value.contains('\0')) {
        return Ok(Page::empty());
    }
    if !sees_hidden(ctx, &filter).await? {
        filter
            .statuses
            .retain(|status| *status == ProductStatus::Active);
        filter.is_open_shop = true;
    }
    if let Some(id) = category_id {
        let below = store::categories::list_below(&ctx.db, id).await?;
        filter.categories = Some(below.into_iter().map(|(id, _)| id).collect());
    }
    store::product_lists::list(&ctx.db, &filter, sort, page).await
}

/// Whether the caller may see what is not on the shelf of an open shop. `sellers` is asked only when they
/// ask for more than the shelf.
async fn sees_hidden(ctx: &Ctx, filter: &ProductFilter) -> Result<bool, Fault> {
    if ctx.principal.can(MODERATE_PRODUCTS) {
        return Ok(true);
    }
    let mut statuses = filter.statuses.iter();
    if statuses.all(|status| *status == ProductStatus::Active) {
        return Ok(false);
    }
    match filter.seller_id {
        Some(seller_id) => Ok(access::find_role(ctx, seller_id).await?.is_some()),
        None => Ok(false),
    }
}

/// The category with that slug.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find_category_by_slug(ctx: &Ctx, slug: &str) -> Result<Option<Category>, Fault> {
    if !is_slug(slug) {
        return Ok(None);
    }
    store::categories::find_by_slug(&ctx.db, slug).await
}

/// Lists categories by name: those directly below one, those (not) at the top, or all.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_categories(
    ctx: &Ctx,
    parent_id: Option<CategoryId>,
    is_root: Option<bool>,
    page: &PageRequest,
) -> Result<Page<Category>, Fault> {
    store::categories::list(&ctx.db, parent_id, is_root, page).await
}

/// Lists attributes by code.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_attributes(ctx: &Ctx, page: &PageRequest) -> Result<Page<Attribute>, Fault> {
    store::attributes::list(&ctx.db, page).await
}

/// Which shop products belong to and whether they are on the shelf, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn load_product_owners(
    ctx: &Ctx,
    ids: &[ProductId],
) -> Result<Vec<(ProductId, SellerId, bool)>, Fault> {
    ctx.require_service()?;
    store::products::load_owners(&ctx.db, ids).await
}

/// Which product and shop variants belong to, and their SKU, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn load_variant_owners(
    ctx: &Ctx,
    ids: &[VariantId],
) -> Result<Vec<(VariantId, ProductId, SellerId, String)>, Fault> {
    ctx.require_service()?;
    store::variants::load_owners(&ctx.db, ids).await
}

/// Products in the order of their ids with their versions, as events tell them, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_product_snapshots(
    ctx: &Ctx,
    after: Option<ProductId>,
    first: i32,
) -> Result<Vec<(i32, ProductSnapshot)>, Fault> {
    ctx.require_service()?;
    let products = store::snapshots::list_products(&ctx.db, after, first).await?;
    let products = products.into_iter();
    Ok(products
        .map(|(product, path)| (product.version, ProductSnapshot::new(&product, path)))
        .collect())
}

/// Categories in the order of their ids with their versions, as events tell them, for other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_category_snapshots(
    ctx: &Ctx,
    after: Option<CategoryId>,
    first: i32,
) -> Result<Vec<(i32, CategorySnapshot)>, Fault> {
    ctx.require_service()?;
    let categories = store::snapshots::list_categories(&ctx.db, after, first).await?;
    let categories = categories.into_iter();
    Ok(categories
        .map(|(category, path, codes)| {
            (
                category.version,
                CategorySnapshot::new(&category, path, codes),
            )
        })
        .collect())
}
