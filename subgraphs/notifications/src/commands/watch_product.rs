//! `productWatch` and `productUnwatch`.

use kernel::ProductId;
use service::Ctx;

use crate::{
    domain::{Error, Rejection, Watch, WatchKind, person::MAX_WATCHES},
    store,
};

/// The caller wants to hear of a product; again is fine.
///
/// # Errors
/// [`Error`]: no such product on sale, too many watches; not logged in.
pub async fn watch_product(
    ctx: &Ctx,
    product_id: ProductId,
    kinds: &[WatchKind],
) -> Result<Vec<Watch>, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    let person = store::people::lock_one(&mut tx, user_id, ctx.now()).await?;
    super::refuse_erased(&person)?;
    let product = store::products::find(&mut *tx, product_id).await?;
    if !product.is_some_and(|product| product.is_on_sale()) {
        return Err(Rejection::NotFound { field: "productId" }.into());
    }
    let mut watches = Vec::new();
    for kind in kinds {
        let watch = Watch {
            id: ctx.ids.next(),
            user_id,
            product_id,
            kind: *kind,
            created_at: ctx.now(),
        };
        watches.push(store::watches::insert(&mut tx, &watch).await?);
    }
    if store::watches::count(&mut tx, user_id).await? > MAX_WATCHES {
        return Err(Rejection::TooMany {
            rule: "a person has at most 500 watches",
        }
        .into());
    }
    tx.commit().await?;
    Ok(watches)
}

/// The caller does not want to hear of a product any more; again is fine.
///
/// # Errors
/// [`Error`]: not logged in.
pub async fn unwatch_product(
    ctx: &Ctx,
    product_id: ProductId,
    kinds: &[WatchKind],
) -> Result<(), Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    store::watches::delete(&mut tx, user_id, product_id, kinds).await?;
    tx.commit().await?;
    Ok(())
}
