//! Variants of a product: options, SKUs, prices, weights and stock.

use super::content::Kind;
use super::plan::{DemoUnit, DemoVariant};
use super::price::{Ending, thousandths, times};
use super::random::Random;
use super::template::{Slots, alternatives, fill};

/// A value of an option with its effect on price and weight, in thousandths.
#[derive(Debug, Clone)]
struct Choice {
    label: String,
    price: u32,
    weight: u32,
}

/// What all variants of a product share.
pub(super) struct Basis<'a> {
    pub(super) kind: &'a Kind,
    pub(super) slots: &'a Slots,
    /// Start of every SKU, unique per product.
    pub(super) sku: String,
    pub(super) price: i64,
    pub(super) weight: u32,
    pub(super) unit: DemoUnit,
    pub(super) warehouses: usize,
}

/// Option names and the variants that differ in them.
pub(super) fn variants(random: &mut Random, basis: &Basis<'_>) -> (Vec<String>, Vec<DemoVariant>) {
    let mut names = Vec::new();
    let mut sets: Vec<Vec<Choice>> = vec![Vec::new()];
    for option in &basis.kind.options {
        let Some((name, choices)) = choices(random, option, basis.slots) else {
            continue;
        };
        names.push(name);
        let extend = |set: &Vec<Choice>| {
            let longer = |choice: &Choice| set.iter().cloned().chain([choice.clone()]).collect();
            choices.iter().map(longer).collect::<Vec<Vec<Choice>>>()
        };
        sets = sets.iter().flat_map(extend).collect();
    }
    let ending = Ending::choose(random);
    let former = if random.percent(24) {
        random.between(1_080, 1_480)
    } else {
        0
    };
    let variants = sets
        .iter()
        .map(|set| variant(random, basis, set, ending, former))
        .collect();
    (names, variants)
}

/// Reads `Name?3: value*1.2@1.1 | …`.
fn choices(random: &mut Random, option: &str, slots: &Slots) -> Option<(String, Vec<Choice>)> {
    let (head, values) = option.split_once(':')?;
    let (name, limit) = head.split_once('?').unwrap_or((head, ""));
    let mut choices: Vec<Choice> = alternatives(values)
        .into_iter()
        .filter_map(|value| choice(value, slots))
        .collect();
    if let Ok(limit) = limit.parse::<u32>() {
        let count = usize::try_from(random.between(2, limit)).ok()?;
        choices = random.some_of(&choices, count);
    }
    Some((name.trim().to_owned(), choices))
}

fn choice(value: &str, slots: &Slots) -> Option<Choice> {
    let (value, weight) = value.split_once('@').unwrap_or((value, "1"));
    let (label, price) = value.split_once('*').unwrap_or((value, "1"));
    Some(Choice {
        label: fill(label.trim(), slots)?,
        price: thousandths(price.trim())?,
        weight: thousandths(weight.trim())?,
    })
}

fn variant(
    random: &mut Random,
    basis: &Basis<'_>,
    set: &[Choice],
    ending: Ending,
    former: u32,
) -> DemoVariant {
    let mut price = basis.price;
    let mut weight = i64::from(basis.weight);
    let mut sku = basis.sku.clone();
    for choice in set {
        price = times(price, choice.price);
        weight = times(weight, choice.weight);
        sku.push('-');
        sku.push_str(&code(&choice.label));
    }
    let price = ending.apply(price);
    let compare_at = Some(ending.apply(times(price, former))).filter(|before| *before > price);
    DemoVariant {
        sku,
        options: set.iter().map(|choice| choice.label.clone()).collect(),
        price_rupiah: price,
        compare_at_rupiah: compare_at,
        weight_grams: u32::try_from(weight).unwrap_or(u32::MAX),
        stock: stock(random, basis, price),
    }
}

/// A label as part of a SKU: `Biru Dongker` is `BIRDON`, `250 g` is `250G`.
fn code(label: &str) -> String {
    let words = label.split(|letter: char| !letter.is_ascii_alphanumeric());
    let short = |word: &str| -> String {
        let length = if word.starts_with(|first: char| first.is_ascii_digit()) {
            5
        } else {
            3
        };
        word.chars().take(length).collect()
    };
    words.map(short).collect::<String>().to_uppercase()
}

fn stock(random: &mut Random, basis: &Basis<'_>, price: i64) -> Vec<(usize, u32)> {
    if basis.kind.is_digital() {
        return vec![(0, random.between(150, 2_500))];
    }
    let plenty = match (basis.unit, price) {
        (DemoUnit::Kilogram | DemoUnit::Bunch, _) => 160,
        (_, ..50_000) => 280,
        (_, 50_000..300_000) => 110,
        (_, 300_000..2_000_000) => 42,
        _ => 14,
    };
    let total = match random.between(0, 99) {
        0..=5 => 0,
        6..=16 => random.between(1, 5),
        _ => random.between(6, plenty),
    };
    let mut rest = total;
    let mut stock = Vec::new();
    for warehouse in (1..basis.warehouses).rev() {
        let quantity = if random.percent(70) {
            random.between(0, rest / 2)
        } else {
            0
        };
        if quantity > 0 {
            stock.push((warehouse, quantity));
        }
        rest -= quantity;
    }
    stock.push((0, rest));
    stock.reverse();
    stock
}
