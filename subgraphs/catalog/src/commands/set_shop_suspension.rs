//! What `seller.suspended` and `seller.reinstated` do.

use kernel::{Fault, SellerId};
use service::Transaction;

use crate::store;

/// Hides the products of a shop that was closed from everybody outside it, or shows them again, without a
/// change of theirs: each is found as it was when the shop opens again. News older than what is known,
/// by the shop's `version`, changes nothing.
pub(crate) async fn set_shop_suspension(
    tx: &mut Transaction,
    seller_id: SellerId,
    version: i32,
    is_suspended: bool,
) -> Result<(), Fault> {
    store::suspensions::set(tx, seller_id, version, is_suspended).await
}
