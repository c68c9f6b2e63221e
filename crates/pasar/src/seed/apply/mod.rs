//! Putting the demo marketplace into the subgraphs, by their GraphQL: what the commands refuse cannot
//! get in. Runs again after it was killed, for as long as idempotency keys live: what is made has a fixed
//! key and gets its first answer again, and what is changed names the version of that answer, so that
//! a second change is refused. Only then is the present state asked for.

mod actors;
mod goods;
mod opinions;

use std::time::Instant;

use actors::Actors;

use super::{DemoPlan, DemoSize, demo};
use crate::{cli::SeedKind, launch::Launched};

/// Fixed, so that every installation shows the same marketplace.
const SEED: u64 = 2026;
/// Commands that run at the same time: enough to share the disk's flushes.
const PARALLEL: usize = 12;

/// Fills the subgraphs with the demo marketplace.
///
/// # Errors
/// The first command that was refused, with its answer.
pub(crate) async fn apply(
    launched: &Launched,
    kind: SeedKind,
    progress: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<()> {
    let size = match kind {
        SeedKind::None => return Ok(()),
        SeedKind::Small => DemoSize::small(),
        SeedKind::Demo => DemoSize::full(),
    };
    let start = Instant::now();
    let plan: DemoPlan = demo(SEED, &size);
    progress(&format!(
        "filling the databases: {} people, {} shops, {} products, {} reviews",
        plan.buyers.len() + plan.sellers.len() + 1,
        plan.sellers.len(),
        plan.products.len(),
        plan.reviews.len()
    ));
    let actors = Actors::register(launched, &plan).await?;
    progress("  people and shops are there");
    let products = goods::apply(&plan, &actors).await?;
    progress("  products and stock are there");
    opinions::apply(&plan, &actors, &products).await?;
    progress(&format!(
        "  reviews are there; it took {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}
