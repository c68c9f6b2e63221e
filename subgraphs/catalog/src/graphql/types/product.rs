//! Products.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{Connection, GlobalId, MoneyValue};
use kernel::{Money, SellerId, markers};

use super::{
    AttributeNode, CategoryNode, DimensionsValue, VariantNode, list_args, product_connection,
};
use crate::{
    domain::{
        Attribute, AttributeKind, Listing, Product, ProductKind, ProductSort, ProductStatus, Unit,
        Variant,
    },
    graphql::loaders::Loaders,
};

/// Where a product stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProductStatus", remote = "ProductStatus")]
pub(crate) enum ProductStatusValue {
    /// Only the people of the shop see it.
    Draft,
    /// On the shelf: everybody sees it.
    Active,
    /// Taken off the shelf for good.
    Archived,
    /// Taken down by the marketplace.
    Suspended,
}

/// Whether a product is sent or downloaded.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProductKind", remote = "ProductKind")]
pub(crate) enum ProductKindValue {
    /// A thing that is sent.
    Physical,
    /// Delivered without shipping.
    Digital,
}

/// What the price of a product buys.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "Unit", remote = "Unit")]
pub(crate) enum UnitValue {
    /// One piece.
    Piece,
    /// A kilogram.
    Kilogram,
    /// A gram.
    Gram,
    /// A bunch (`ikat`).
    Bunch,
    /// A litre.
    Liter,
    /// A metre.
    Meter,
    /// A pack.
    Pack,
    /// A set.
    Set,
}

/// In which order to list products.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
#[graphql(name = "ProductSort", remote = "ProductSort")]
pub(crate) enum ProductSortValue {
    /// The newest first.
    #[default]
    Newest,
    /// The cheapest first, by the cheapest variant of each.
    PriceAsc,
    /// The dearest first, by the cheapest variant of each.
    PriceDesc,
    /// By name.
    Name,
}

/// The lowest and the highest price of a product's variants.
#[derive(SimpleObject)]
pub(crate) struct PriceRange {
    /// Price of the cheapest variant.
    min: MoneyValue,
    /// Price of the dearest variant.
    max: MoneyValue,
}

/// What is said about a product in the words of its category.
#[derive(SimpleObject)]
pub(crate) struct ProductAttribute {
    /// What is said.
    attribute: AttributeNode,
    /// The value as a text: any text, a number, `true` or `false`, or an option.
    value: String,
    /// The value of a `NUMBER`; null for other kinds.
    number_value: Option<f64>,
    /// The value of a `BOOLEAN`; null for other kinds.
    boolean_value: Option<bool>,
}

impl ProductAttribute {
    fn new(attribute: Attribute, value: String) -> Self {
        let (is_number, is_boolean) = match attribute.kind {
            AttributeKind::Number => (true, false),
            AttributeKind::Boolean => (false, true),
            AttributeKind::Text | AttributeKind::Enum => (false, false),
        };
        Self {
            number_value: value.parse().ok().filter(|_| is_number),
            boolean_value: value.parse().ok().filter(|_| is_boolean),
            attribute: AttributeNode(attribute),
            value,
        }
    }
}

pub(crate) struct ProductNode {
    product: Product,
    /// What a mutation has just written; else the variants are loaded when they are asked for.
    variants: Option<Vec<Variant>>,
}

impl ProductNode {
    pub(crate) const fn new(product: Product) -> Self {
        Self {
            product,
            variants: None,
        }
    }

    async fn load_variants(&self, ctx: &Context<'_>) -> Result<Vec<Variant>> {
        if let Some(variants) = &self.variants {
            return Ok(variants.clone());
        }
        let loaders = ctx.data::<Loaders>()?;
        let variants = loaders.variants_of_product.load(self.product.id).await;
        Ok(variants.map_err(gql::shared_fault)?.unwrap_or_default())
    }
}

impl From<Listing> for ProductNode {
    fn from(listing: Listing) -> Self {
        Self {
            product: listing.product,
            variants: Some(listing.variants),
        }
    }
}

/// A product.
#[Object(name = "Product")]
impl ProductNode {
    /// Id, begins with `product_`.
    async fn id(&self) -> GlobalId<markers::Product> {
        self.product.id.into()
    }

    /// Unique name in addresses; stays when the product gets another name.
    async fn slug(&self) -> &str {
        &self.product.slug
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.product.details.name
    }

    /// What it is.
    async fn description(&self) -> &str {
        &self.product.details.description
    }

    /// Whether it is sent or downloaded.
    async fn kind(&self) -> ProductKindValue {
        self.product.kind.into()
    }

    /// What the price buys.
    async fn unit(&self) -> UnitValue {
        self.product.details.unit.into()
    }

    /// Where it stands.
    async fn status(&self) -> ProductStatusValue {
        self.product.status.into()
    }

    /// Why the marketplace took it down; null unless it did.
    async fn suspension_reason(&self) -> Option<&str> {
        self.product.suspension_reason.as_deref()
    }

    /// Whether it spoils.
    async fn is_perishable(&self) -> bool {
        self.product.details.is_perishable
    }

    /// Selling points, in the order to show, at most 20.
    async fn features(&self) -> &[String] {
        &self.product.details.features
    }

    /// Where it is in the shop.
    async fn category(&self, ctx: &Context<'_>) -> Result<CategoryNode> {
        let loaders = ctx.data::<Loaders>()?;
        let category = loaders
            .categories
            .load(self.product.details.category_id)
            .await
            .map_err(gql::shared_fault)?;
        // A foreign key holds the category; it can only be gone between two statements.
        category
            .map(CategoryNode)
            .ok_or_else(|| "the category has just been deleted".into())
    }

    /// The shop that sells it.
    async fn seller(&self) -> Option<SellerNode> {
        Some(SellerNode {
            id: self.product.seller_id,
        })
    }

    /// What is said about it in the words of its category, at most 50, by code.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<ProductAttribute>> {
        let loaders = ctx.data::<Loaders>()?;
        let values = &self.product.details.attributes;
        let attributes = values
            .keys()
            .map(|code| loaders.attributes.load(code.clone()));
        let attributes = futures_util::future::try_join_all(attributes)
            .await
            .map_err(gql::shared_fault)?;
        Ok(attributes
            .into_iter()
            .zip(values.values())
            .filter_map(|(attribute, value)| Some(ProductAttribute::new(attribute?, value.clone())))
            .collect())
    }

    /// Its variants, in order: at least one, at most 100.
    async fn variants(&self, ctx: &Context<'_>) -> Result<Vec<VariantNode>> {
        let variants = self.load_variants(ctx).await?;
        Ok(variants.into_iter().map(VariantNode).collect())
    }

    /// The lowest and the highest price of its variants.
    async fn price_range(&self) -> PriceRange {
        PriceRange {
            min: self.product.min_price.into(),
            max: self.product.max_price.into(),
        }
    }

    /// What the cheapest variant used to cost; null when it has not become cheaper.
    async fn compare_at_price(&self, ctx: &Context<'_>) -> Result<Option<MoneyValue>> {
        let variants = self.load_variants(ctx).await?;
        let cheapest = variants
            .iter()
            .min_by_key(|variant| variant.details.price.minor_units());
        Ok(cheapest
            .and_then(|variant| variant.details.compare_at_price)
            .map(Money::into))
    }

    /// Weight of the first variant when packed, in grams; null for digital goods and unfinished drafts.
    async fn weight_grams(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let variants = self.load_variants(ctx).await?;
        Ok(variants
            .first()
            .and_then(|variant| variant.details.weight_grams))
    }

    /// Size of the first variant when packed; null when it is not told.
    async fn dimensions(&self, ctx: &Context<'_>) -> Result<Option<DimensionsValue>> {
        let variants = self.load_variants(ctx).await?;
        Ok(variants
            .first()
            .and_then(|variant| variant.details.dimensions)
            .map(DimensionsValue::from))
    }

    /// Grows with every change, sometimes by two; mutations take it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.product.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.product.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.product.updated_at
    }

    /// When it was last put on the shelf; null when it never was.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.product.published_at
    }
}

/// A shop; `sellers` owns and describes it.
pub(crate) struct SellerNode {
    pub(crate) id: SellerId,
}

#[Object(name = "Seller")]
impl SellerNode {
    /// Id, begins with `seller_`.
    async fn id(&self) -> GlobalId<markers::Seller> {
        self.id.into()
    }

    /// What the shop has on the shelf. `first` is at most 100, 20 without it.
    async fn products(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        #[graphql(default)] sort: ProductSortValue,
    ) -> Result<Option<Connection<ProductNode>>> {
        let key = (self.id, list_args(first, after, sort)?);
        let page = ctx.data::<Loaders>()?.products_of_seller.load(key).await;
        Ok(Some(product_connection(page.map_err(gql::shared_fault)?)))
    }
}
