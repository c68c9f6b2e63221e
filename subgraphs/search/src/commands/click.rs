//! `searchClick`.

use kernel::{ProductId, SearchId};
use service::Ctx;

use crate::{
    domain::{Error, MAX_RANKED, Rejection},
    store,
};

/// A hit that somebody chose.
pub struct Click {
    /// The search.
    pub search_id: SearchId,
    /// What was chosen.
    pub product_id: ProductId,
    /// Where it stood: 1 is the first.
    pub position: i32,
}

/// Notes that a hit was chosen. Anybody may tell; the first time of a product counts. No event: nobody
/// else needs it.
///
/// # Errors
/// [`Error`]: no such search, a position that no hit has.
pub async fn click(ctx: &Ctx, input: Click) -> Result<(), Error> {
    if !(1..=MAX_RANKED).contains(&input.position.into()) {
        return Err(Rejection::invalid("position", "must be 1 to 10000").into());
    }
    let mut tx = ctx.begin().await?;
    let (id, product_id) = (input.search_id, input.product_id);
    store::searches::click(&mut tx, id, product_id, input.position, ctx.now()).await?;
    tx.commit().await?;
    Ok(())
}
