//! Who may see and do what, besides the rights that a place in the shop gives.

use service::Ctx;

use crate::domain::Seller;

/// Permission to see all shops, to verify, suspend and reinstate them.
pub(crate) const MANAGE_SELLERS: &str = "manage:sellers";

/// Whether the caller may see the shop at all.
pub(crate) fn may_see(ctx: &Ctx, seller: &Seller) -> bool {
    seller.is_public() || ctx.principal.can(MANAGE_SELLERS)
}
