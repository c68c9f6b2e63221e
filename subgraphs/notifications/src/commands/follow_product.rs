//! What catalog says of products.

use kernel::{Fault, Money};
use service::{Ctx, Event, Transaction};

use super::announce::announce;
use crate::{
    domain::{Audience, KnownProduct, News, NotificationType, VariableValue},
    store,
};

/// Takes over what catalog says of a product. A lower price of a product on sale is told to those who watch
/// it: lower than what was known before, else lower than `old_price`, which the event may know. News that
/// are older than what is known change and tell nothing.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn follow_product(
    ctx: &Ctx,
    tx: &mut Transaction,
    event: &Event,
    product: KnownProduct,
    old_price: Option<Money>,
) -> Result<(), Fault> {
    let known = store::products::find_for_update(tx, product.product_id).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.version >= product.version)
    {
        return Ok(());
    }
    store::products::upsert(tx, &product).await?;
    let old = known.map(|known| known.min_price).or(old_price);
    let fell = old.filter(|old| {
        old.currency() == product.min_price.currency()
            && old.minor_units() > product.min_price.minor_units()
    });
    let Some(old) = fell.filter(|_| product.is_on_sale()) else {
        return Ok(());
    };
    let day = event.event_time.date_naive();
    let id = product.product_id;
    let key = format!("{id}/{}/{day}", product.min_price);
    let mut news = News::new(NotificationType::PriceDrop, key, event.event_time)
        .with("new_price", VariableValue::Amount(product.min_price))
        .with("old_price", VariableValue::Amount(old));
    news.seller_id = Some(product.seller_id);
    announce(ctx, tx, event, Audience::Watchers(id), news).await
}

/// Takes over that a product is gone; nobody watches it any more.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn forget_product(tx: &mut Transaction, mut product: KnownProduct) -> Result<(), Fault> {
    "DELETED".clone_into(&mut product.status);
    store::watches::delete_on(tx, product.product_id).await?;
    store::products::upsert(tx, &product).await
}
