//! Products: which shop sells what, under which name, described how.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::content::{Content, Kind, rows};
use super::plan::{
    DemoAttributeKind, DemoDimensions, DemoProduct, DemoProductKind, DemoSeller, DemoStatus,
    DemoUnit, DemoValue,
};
use super::price::{base, thousandths, times};
use super::random::Random;
use super::template::{Slots, alternatives, choose, fill, fill_inside, slug};
use super::variants::{Basis, variants};

/// Products and what reviews need to know about each.
pub(super) struct Goods {
    pub(super) products: Vec<DemoProduct>,
    pub(super) stories: Vec<Story>,
}

/// Facts behind a product that it does not show.
pub(super) struct Story {
    /// Index into the kinds of the content.
    pub(super) kind: usize,
    pub(super) slots: Slots,
    /// 0 to 100: what buyers think of it.
    pub(super) quality: u32,
    /// Share of the reviews.
    pub(super) popularity: u32,
}

/// Who could sell a kind.
struct Offer {
    kind: usize,
    sellers: Vec<usize>,
    rows: Vec<Slots>,
}

struct Maker<'a> {
    seed: u64,
    content: &'a Content,
    sellers: &'a [DemoSeller],
    names: HashSet<String>,
    slugs: HashSet<String>,
    per_seller: Vec<u32>,
    made: Vec<(DemoProduct, Story)>,
}

/// `count` products, oldest first.
pub(super) fn goods(seed: u64, count: usize, content: &Content, sellers: &[DemoSeller]) -> Goods {
    let offers = offers(content, sellers);
    let mut maker = Maker {
        seed,
        content,
        sellers,
        names: HashSet::new(),
        slugs: HashSet::new(),
        per_seller: vec![0; sellers.len()],
        made: Vec::with_capacity(count),
    };
    for (offer, number) in shares(content, &offers, count) {
        maker.product(&offers[offer], number);
    }
    // A kind may run out of names; the others then fill the gap.
    for number in 1_000..1_050 {
        for offer in &offers {
            if maker.made.len() < count {
                maker.product(offer, number);
            }
        }
    }
    let mut made = maker.made;
    made.sort_by_key(|(product, _)| std::cmp::Reverse(product.days_ago));
    let (products, stories) = made.into_iter().unzip();
    Goods { products, stories }
}

/// Kinds that at least one shop sells; where a kind belongs to some cities, their shops come first.
fn offers(content: &Content, sellers: &[DemoSeller]) -> Vec<Offer> {
    let parents: HashMap<&str, Option<&str>> = content
        .categories
        .iter()
        .map(|category| (category.slug.as_str(), category.parent_slug.as_deref()))
        .collect();
    let within = |leaf: &str, sold: &[&str]| {
        let mut category = Some(leaf);
        while let Some(slug) = category {
            if sold.contains(&slug) {
                return true;
            }
            category = parents.get(slug).copied().flatten();
        }
        false
    };
    let mut offers = Vec::new();
    for (index, kind) in content.kinds.iter().enumerate() {
        let sells = |seller: &usize| {
            within(
                &kind.category,
                &alternatives(&content.sellers[*seller].sells),
            )
        };
        let (origin, except) = (alternatives(&kind.origin), alternatives(&kind.except));
        let in_one_of =
            |cities: &[&str], seller: usize| cities.contains(&sellers[seller].city.as_str());
        let all: Vec<usize> = (0..sellers.len())
            .filter(sells)
            .filter(|seller| !in_one_of(&except, *seller))
            .collect();
        let local = |seller: &usize| in_one_of(&origin, *seller);
        let locals: Vec<usize> = all.iter().copied().filter(local).collect();
        let sellers = if locals.is_empty() { all } else { locals };
        if !sellers.is_empty() {
            offers.push(Offer {
                kind: index,
                sellers,
                rows: rows(kind),
            });
        }
    }
    offers
}

/// How often each offer comes, by its share: pairs of offer and running number.
fn shares(content: &Content, offers: &[Offer], count: usize) -> Vec<(usize, usize)> {
    let share = |offer: &Offer| u64::from(content.kinds[offer.kind].share);
    let total: u64 = offers.iter().map(share).sum::<u64>().max(1);
    let (mut sum, mut before) = (0, 0);
    let mut shares = Vec::with_capacity(count);
    for (index, offer) in offers.iter().enumerate() {
        sum += share(offer);
        let until = usize::try_from(sum * count as u64 / total).unwrap_or(count);
        shares.extend(
            (before..until)
                .enumerate()
                .map(|(number, _)| (index, number)),
        );
        before = until;
    }
    shares
}

impl Maker<'_> {
    /// Adds one product, unless no unused name can be found.
    fn product(&mut self, offer: &Offer, number: usize) {
        let kind = &self.content.kinds[offer.kind];
        let mut random = Random::new(
            self.seed,
            &format!("{}{}", kind.category, kind.names),
            number,
        );
        for attempt in 0..40 {
            let seller = self.seller(&mut random, offer);
            let slots = self.slots(&mut random, offer, number + attempt, seller);
            if !self.knows(kind, &slots, seller) {
                continue;
            }
            let Some(name) = self.name(&mut random, kind, &slots, (seller, attempt)) else {
                continue;
            };
            self.per_seller[seller] += 1;
            let days_ago = random.between(14, self.sellers[seller].days_ago - 7);
            let slug = self.slug(&name, seller);
            let product = self.listing(&mut random, kind, &slots, (seller, name, slug, days_ago));
            let story = self.story(&mut random, (offer.kind, seller), slots, product.status);
            self.made.push((product, story));
            return;
        }
    }

    /// Of two candidates the one with fewer products.
    fn seller(&self, random: &mut Random, offer: &Offer) -> usize {
        let (one, other) = (*random.pick(&offer.sellers), *random.pick(&offer.sellers));
        if self.per_seller[other] < self.per_seller[one] {
            other
        } else {
            one
        }
    }

    /// A specialist offers nothing from elsewhere.
    fn knows(&self, kind: &Kind, slots: &Slots, seller: usize) -> bool {
        let known = alternatives(&self.content.sellers[seller].knows);
        match slots.get(&kind.local) {
            Some(place) => known.is_empty() || known.contains(&place.as_str()),
            None => true,
        }
    }

    fn slots(&self, random: &mut Random, offer: &Offer, number: usize, seller: usize) -> Slots {
        let kind = &self.content.kinds[offer.kind];
        let mut slots = BTreeMap::new();
        for (slot, values) in &kind.slots {
            slots.insert(slot.clone(), random.pick(&alternatives(values)).to_string());
        }
        if !offer.rows.is_empty() {
            slots.extend(offer.rows[number % offer.rows.len()].clone());
        }
        slots.insert("kota".to_owned(), self.sellers[seller].city.clone());
        slots.insert("toko".to_owned(), self.sellers[seller].shop_name.clone());
        let noun = fill_inside(&kind.noun, &slots).unwrap_or_else(|| kind.noun.clone());
        slots.insert("barang".to_owned(), noun);
        slots
    }

    /// A name nobody uses; after some attempts one that this shop does not use.
    fn name(
        &mut self,
        random: &mut Random,
        kind: &Kind,
        slots: &Slots,
        (seller, attempt): (usize, usize),
    ) -> Option<String> {
        let name = choose(random, &kind.names, slots)?;
        let own = format!("{seller} {name}");
        if (attempt < 16 && self.names.contains(&name)) || !self.names.insert(own) {
            return None;
        }
        self.names.insert(name.clone());
        Some(name)
    }

    fn slug(&mut self, name: &str, seller: usize) -> String {
        let plain = slug(name);
        if self.slugs.insert(plain.clone()) {
            return plain;
        }
        let with_shop = format!("{plain}-{}", self.sellers[seller].slug);
        self.slugs.insert(with_shop.clone());
        with_shop
    }

    fn listing(
        &self,
        random: &mut Random,
        kind: &Kind,
        slots: &Slots,
        (seller, name, slug, days_ago): (usize, String, String, u32),
    ) -> DemoProduct {
        let amount = slots
            .get("harga")
            .and_then(|price| price.parse::<i64>().ok());
        let price = match amount {
            Some(price) => times(price, random.between(940, 1_070)),
            None => base(random, kind.price),
        };
        let weight = slots.get("berat").and_then(|weight| weight.parse().ok());
        let unit = unit(&kind.unit);
        let basis = Basis {
            kind,
            slots,
            sku: self.sku(kind, seller),
            price: price * i64::from(self.content.sellers[seller].level) / 100,
            weight: weight.unwrap_or(kind.weight),
            unit,
            warehouses: self.sellers[seller].warehouses.len(),
        };
        let (option_names, variants) = variants(random, &basis);
        let status = match random.between(0, 99) {
            0..=2 => DemoStatus::Draft,
            3..=5 => DemoStatus::Archived,
            _ => DemoStatus::Active,
        };
        DemoProduct {
            seller,
            category_slug: kind.category.clone(),
            name,
            slug,
            description: description(random, kind, slots),
            kind: if kind.is_digital() {
                DemoProductKind::Digital
            } else {
                DemoProductKind::Physical
            },
            unit,
            attributes: self.attributes(kind, slots),
            option_names,
            variants,
            dimensions: dimensions(&kind.size),
            status,
            days_ago,
        }
    }

    /// Shop initials, category and running number: `GCP-BATPRI-0042`.
    fn sku(&self, kind: &Kind, seller: usize) -> String {
        let shop: String = self.sellers[seller]
            .slug
            .split('-')
            .filter_map(|word| word.chars().next())
            .collect();
        let category: String = kind
            .category
            .split('-')
            .flat_map(|word| word.chars().take(3))
            .collect();
        format!("{shop}-{category}-{:04}", self.made.len() + 1).to_uppercase()
    }

    fn attributes(&self, kind: &Kind, slots: &Slots) -> Vec<(String, DemoValue)> {
        let mut values = Vec::new();
        for (code, template) in &kind.attributes {
            let definition = self
                .content
                .attributes
                .iter()
                .find(|entry| entry.code == *code);
            let (Some(definition), Some(text)) = (definition, fill(template, slots)) else {
                continue;
            };
            let value = match &definition.kind {
                DemoAttributeKind::Text => Some(DemoValue::Text(text)),
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

    fn story(
        &self,
        random: &mut Random,
        (kind, seller): (usize, usize),
        slots: Slots,
        status: DemoStatus,
    ) -> Story {
        let care = self.content.sellers[seller].care;
        let popularity = match (status, random.between(0, 99)) {
            (DemoStatus::Draft | DemoStatus::Archived, _) | (_, 0..=11) => 0,
            (_, 12..=60) => random.between(1, 4),
            (_, 61..=91) => random.between(5, 13),
            _ => random.between(18, 46),
        };
        let quality = (care * 14 + random.between(0, 42)).clamp(15, 105) - 5;
        Story {
            kind,
            slots,
            quality,
            popularity,
        }
    }
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
