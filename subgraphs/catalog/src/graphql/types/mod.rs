//! Object types: newtypes over domain values.

mod category;
mod product;
mod variant;

pub(crate) use category::{AttributeKindValue, AttributeNode, CategoryNode};
pub(crate) use product::{
    ProductKindValue, ProductNode, ProductSortValue, ProductStatusValue, SellerNode, UnitValue,
};
pub(crate) use variant::{DimensionsValue, VariantNode};

use async_graphql::Result;
use gql::{Connection, connection};
use kernel::Page;

use crate::domain::Product;

/// A page of products as a connection. A parent without a page is one that is not there.
pub(crate) fn product_connection(page: Option<Page<Product>>) -> Connection<ProductNode> {
    connection(page.unwrap_or_else(Page::empty), ProductNode::new)
}

/// The arguments of a list of products.
pub(crate) fn list_args(
    first: Option<i32>,
    after: Option<String>,
    sort: ProductSortValue,
) -> Result<super::loaders::ListArgs> {
    Ok(super::loaders::ListArgs {
        sort: sort.into(),
        page: gql::page_request(first, after)?,
    })
}
