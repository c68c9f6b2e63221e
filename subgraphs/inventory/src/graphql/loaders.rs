//! One batch per kind of key: however many siblings ask, there is one SQL statement.

use std::{collections::HashMap, hash::Hash};

use futures_util::{FutureExt, future::try_join_all};
use gql::Batch;
use kernel::{Fault, Page, PageRequest, ProductId, SellerId, StockLevelId, VariantId, WarehouseId};
use service::Ctx;

use crate::{
    access,
    domain::{Availability, Movement, StockLevel, Warehouse},
    store,
};

/// The batches of one request.
pub(crate) struct Loaders {
    /// Shops whose stock the caller may see.
    pub(crate) insider: Batch<SellerId, ()>,
    /// Warehouses by id.
    pub(crate) warehouses: Batch<WarehouseId, Warehouse>,
    /// The warehouses of a shop.
    pub(crate) shop_warehouses: Batch<SellerId, Vec<Warehouse>>,
    /// Stock levels by id.
    pub(crate) levels: Batch<StockLevelId, StockLevel>,
    /// The stock levels of a variant.
    pub(crate) variant_levels: Batch<VariantId, Vec<StockLevel>>,
    /// A page of the movements of a stock level.
    pub(crate) movements: Batch<(StockLevelId, PageRequest), Page<Movement>>,
    /// What can be bought of a variant.
    pub(crate) variant_availability: Batch<VariantId, Availability>,
    /// What can be bought of a product.
    pub(crate) product_availability: Batch<ProductId, Availability>,
}

impl Loaders {
    pub(crate) fn new(ctx: &Ctx) -> Self {
        Self {
            insider: batch(ctx, load_insider),
            warehouses: batch(ctx, |ctx, ids: Vec<WarehouseId>| async move {
                let warehouses = store::warehouses::load(&ctx.db, &ids).await?;
                Ok(warehouses.into_iter().map(|w| (w.id, w)).collect())
            }),
            shop_warehouses: batch(ctx, |ctx, ids: Vec<SellerId>| async move {
                let warehouses = store::warehouses::load_by_seller(&ctx.db, &ids).await?;
                Ok(group(warehouses, |warehouse| warehouse.seller_id))
            }),
            levels: batch(ctx, |ctx, ids: Vec<StockLevelId>| async move {
                let levels = store::levels::load(&ctx.db, &ids).await?;
                Ok(levels.into_iter().map(|level| (level.id, level)).collect())
            }),
            variant_levels: batch(ctx, |ctx, ids: Vec<VariantId>| async move {
                let levels = store::levels::load_by_variant(&ctx.db, &ids).await?;
                Ok(group(levels, |level| level.place.variant_id))
            }),
            movements: batch(ctx, load_movements),
            variant_availability: batch(ctx, |ctx, ids: Vec<VariantId>| async move {
                store::availability::load_by_variant(&ctx.db, &ids).await
            }),
            product_availability: batch(ctx, |ctx, ids: Vec<ProductId>| async move {
                store::availability::load_by_product(&ctx.db, &ids).await
            }),
        }
    }
}

/// A batch whose look-up is given the request.
fn batch<K, V, F, L>(ctx: &Ctx, load_all: F) -> Batch<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    F: Fn(Ctx, Vec<K>) -> L + Send + Sync + 'static,
    L: Future<Output = Result<HashMap<K, V>, Fault>> + Send + 'static,
{
    let ctx = ctx.clone();
    Batch::new(move |keys| load_all(ctx.clone(), keys).boxed())
}

fn group<K: Eq + Hash, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// `sellers` is asked once per shop; hardly anybody reads the stock of more than one.
async fn load_insider(ctx: Ctx, ids: Vec<SellerId>) -> Result<HashMap<SellerId, ()>, Fault> {
    let asked = ids.iter().map(|id| access::is_insider(&ctx, *id));
    let answers = try_join_all(asked).await?;
    let inside = ids.into_iter().zip(answers).filter(|(_, answer)| *answer);
    Ok(inside.map(|(id, _)| (id, ())).collect())
}

/// One statement per distinct page: siblings mostly ask for the same.
async fn load_movements(
    ctx: Ctx,
    keys: Vec<(StockLevelId, PageRequest)>,
) -> Result<HashMap<(StockLevelId, PageRequest), Page<Movement>>, Fault> {
    let mut found = HashMap::new();
    for (page, keys) in group(keys, |(_, page)| page.clone()) {
        let ids: Vec<_> = keys.into_iter().map(|(id, _)| id).collect();
        for (id, movements) in store::movements::load_pages(&ctx.db, &ids, &page).await? {
            found.insert((id, page.clone()), movements);
        }
    }
    Ok(found)
}
