//! The listing of a product: text, attributes, variants, measures.

use super::content::{Content, Kind};
use super::plan::{
    DemoAttribute, DemoAttributeKind, DemoDimensions, DemoProduct, DemoProductKind, DemoSeller,
    DemoStatus, DemoUnit, DemoValue,
};
use super::price::{base, thousandths, times};
use super::random::Random;
use super::template::{Slots, capitalised, choose, fill_inside};
use super::variants::{Basis, variants};

/// What is decided before a product is described.
pub(super) struct Draft<'a> {
    pub(super) content: &'a Content,
    pub(super) shop: &'a DemoSeller,
    /// Index of the shop.
    pub(super) seller: usize,
    pub(super) kind: &'a Kind,
    pub(super) slots: &'a Slots,
    /// Running number over all shops.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) slug: String,
}

/// The product.
pub(super) fn listing(random: &mut Random, draft: Draft<'_>) -> DemoProduct {
    let Draft {
        content,
        shop,
        seller,
        kind,
        slots,
        ..
    } = draft;
    let amount = |slot: &str| {
        slots
            .get(slot)
            .and_then(|amount| amount.parse::<u32>().ok())
    };
    let price = match amount("harga") {
        Some(price) => times(i64::from(price), random.between(940, 1_070)),
        None => base(random, kind.price),
    };
    let unit = unit(&kind.unit);
    let basis = Basis {
        kind,
        slots,
        sku: sku(shop, kind, draft.number),
        price: price * i64::from(content.sellers[seller].level) / 100,
        weight: amount("berat").unwrap_or(kind.weight),
        unit,
        warehouses: shop.warehouses.len(),
    };
    let (option_names, variants) = variants(random, &basis);
    let status = match random.between(0, 99) {
        0..=2 => DemoStatus::Draft,
        3..=5 => DemoStatus::Archived,
        _ => DemoStatus::Active,
    };
    let digital = kind.is_digital();
    DemoProduct {
        seller,
        category_slug: kind.category.clone(),
        name: draft.name,
        slug: draft.slug,
        description: description(random, kind, slots),
        kind: if digital {
            DemoProductKind::Digital
        } else {
            DemoProductKind::Physical
        },
        unit,
        attributes: attributes(&content.attributes, kind, slots),
        option_names,
        variants,
        dimensions: dimensions(&kind.size),
        status,
    }
}

/// Shop initials, category and running number: `GCP-BATPRI-0042`.
fn sku(shop: &DemoSeller, kind: &Kind, number: usize) -> String {
    let shop: String = shop
        .slug
        .split('-')
        .filter_map(|word| word.chars().next())
        .collect();
    let category: String = kind
        .category
        .split('-')
        .flat_map(|word| word.chars().take(3))
        .collect();
    format!("{shop}-{category}-{number:04}").to_uppercase()
}

fn attributes(
    definitions: &[DemoAttribute],
    kind: &Kind,
    slots: &Slots,
) -> Vec<(String, DemoValue)> {
    let mut values = Vec::new();
    for (code, template) in &kind.attributes {
        let definition = definitions.iter().find(|entry| entry.code == *code);
        let (Some(definition), Some(text)) = (definition, fill_inside(template, slots)) else {
            continue;
        };
        let value = match &definition.kind {
            DemoAttributeKind::Text => Some(DemoValue::Text(capitalised(&text))),
            DemoAttributeKind::Choice(_) => Some(DemoValue::Choice(text)),
            DemoAttributeKind::Number(_) => {
                text.replace(',', ".").parse().ok().map(DemoValue::Number)
            }
            DemoAttributeKind::Flag => Some(DemoValue::Flag(text == "Ya")),
        };
        values.extend(value.map(|value| (code.clone(), value)));
    }
    values
}

/// The opening, some of the details in their order, and often a closing.
fn description(random: &mut Random, kind: &Kind, slots: &Slots) -> String {
    let sentences = kind
        .text
        .iter()
        .filter_map(|text| choose(random, text, slots));
    let sentences: Vec<String> = sentences.collect();
    let (opening, details) = sentences
        .split_first()
        .expect("every kind has text, tested");
    let count = 1 + random.below(details.len().clamp(1, 3));
    let mut parts = vec![opening.clone()];
    parts.extend(random.some_of(details, count));
    let closing = choose(random, &kind.closing, slots);
    if parts.len() < 3 || random.percent(65) {
        parts.extend(closing);
    }
    parts.join(" ")
}

fn unit(text: &str) -> DemoUnit {
    match text {
        "kg" => DemoUnit::Kilogram,
        "ikat" => DemoUnit::Bunch,
        "pack" => DemoUnit::Pack,
        _ => DemoUnit::Piece,
    }
}

/// Reads centimetres such as `30 x 22.5 x 4`.
fn dimensions(text: &str) -> Option<DemoDimensions> {
    let millimetres: Vec<u32> = text
        .split('x')
        .filter_map(|side| thousandths(side.trim()))
        .map(|side| side / 100)
        .collect();
    match millimetres[..] {
        [length_mm, width_mm, height_mm] => Some(DemoDimensions {
            length_mm,
            width_mm,
            height_mm,
        }),
        _ => None,
    }
}
