//! One batch per kind of key: however many siblings ask, there is one SQL statement.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};
use gql::Batch;
use kernel::{CategoryId, Fault, Page, PageRequest, ProductId, SellerId, VariantId};
use service::Ctx;

use crate::{
    access::{self, ShopRole},
    domain::{Attribute, Category, Product, ProductSort, Variant},
    store,
};

/// Which page of a list, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ListArgs {
    pub(crate) sort: ProductSort,
    pub(crate) page: PageRequest,
}

/// The batches of one request.
pub(crate) struct Loaders {
    /// Products by id.
    pub(crate) products: Batch<ProductId, Product>,
    /// Variants by id.
    pub(crate) variants: Batch<VariantId, Variant>,
    /// The variants of a product.
    pub(crate) variants_of_product: Batch<ProductId, Vec<Variant>>,
    /// Categories by id.
    pub(crate) categories: Batch<CategoryId, Category>,
    /// What is directly below a category.
    pub(crate) children: Batch<CategoryId, Vec<Category>>,
    /// What is above a category, the top first.
    pub(crate) ancestors: Batch<CategoryId, Vec<Category>>,
    /// The attributes of a category with those it inherits.
    pub(crate) attributes_of_category: Batch<CategoryId, Vec<Attribute>>,
    /// Attributes by code.
    pub(crate) attributes: Batch<String, Attribute>,
    /// How many products are on the shelf of a category.
    pub(crate) product_counts: Batch<CategoryId, i64>,
    /// Pages of the shelf of a category.
    pub(crate) products_of_category: Batch<(CategoryId, ListArgs), Page<Product>>,
    /// Pages of the shelf of a shop.
    pub(crate) products_of_seller: Batch<(SellerId, ListArgs), Page<Product>>,
    /// The caller's role in a shop.
    roles: Batch<SellerId, ShopRole>,
}

/// Finds the values of many keys.
type Load<K, V> = fn(Ctx, Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Fault>>;

fn batch<K, V>(ctx: &Ctx, load_all: Load<K, V>) -> Batch<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let ctx = ctx.clone();
    Batch::new(move |keys| load_all(ctx.clone(), keys))
}

/// Values by the key that each holds.
fn by<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values
        .into_iter()
        .map(|value| (key(&value), value))
        .collect()
}

/// Values by the key that several share, in order.
fn grouped<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> Option<K>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for value in values {
        if let Some(key) = key(&value) {
            groups.entry(key).or_default().push(value);
        }
    }
    groups
}

/// Keys by their arguments: one statement for each set of arguments, mostly one.
fn by_args<K>(keys: Vec<(K, ListArgs)>) -> HashMap<ListArgs, Vec<K>> {
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for (key, args) in keys {
        groups.entry(args).or_default().push(key);
    }
    groups
}

impl Loaders {
    pub(crate) fn new(ctx: &Ctx) -> Self {
        Self {
            products: batch(ctx, |ctx, ids| {
                async move { Ok(by(store::products::load(&ctx.db, &ids).await?, |p| p.id)) }.boxed()
            }),
            variants: batch(ctx, |ctx, ids| {
                async move { Ok(by(store::variants::load(&ctx.db, &ids).await?, |v| v.id)) }.boxed()
            }),
            variants_of_product: batch(ctx, |ctx, ids| {
                async move {
                    let variants = store::variants::load_by_product(&ctx.db, &ids).await?;
                    Ok(grouped(variants, |variant| Some(variant.product_id)))
                }
                .boxed()
            }),
            categories: batch(ctx, |ctx, ids| {
                async move { Ok(by(store::categories::load(&ctx.db, &ids).await?, |c| c.id)) }
                    .boxed()
            }),
            children: batch(ctx, |ctx, ids| {
                async move {
                    let children = store::categories::load_children(&ctx.db, &ids).await?;
                    Ok(grouped(children, |category| category.parent_id))
                }
                .boxed()
            }),
            ancestors: batch(ctx, |ctx, ids| {
                async move { store::categories::load_ancestors(&ctx.db, &ids).await }.boxed()
            }),
            attributes_of_category: batch(ctx, |ctx, ids| {
                async move { store::attributes::load_by_category(&ctx.db, &ids).await }.boxed()
            }),
            attributes: batch(ctx, |ctx, codes| {
                async move {
                    let attributes = store::attributes::load_by_code(&ctx.db, &codes).await?;
                    Ok(by(attributes, |attribute| attribute.code.clone()))
                }
                .boxed()
            }),
            product_counts: batch(ctx, |ctx, ids| {
                async move { store::categories::count_products(&ctx.db, &ids).await }.boxed()
            }),
            products_of_category: batch(ctx, |ctx, keys| load_of_categories(ctx, keys).boxed()),
            products_of_seller: batch(ctx, |ctx, keys| load_of_sellers(ctx, keys).boxed()),
            roles: roles(ctx),
        }
    }

    /// The product, if the caller may see it. `sellers` is asked only when it is not on the shelf.
    ///
    /// # Errors
    /// The fault of the look-up.
    pub(crate) async fn visible_product(
        &self,
        ctx: &Ctx,
        id: ProductId,
    ) -> Result<Option<Product>, Arc<Fault>> {
        let product = self.products.load(id).await?;
        self.if_visible(ctx, product).await
    }

    /// The same product, if the caller may see it.
    ///
    /// # Errors
    /// The fault of `sellers`.
    pub(crate) async fn if_visible(
        &self,
        ctx: &Ctx,
        product: Option<Product>,
    ) -> Result<Option<Product>, Arc<Fault>> {
        let Some(product) = product else {
            return Ok(None);
        };
        if access::is_open(ctx, &product) {
            return Ok(Some(product));
        }
        let role = self.roles.load(product.seller_id).await?;
        Ok(role.map(|_| product))
    }
}

fn roles(ctx: &Ctx) -> Batch<SellerId, ShopRole> {
    let ctx = ctx.clone();
    Batch::new(move |ids| {
        let ctx = ctx.clone();
        async move {
            let roles = ids.iter().map(|id| access::find_role(&ctx, *id));
            let roles = try_join_all(roles).await?;
            Ok(ids
                .iter()
                .copied()
                .zip(roles)
                .filter_map(|(id, role)| Some((id, role?)))
                .collect())
        }
        .boxed()
    })
}

async fn load_of_categories(
    ctx: Ctx,
    keys: Vec<(CategoryId, ListArgs)>,
) -> Result<HashMap<(CategoryId, ListArgs), Page<Product>>, Fault> {
    let mut pages = HashMap::new();
    for (args, ids) in by_args(keys) {
        let (sort, page) = (args.sort, &args.page);
        let found = store::product_lists::load_by_category(&ctx.db, &ids, sort, page).await?;
        pages.extend(
            found
                .into_iter()
                .map(|(id, page)| ((id, args.clone()), page)),
        );
    }
    Ok(pages)
}

async fn load_of_sellers(
    ctx: Ctx,
    keys: Vec<(SellerId, ListArgs)>,
) -> Result<HashMap<(SellerId, ListArgs), Page<Product>>, Fault> {
    let mut pages = HashMap::new();
    for (args, ids) in by_args(keys) {
        let (sort, page) = (args.sort, &args.page);
        let found = store::product_lists::load_by_seller(&ctx.db, &ids, sort, page).await?;
        pages.extend(
            found
                .into_iter()
                .map(|(id, page)| ((id, args.clone()), page)),
        );
    }
    Ok(pages)
}
