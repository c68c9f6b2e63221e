//! Root query fields.

use async_graphql::{Context, InputObject, Object, Result};
use gql::{Connection, GlobalId, Int64, connection, page_request};
use kernel::{
    CategoryId,
    markers::{Category as CategoryMarker, Product as ProductMarker, Seller as SellerMarker},
};

use super::{
    loaders::Loaders,
    mutation::AttributeValueInput,
    types::{
        AttributeNode, CategoryNode, ProductKindValue, ProductNode, ProductSortValue,
        ProductStatusValue, UnitValue,
    },
};
use crate::{
    domain::{ProductFilter, ProductStatus},
    queries,
};

/// Which products to list: those that fit everything that is given.
#[derive(InputObject, Default)]
struct ProductWhere {
    /// Only these, at most 100.
    #[graphql(validator(max_items = 100))]
    ids: Option<Vec<GlobalId<ProductMarker>>>,
    /// Only in this category or below it.
    category_id: Option<GlobalId<CategoryMarker>>,
    /// Only of this shop.
    seller_id: Option<GlobalId<SellerMarker>>,
    /// Only in one of these states (at most 4); without it, `ACTIVE`. Others are listed for moderators,
    /// and with `sellerId` for the people of that shop; so are the products of a shop that was closed.
    #[graphql(validator(max_items = 4))]
    status: Option<Vec<ProductStatusValue>>,
    /// Only of this kind.
    kind: Option<ProductKindValue>,
    /// Only sold by this unit.
    unit: Option<UnitValue>,
    /// Only when the cheapest variant costs at least so many rupiah.
    price_min: Option<Int64>,
    /// Only when the cheapest variant costs at most so many rupiah.
    price_max: Option<Int64>,
    /// Only with all these attribute values, at most 10.
    #[graphql(validator(max_items = 10))]
    attributes: Option<Vec<AttributeValueInput>>,
}

impl ProductWhere {
    fn filter(self) -> (ProductFilter, Option<CategoryId>) {
        let statuses = self.status.map_or_else(
            || vec![ProductStatus::Active],
            |statuses| statuses.into_iter().map(Into::into).collect(),
        );
        let attributes = self.attributes.map(|values| {
            let values = values.into_iter();
            values.map(|value| (value.code, value.value)).collect()
        });
        let filter = ProductFilter {
            ids: self.ids.map(|ids| ids.iter().map(|id| id.0).collect()),
            categories: None,
            seller_id: self.seller_id.map(|id| id.0),
            statuses,
            is_open_shop: false,
            kind: self.kind.map(Into::into),
            unit: self.unit.map(Into::into),
            price_min: self.price_min.map(|price| price.0),
            price_max: self.price_max.map(|price| price.0),
            attributes,
        };
        (filter, self.category_id.map(|id| id.0))
    }
}

/// Which categories to list: those that fit everything that is given.
#[derive(InputObject, Default)]
struct CategoryWhere {
    /// Only those directly below this one.
    parent_id: Option<GlobalId<CategoryMarker>>,
    /// Only those at the top, or only those that are not.
    is_root: Option<bool>,
}

#[derive(Default)]
pub(crate) struct CatalogQuery;

#[Object]
impl CatalogQuery {
    /// The product with this id; null when it does not exist or is not for the caller to see.
    async fn product(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<ProductMarker>,
    ) -> Result<Option<ProductNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let product = loaders.visible_product(ctx.data()?, id.0).await;
        Ok(product.map_err(gql::shared_fault)?.map(ProductNode::new))
    }

    /// The product with this slug; null when it does not exist or is not for the caller to see.
    async fn product_by_slug(
        &self,
        ctx: &Context<'_>,
        slug: String,
    ) -> Result<Option<ProductNode>> {
        let product = queries::find_product_by_slug(ctx.data()?, &slug).await;
        let product = product.map_err(gql::fault)?;
        let loaders = ctx.data::<Loaders>()?;
        let product = loaders.if_visible(ctx.data()?, product).await;
        Ok(product.map_err(gql::shared_fault)?.map(ProductNode::new))
    }

    /// Products. `first` is at most 100, 20 without it. A cursor belongs to one `sort`.
    async fn products(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        r#where: Option<ProductWhere>,
        #[graphql(default)] sort: ProductSortValue,
    ) -> Result<Option<Connection<ProductNode>>> {
        let page = page_request(first, after)?;
        let (filter, category_id) = r#where.unwrap_or_default().filter();
        let products =
            queries::list_products(ctx.data()?, filter, category_id, sort.into(), &page).await;
        Ok(Some(connection(
            products.map_err(gql::fault)?,
            ProductNode::new,
        )))
    }

    /// The category with this id; null when it does not exist.
    async fn category(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<CategoryMarker>,
    ) -> Result<Option<CategoryNode>> {
        let category = ctx.data::<Loaders>()?.categories.load(id.0).await;
        Ok(category.map_err(gql::shared_fault)?.map(CategoryNode))
    }

    /// The category with this slug; null when it does not exist.
    async fn category_by_slug(
        &self,
        ctx: &Context<'_>,
        slug: String,
    ) -> Result<Option<CategoryNode>> {
        let category = queries::find_category_by_slug(ctx.data()?, &slug).await;
        Ok(category.map_err(gql::fault)?.map(CategoryNode))
    }

    /// Categories by name. `first` is at most 100, 20 without it.
    async fn categories(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        r#where: Option<CategoryWhere>,
    ) -> Result<Option<Connection<CategoryNode>>> {
        let page = page_request(first, after)?;
        let filter = r#where.unwrap_or_default();
        let parent_id = filter.parent_id.map(|id| id.0);
        let categories =
            queries::list_categories(ctx.data()?, parent_id, filter.is_root, &page).await;
        Ok(Some(connection(
            categories.map_err(gql::fault)?,
            CategoryNode,
        )))
    }

    /// Attributes by code. `first` is at most 100, 20 without it.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<AttributeNode>>> {
        let page = page_request(first, after)?;
        let attributes = queries::list_attributes(ctx.data()?, &page).await;
        Ok(Some(connection(
            attributes.map_err(gql::fault)?,
            AttributeNode,
        )))
    }
}
