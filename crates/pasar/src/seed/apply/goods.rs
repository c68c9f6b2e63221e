//! Attributes, categories, products and stock.

use std::collections::HashMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    PARALLEL,
    actors::{Actors, text},
};
use crate::seed::{
    DemoAttribute, DemoAttributeKind, DemoPlan, DemoProduct, DemoProductKind, DemoStatus, DemoUnit,
    DemoValue, DemoVariant,
};

const ATTRIBUTE: &str = "mutation($input: AttributeCreateInput!) { attributeCreate(input: $input) {
    attribute { id } userErrors { code message path } } }";
const CATEGORY: &str = "mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) {
    category { id } userErrors { code message path } } }";
const ATTACH: &str =
    "mutation($input: CategoryAttributeInput!) { categoryAttributeAttach(input: $input) {
    category { id } userErrors { code message path } } }";
const PRODUCT: &str = "mutation($input: ProductCreateInput!) { productCreate(input: $input) {
    product { id version variants { id } } userErrors { code message path } } }";
const PUBLISH: &str = "mutation($input: ProductStatusInput!) { productPublish(input: $input) {
    userErrors { code message path } } }";
const ARCHIVE: &str = "mutation($input: ProductStatusInput!) { productArchive(input: $input) {
    userErrors { code message path } } }";
const STOCK: &str = "mutation($input: StockSetManyInput!) { stockSetMany(input: $input) {
    userErrors { code message path } } }";

/// Ids of the products, in the order of the plan.
pub(super) async fn apply(plan: &DemoPlan, actors: &Actors<'_>) -> anyhow::Result<Vec<String>> {
    let categories = categories(plan, actors).await?;
    stream::iter(plan.products.iter().enumerate())
        .map(|(index, product)| add(actors, &categories, index, product))
        .buffered(PARALLEL)
        .try_collect()
        .await
}

/// Ids of the categories by slug. Parents come before their children in the plan.
async fn categories(
    plan: &DemoPlan,
    actors: &Actors<'_>,
) -> anyhow::Result<HashMap<String, String>> {
    let attributes: HashMap<_, _> = stream::iter(&plan.attributes)
        .map(|attribute| create_attribute(actors, attribute))
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await?;
    let mut categories = HashMap::new();
    for category in &plan.categories {
        let parent = category
            .parent_slug
            .as_ref()
            .and_then(|slug| categories.get(slug));
        let input = json!({ "parentId": parent, "slug": category.slug, "name": category.name_id,
            "nameEn": category.name_en, "idempotencyKey": format!("demo-{}", category.slug) });
        let payload = actors
            .done("catalog", &actors.admin, CATEGORY, input)
            .await?;
        let id = text(&payload["category"]["id"])?;
        for code in &category.attributes {
            let input = json!({ "categoryId": id, "attributeId": attributes.get(code.as_str()) });
            actors.done("catalog", &actors.admin, ATTACH, input).await?;
        }
        categories.insert(category.slug.clone(), id);
    }
    Ok(categories)
}

/// Code and id.
async fn create_attribute<'a>(
    actors: &Actors<'_>,
    attribute: &'a DemoAttribute,
) -> anyhow::Result<(&'a str, String)> {
    let input = define(attribute);
    let payload = actors
        .done("catalog", &actors.admin, ATTRIBUTE, input)
        .await?;
    Ok((&attribute.code, text(&payload["attribute"]["id"])?))
}

fn define(attribute: &DemoAttribute) -> Value {
    let (kind, unit, options) = match &attribute.kind {
        DemoAttributeKind::Text => ("TEXT", None, Vec::new()),
        DemoAttributeKind::Choice(options) => ("ENUM", None, options.clone()),
        DemoAttributeKind::Number(unit) if unit.is_empty() => ("NUMBER", None, Vec::new()),
        DemoAttributeKind::Number(unit) => ("NUMBER", Some(unit.as_str()), Vec::new()),
        DemoAttributeKind::Flag => ("BOOLEAN", None, Vec::new()),
    };
    json!({ "code": attribute.code, "kind": kind, "label": attribute.name, "unit": unit,
        "options": options, "idempotencyKey": format!("demo-{}", attribute.code) })
}

/// Creates a product with its stock and brings it to its status.
async fn add(
    actors: &Actors<'_>,
    categories: &HashMap<String, String>,
    index: usize,
    product: &DemoProduct,
) -> anyhow::Result<String> {
    let shop = &actors.shops[product.seller];
    let variants: Vec<_> = product
        .variants
        .iter()
        .map(|v| variant(product, v))
        .collect();
    let attributes: Vec<_> = product
        .attributes
        .iter()
        .map(|(code, v)| json!({ "code": code, "value": value(v) }))
        .collect();
    let input = json!({
        "sellerId": shop.id, "slug": product.slug, "name": product.name,
        "description": product.description, "categoryId": categories.get(&product.category_slug),
        "kind": if product.kind == DemoProductKind::Digital { "DIGITAL" } else { "PHYSICAL" },
        "unit": unit(product.unit), "isPerishable": product.unit == DemoUnit::Kilogram || product.unit == DemoUnit::Bunch,
        "features": [], "attributes": attributes, "variants": variants,
        "idempotencyKey": format!("demo-product-{index}"),
    });
    let payload = actors.done("catalog", &shop.owner, PRODUCT, input).await?;
    let id = text(&payload["product"]["id"])?;
    let mut lines = Vec::new();
    for (number, variant) in product.variants.iter().enumerate() {
        for (warehouse, quantity) in &variant.stock {
            lines.push(
                json!({ "variantId": payload["product"]["variants"][number]["id"],
                "warehouseId": shop.warehouses.get(*warehouse), "quantity": quantity,
                "expectedQuantity": null }),
            );
        }
    }
    for (number, lines) in lines.chunks(100).enumerate() {
        let input =
            json!({ "lines": lines, "idempotencyKey": format!("demo-stock-{index}-{number}") });
        actors.done("inventory", &shop.owner, STOCK, input).await?;
    }
    let mutation = match product.status {
        DemoStatus::Draft => return Ok(id),
        DemoStatus::Active => PUBLISH,
        DemoStatus::Archived => ARCHIVE,
    };
    let input = json!({ "productId": id, "expectedVersion": payload["product"]["version"] });
    // When it has changed since it was made, an earlier run has come this far.
    actors
        .change("catalog", &shop.owner, mutation, input)
        .await?;
    Ok(id)
}

fn variant(product: &DemoProduct, variant: &DemoVariant) -> Value {
    let money = |rupiah: i64| json!({ "minorUnits": rupiah.to_string(), "currency": "IDR" });
    let options: Vec<_> = product
        .option_names
        .iter()
        .zip(&variant.options)
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let name = if variant.options.is_empty() {
        product.name.clone()
    } else {
        variant.options.join(", ")
    };
    json!({
        "sku": variant.sku, "name": name.chars().take(120).collect::<String>(), "optionValues": options,
        "price": money(variant.price_rupiah),
        "compareAtPrice": variant.compare_at_rupiah.map(money),
        "weightGrams": (variant.weight_grams > 0).then_some(variant.weight_grams),
        "dimensions": product.dimensions.map(|d| json!({ "lengthMm": d.length_mm,
            "widthMm": d.width_mm, "heightMm": d.height_mm })),
    })
}

fn value(value: &DemoValue) -> String {
    match value {
        DemoValue::Text(text) | DemoValue::Choice(text) => text.clone(),
        DemoValue::Number(number) => number.to_string(),
        DemoValue::Flag(flag) => flag.to_string(),
    }
}

const fn unit(unit: DemoUnit) -> &'static str {
    match unit {
        DemoUnit::Piece => "PIECE",
        DemoUnit::Kilogram => "KILOGRAM",
        DemoUnit::Bunch => "BUNCH",
        DemoUnit::Pack => "PACK",
    }
}
