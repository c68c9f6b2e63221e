//! Operations for other subgraphs.

use async_graphql::{Context, Object, Result, SimpleObject};
use gql::{GlobalId, Snapshot};
use kernel::markers;

use crate::queries;

/// Which shop a product belongs to, for other subgraphs.
#[derive(SimpleObject)]
#[graphql(inaccessible)]
struct ProductOwner {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// Whether everybody may see it: on the shelf of a shop that is open.
    is_published: bool,
}

/// Which product and shop a variant belongs to, for other subgraphs.
#[derive(SimpleObject)]
#[graphql(inaccessible)]
struct VariantOwner {
    /// The variant.
    variant_id: GlobalId<markers::Variant>,
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The shop's own number for it.
    sku: String,
}

#[derive(Default)]
pub(crate) struct InternalQuery;

#[Object]
impl InternalQuery {
    /// Which shops products belong to, for other subgraphs only. At most 100 ids; those that do not
    /// exist are left out.
    #[graphql(inaccessible)]
    async fn product_owners(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(max_items = 100))] ids: Vec<GlobalId<markers::Product>>,
    ) -> Result<Vec<ProductOwner>> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let owners = queries::load_product_owners(ctx.data()?, &ids).await;
        let owners = owners.map_err(gql::fault)?.into_iter();
        Ok(owners
            .map(|(product, seller, is_published)| ProductOwner {
                product_id: product.into(),
                seller_id: seller.into(),
                is_published,
            })
            .collect())
    }

    /// Which products and shops variants belong to, for other subgraphs only. At most 100 ids; those
    /// that do not exist are left out.
    #[graphql(inaccessible)]
    async fn variant_owners(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(max_items = 100))] ids: Vec<GlobalId<markers::Variant>>,
    ) -> Result<Vec<VariantOwner>> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let owners = queries::load_variant_owners(ctx.data()?, &ids).await;
        let owners = owners.map_err(gql::fault)?.into_iter();
        Ok(owners
            .map(|(variant, product, seller, sku)| VariantOwner {
                variant_id: variant.into(),
                product_id: product.into(),
                seller_id: seller.into(),
                sku,
            })
            .collect())
    }

    /// Products in the order of their ids, as their events tell them, for other subgraphs only. `first` is 1
    /// to 500.
    #[graphql(inaccessible)]
    async fn product_snapshots(
        &self,
        ctx: &Context<'_>,
        after: Option<GlobalId<markers::Product>>,
        #[graphql(validator(minimum = 1, maximum = 500))] first: i32,
    ) -> Result<Vec<Snapshot>> {
        let after = after.map(|id| id.0);
        let products = queries::list_product_snapshots(ctx.data()?, after, first).await;
        Snapshot::page(products, |product| product.product_id)
    }

    /// Categories in the order of their ids, as their events tell them, for other subgraphs only. `first` is
    /// 1 to 500.
    #[graphql(inaccessible)]
    async fn category_snapshots(
        &self,
        ctx: &Context<'_>,
        after: Option<GlobalId<markers::Category>>,
        #[graphql(validator(minimum = 1, maximum = 500))] first: i32,
    ) -> Result<Vec<Snapshot>> {
        let after = after.map(|id| id.0);
        let categories = queries::list_category_snapshots(ctx.data()?, after, first).await;
        Snapshot::page(categories, |category| category.category_id)
    }
}
