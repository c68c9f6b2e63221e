//! The hand-written content below `crates/pasar/seed`, parsed. How each file is written is said at its top.

use serde::Deserialize;

use super::plan::{DemoAttribute, DemoAttributeKind, DemoCategory};
use super::template::{Slots, alternatives};

/// The files with kinds of products, one per top category.
const KIND_FILES: [&str; 16] = [
    include_str!("../../seed/products/fashion.toml"),
    include_str!("../../seed/products/elektronik.toml"),
    include_str!("../../seed/products/handphone.toml"),
    include_str!("../../seed/products/komputer.toml"),
    include_str!("../../seed/products/rumah-tangga.toml"),
    include_str!("../../seed/products/makanan-minuman.toml"),
    include_str!("../../seed/products/sayur-buah.toml"),
    include_str!("../../seed/products/kecantikan.toml"),
    include_str!("../../seed/products/ibu-bayi.toml"),
    include_str!("../../seed/products/olahraga.toml"),
    include_str!("../../seed/products/otomotif.toml"),
    include_str!("../../seed/products/buku.toml"),
    include_str!("../../seed/products/mainan.toml"),
    include_str!("../../seed/products/kesehatan.toml"),
    include_str!("../../seed/products/kerajinan.toml"),
    include_str!("../../seed/products/digital.toml"),
];

/// Everything the generator chooses from.
pub(super) struct Content {
    pub(super) attributes: Vec<DemoAttribute>,
    pub(super) categories: Vec<DemoCategory>,
    pub(super) kinds: Vec<Kind>,
    pub(super) sellers: Vec<Seller>,
    pub(super) cities: Vec<City>,
    pub(super) names: Vec<NameStyle>,
    pub(super) reviews: ReviewWords,
}

/// One kind of product: what its names, texts, variants and reviews are made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    /// Leaf category.
    pub(super) category: String,
    /// What buyers call it in a review; takes the suffix `-nya`, may contain slots.
    pub(super) noun: String,
    /// Templates of product names.
    pub(super) names: String,
    /// Lowest and highest price in rupiah of a variant without a price factor.
    #[serde(default)]
    pub(super) price: [u32; 2],
    /// Grams, packed.
    #[serde(default)]
    pub(super) weight: u32,
    /// Centimetres: length x width x height.
    #[serde(default)]
    pub(super) size: String,
    /// Share of the products.
    #[serde(default = "usual_share")]
    pub(super) share: u32,
    /// `piece`, `kg`, `ikat`, `pack`.
    #[serde(default)]
    pub(super) unit: String,
    /// Cities whose shops sell it, when they exist.
    #[serde(default)]
    pub(super) origin: String,
    /// Cities whose shops do not sell it.
    #[serde(default)]
    pub(super) except: String,
    /// The slot that says where a product is from: specialists sell only what they know.
    #[serde(default)]
    pub(super) local: String,
    /// `Name: value*price factor@weight factor | …`; `Name?3:` takes up to three of the values.
    #[serde(default)]
    pub(super) options: Vec<String>,
    /// Names of the columns of `rows`; `harga` and `berat` set price and weight.
    #[serde(default)]
    pub(super) columns: String,
    /// Slot values that belong together, one set per line; an empty cell leaves its slot without a value.
    #[serde(default)]
    pub(super) rows: String,
    /// Slot values that are chosen independently.
    #[serde(default)]
    pub(super) slots: Slots,
    /// Attribute values, which may contain slots.
    #[serde(default)]
    pub(super) attributes: Slots,
    /// One description sentence each; the first always comes first.
    pub(super) text: Vec<String>,
    /// What pleases its buyers.
    #[serde(default)]
    pub(super) good: String,
    /// What annoys them.
    #[serde(default)]
    pub(super) bad: String,
    /// Flavour of its reviews; the file's default when empty.
    #[serde(default)]
    pub(super) review: String,
    /// Last sentences of descriptions; the file's default when empty.
    #[serde(default)]
    pub(super) closing: String,
}

fn usual_share() -> u32 {
    10
}

impl Kind {
    /// Digital goods have no weight.
    pub(super) fn is_digital(&self) -> bool {
        self.weight == 0 && !self.columns.contains("berat")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    review: String,
    closing: String,
    #[serde(default)]
    slots: Slots,
    kind: Vec<Kind>,
}

/// A shop as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seller {
    pub(super) name: String,
    pub(super) city: String,
    pub(super) about: String,
    /// Category slugs of any level.
    pub(super) sells: String,
    /// Regions a specialist sells from; a shop without any sells from everywhere.
    #[serde(default)]
    pub(super) knows: String,
    /// Further cities with a warehouse.
    #[serde(default)]
    pub(super) warehouses: String,
    /// 1 (careless) to 5 (excellent).
    pub(super) care: u32,
    /// Price level in percent.
    #[serde(default = "usual_level")]
    pub(super) level: u32,
    /// Name style of the owner.
    pub(super) owner: String,
}

fn usual_level() -> u32 {
    100
}

#[derive(Deserialize)]
struct SellerFile {
    seller: Vec<Seller>,
}

/// A city and how many buyers live there.
#[derive(Debug, Clone)]
pub(super) struct City {
    pub(super) name: String,
    pub(super) province: String,
    pub(super) code: String,
    pub(super) share: u32,
    /// Name styles of the people.
    pub(super) styles: Vec<String>,
}

/// How people of one group are named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameStyle {
    pub(super) slug: String,
    pub(super) male: String,
    pub(super) female: String,
    /// Family names or second names.
    pub(super) last_male: String,
    /// `last_male` when empty.
    #[serde(default)]
    pub(super) last_female: String,
    /// How many in a hundred have a single name.
    #[serde(default)]
    pub(super) single: u32,
}

#[derive(Deserialize)]
struct NameFile {
    style: Vec<NameStyle>,
}

/// What reviews are made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewWords {
    /// Lists by rating: `one` to `five`.
    pub(super) titles: Slots,
    pub(super) shorts: Slots,
    pub(super) openings: Slots,
    pub(super) closings: Slots,
    pub(super) responses: Slots,
    /// Words that hurried writers shorten.
    pub(super) casual: Slots,
    pub(super) delivery: Vec<Delivery>,
    pub(super) flavour: Vec<Flavour>,
}

/// Comments on how an order arrives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    pub(super) slug: String,
    /// Empty slots that only texts about such deliveries may use.
    #[serde(default)]
    pub(super) marks: String,
    pub(super) good: String,
    pub(super) bad: String,
}

/// Comments on a group of products.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flavour {
    pub(super) slug: String,
    /// Slug of the delivery comments.
    pub(super) delivery: String,
    pub(super) good: String,
    /// Small reservations, for three and four stars.
    pub(super) fair: String,
    pub(super) bad: String,
}

/// The content; it is part of the binary, so a mistake in it is found by the tests.
pub(super) fn load() -> Content {
    let sellers: SellerFile = toml::from_str(include_str!("../../seed/sellers.toml"))
        .expect("sellers.toml is embedded and parsed by the tests");
    let names: NameFile = toml::from_str(include_str!("../../seed/names.toml"))
        .expect("names.toml is embedded and parsed by the tests");
    let reviews: ReviewWords = toml::from_str(include_str!("../../seed/reviews.toml"))
        .expect("reviews.toml is embedded and parsed by the tests");
    Content {
        attributes: lines(include_str!("../../seed/attributes.txt"))
            .map(attribute)
            .collect(),
        categories: categories(include_str!("../../seed/categories.txt")),
        kinds: KIND_FILES.iter().flat_map(|file| kinds(file)).collect(),
        sellers: sellers.seller,
        cities: lines(include_str!("../../seed/cities.txt"))
            .map(city)
            .collect(),
        names: names.style,
        reviews,
    }
}

fn kinds(file: &str) -> Vec<Kind> {
    let file: KindFile = toml::from_str(file)
        .unwrap_or_else(|error| unreachable!("embedded and parsed by the tests: {error}"));
    let mut kinds = file.kind;
    for kind in &mut kinds {
        for (slot, values) in &file.slots {
            kind.slots
                .entry(slot.clone())
                .or_insert_with(|| values.clone());
        }
        if kind.review.is_empty() {
            kind.review.clone_from(&file.review);
        }
        if kind.closing.is_empty() {
            kind.closing.clone_from(&file.closing);
        }
    }
    kinds
}

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// The cells of a line separated by `|`, empty ones included.
fn cells(line: &str) -> Vec<String> {
    line.split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn attribute(line: &str) -> DemoAttribute {
    let cells = cells(line);
    let (name, rest) = cells[2].split_once(' ').unwrap_or((&cells[2], ""));
    let kind = match name {
        "flag" => DemoAttributeKind::Flag,
        "number" => DemoAttributeKind::Number(rest.to_owned()),
        "choice" => DemoAttributeKind::Choice(
            rest.split(',')
                .map(|value| value.trim().to_owned())
                .collect(),
        ),
        _ => DemoAttributeKind::Text,
    };
    DemoAttribute {
        code: cells[0].clone(),
        name: cells[1].clone(),
        kind,
    }
}

fn categories(file: &'static str) -> Vec<DemoCategory> {
    let mut path: Vec<String> = Vec::new();
    let mut categories = Vec::new();
    for line in lines(file) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let cells = cells(line);
        path.truncate(depth);
        categories.push(DemoCategory {
            slug: cells[0].clone(),
            name_id: cells[1].clone(),
            name_en: cells[2].clone(),
            parent_slug: path.last().cloned(),
            attributes: list(&cells[3]),
        });
        path.push(cells[0].clone());
    }
    categories
}

fn list(cell: &str) -> Vec<String> {
    cell.split(',')
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty())
        .collect()
}

fn city(line: &str) -> City {
    let cells = cells(line);
    City {
        name: cells[0].clone(),
        province: cells[1].clone(),
        code: cells[2].clone(),
        share: cells[3].parse().unwrap_or(1),
        styles: list(&cells[4]),
    }
}

/// Slot values that belong together: one set per line of `rows`.
pub(super) fn rows(kind: &Kind) -> Vec<Slots> {
    let columns = alternatives(&kind.columns);
    let set = |line: &str| {
        let names = columns.iter().map(|column| (*column).to_owned());
        names
            .zip(cells(line))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    };
    kind.rows
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(set)
        .collect()
}
