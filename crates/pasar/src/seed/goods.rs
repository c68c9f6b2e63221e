//! Products: which shop sells what, under which name, described how.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::content::{Content, Kind, rows};
use super::listing::{Draft, listing};
use super::plan::{DemoProduct, DemoSeller, DemoStatus};
use super::random::Random;
use super::template::{Slots, alternatives, choose, fill_inside, slug};

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
    Random::new(seed, "order of products", 0).shuffle(&mut made);
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
            let mut slots = picked(&mut random, kind, &offer.rows, number + attempt);
            let Some(seller) = self.seller(&mut random, offer, &slots) else {
                continue;
            };
            self.complete(&mut slots, kind, seller);
            let Some(name) = self.name(&mut random, kind, &slots, (seller, attempt)) else {
                continue;
            };
            self.per_seller[seller] += 1;
            let draft = Draft {
                content: self.content,
                shop: &self.sellers[seller],
                seller,
                kind,
                slots: &slots,
                number: self.made.len() + 1,
                slug: self.slug(&name, seller),
                name,
            };
            let product = listing(&mut random, draft);
            let story = self.story(&mut random, (offer.kind, seller), slots, product.status);
            self.made.push((product, story));
            return;
        }
    }

    /// A shop that sells such a thing: mostly one that knows the region, and of two the one with fewer products.
    fn seller(&self, random: &mut Random, offer: &Offer, slots: &Slots) -> Option<usize> {
        let kind = &self.content.kinds[offer.kind];
        let mut candidates = offer.sellers.clone();
        if let Some(place) = slots.get(&kind.local) {
            let known = |seller: &usize| alternatives(&self.content.sellers[*seller].knows);
            let knows = |seller: &usize| known(seller).contains(&place.as_str());
            let locals: Vec<usize> = candidates.iter().copied().filter(knows).collect();
            candidates.retain(|seller| known(seller).is_empty());
            if candidates.is_empty() || (!locals.is_empty() && random.percent(75)) {
                candidates = locals;
            }
        }
        if candidates.is_empty() {
            return None;
        }
        let (one, other) = (*random.pick(&candidates), *random.pick(&candidates));
        let fewer = self.per_seller[other] < self.per_seller[one];
        Some(if fewer { other } else { one })
    }

    /// Adds the slots that depend on the shop.
    fn complete(&self, slots: &mut Slots, kind: &Kind, seller: usize) {
        slots.insert("kota".to_owned(), self.sellers[seller].city.clone());
        slots.insert("toko".to_owned(), self.sellers[seller].shop_name.clone());
        let noun = fill_inside(&kind.noun, slots).unwrap_or_else(|| kind.noun.clone());
        slots.insert("barang".to_owned(), noun);
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

/// One value per slot and one of the rows.
fn picked(random: &mut Random, kind: &Kind, rows: &[Slots], number: usize) -> Slots {
    let mut slots = BTreeMap::new();
    for (slot, values) in &kind.slots {
        slots.insert(
            slot.clone(),
            (*random.pick(&alternatives(values))).to_owned(),
        );
    }
    if !rows.is_empty() {
        slots.extend(rows[number % rows.len()].clone());
    }
    slots
}
