//! What must hold for every demo marketplace.

mod content;

use std::collections::{HashMap, HashSet};

use super::plan::{DemoAttributeKind, DemoValue};
use super::random::Random;
use super::{DEMO_PASSWORD, DemoPlan, DemoProductKind, DemoSize, DemoStatus, DemoUnit, demo};

fn full() -> DemoPlan {
    demo(1, &DemoSize::full())
}

/// All different?
fn unique<T: std::hash::Hash + Eq>(items: impl IntoIterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    items.into_iter().all(|item| seen.insert(item))
}

#[test]
fn the_full_shop_has_the_promised_size() {
    let plan = full();
    assert!(plan.sellers.len() >= 50, "{} sellers", plan.sellers.len());
    assert_eq!(plan.products.len(), DemoSize::full().products);
    assert_eq!(plan.reviews.len(), DemoSize::full().reviews);
    assert_eq!(plan.buyers.len(), DemoSize::full().buyers);
    assert!(plan.categories.len() >= 100);
    assert!(
        plan.categories
            .iter()
            .any(|category| category.slug == "kopi")
    );
    for (index, seller) in plan.sellers.iter().enumerate() {
        let sold = plan
            .products
            .iter()
            .filter(|product| product.seller == index)
            .count();
        assert!(sold >= 3, "{} sells {sold}", seller.shop_name);
        assert!((1..=3).contains(&seller.warehouses.len()));
    }
}

#[test]
fn the_small_shop_has_its_size_too() {
    let size = DemoSize::small();
    let plan = demo(7, &size);
    let made = (
        plan.sellers.len(),
        plan.products.len(),
        plan.reviews.len(),
        plan.buyers.len(),
    );
    assert_eq!(
        made,
        (size.sellers, size.products, size.reviews, size.buyers)
    );
    assert!(
        plan.products
            .iter()
            .any(|product| product.kind == DemoProductKind::Digital)
    );
    assert!(
        plan.products
            .iter()
            .any(|product| product.unit == DemoUnit::Kilogram)
    );
}

#[test]
fn the_same_seed_gives_the_same_shop() {
    let small = DemoSize::small();
    assert_eq!(demo(3, &small), demo(3, &small));
    assert_ne!(demo(3, &small).products, demo(4, &small).products);
}

/// Fixed numbers, because a demo shop must be the same on every machine and after every update.
#[test]
fn the_random_numbers_are_fixed() {
    let mut random = Random::new(1, "demo", 0);
    let numbers: Vec<u32> = (0..6).map(|_| random.between(0, 999)).collect();
    assert_eq!(numbers, [916, 283, 659, 469, 92, 265]);
}

#[test]
fn the_documented_logins_exist() {
    let plan = demo(1, &DemoSize::small());
    assert_eq!(plan.buyers[0].email, "siti@pasar.example");
    assert_eq!(plan.sellers[0].owner.email, "budi@pasar.example");
    assert_eq!(plan.admin.email, "admin@pasar.example");
    let has = |test: fn(char) -> bool| DEMO_PASSWORD.chars().any(test);
    assert!(DEMO_PASSWORD.len() >= 8);
    assert!(has(char::is_uppercase) && has(char::is_lowercase) && has(char::is_numeric));
    assert!(has(|letter| letter.is_ascii_punctuation()));
}

#[test]
fn names_that_must_be_unique_are() {
    let plan = full();
    let people = plan
        .buyers
        .iter()
        .chain(plan.sellers.iter().map(|seller| &seller.owner));
    let people: Vec<_> = people.chain([&plan.admin]).collect();
    assert!(unique(people.iter().map(|person| &person.email)));
    assert!(
        people
            .iter()
            .all(|person| person.email.ends_with(".example"))
    );
    assert!(unique(plan.sellers.iter().map(|seller| &seller.slug)));
    assert!(unique(
        plan.sellers
            .iter()
            .flat_map(|seller| &seller.warehouses)
            .map(|w| &w.code)
    ));
    assert!(unique(
        plan.categories.iter().map(|category| &category.slug)
    ));
    assert!(unique(
        plan.attributes.iter().map(|attribute| &attribute.code)
    ));
    assert!(unique(plan.products.iter().map(|product| &product.slug)));
    assert!(unique(
        plan.products
            .iter()
            .map(|product| (product.seller, &product.name))
    ));
    assert!(unique(
        plan.products
            .iter()
            .flat_map(|product| &product.variants)
            .map(|v| &v.sku)
    ));
    assert!(unique(
        plan.reviews
            .iter()
            .map(|review| (review.product, review.buyer))
    ));
    let long = plan.reviews.iter().filter(|review| review.body.len() > 40);
    assert!(unique(long.map(|review| (review.product, &review.body))));
}

/// The rules of the subgraphs, and no trace of the templates.
#[test]
fn every_text_fits_and_is_finished() {
    let plan = full();
    let is_slug = |slug: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (3..=80).contains(&slug.len()) && slug.bytes().all(plain) && !slug.contains("--")
    };
    for product in &plan.products {
        let name = &product.name;
        assert!(is_slug(&product.slug), "{}", product.slug);
        assert!((8..=120).contains(&name.chars().count()), "{name}");
        assert!(
            (60..=800).contains(&product.description.chars().count()),
            "{name}"
        );
        let sentences = product.description.matches(". ").count() + 1;
        assert!(
            (2..=9).contains(&sentences),
            "{name}: {}",
            product.description
        );
        finished(name);
        finished(&product.description);
        for variant in &product.variants {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(
                variant.sku.len() <= 40 && variant.sku.bytes().all(fits),
                "{}",
                variant.sku
            );
            variant.options.iter().for_each(|option| finished(option));
        }
    }
    for review in &plan.reviews {
        assert!(
            (2..=500).contains(&review.body.chars().count()),
            "{}",
            review.body
        );
        finished(&review.body);
        review
            .title
            .iter()
            .chain(&review.response)
            .for_each(|text| finished(text));
    }
    for seller in &plan.sellers {
        assert!(
            is_slug(&seller.slug) && seller.slug.len() <= 60,
            "{}",
            seller.slug
        );
        assert!(
            (60..=1_000).contains(&seller.description.len()),
            "{}",
            seller.shop_name
        );
    }
}

fn finished(text: &str) {
    assert!(!text.is_empty() && text.trim() == text, "{text:?}");
    for mark in ["{", "}", "|", "  ", " .", "..,", "~", "*", "@"] {
        assert!(!text.contains(mark), "{text:?} contains {mark:?}");
    }
}

#[test]
fn prices_and_stock_make_sense() {
    let plan = full();
    let top = top_categories(&plan);
    let variants = plan.products.iter().flat_map(|product| {
        product
            .variants
            .iter()
            .map(move |variant| (product, variant))
    });
    let (mut out, mut low, mut all) = (0, 0, 0);
    for (product, variant) in variants {
        let limits = match top[product.category_slug.as_str()] {
            "handphone" | "komputer" => 9_000..=30_000_000,
            "rumah-tangga" | "elektronik" | "kerajinan" => 9_000..=12_000_000,
            "sayur-buah" => 3_000..=200_000,
            "makanan-minuman" => 7_000..=900_000,
            "buku" | "kecantikan" => 7_000..=400_000,
            _ => 9_000..=7_500_000,
        };
        let price = variant.price_rupiah;
        assert!(limits.contains(&price), "{} costs {price}", product.name);
        assert_eq!(price % 100, 0, "{} costs {price}", product.name);
        assert!(
            variant
                .compare_at_rupiah
                .is_none_or(|before| before > price)
        );
        let digital = product.kind == DemoProductKind::Digital;
        assert_eq!(digital, variant.weight_grams == 0, "{}", product.name);
        assert_eq!(digital, product.dimensions.is_none(), "{}", product.name);
        let warehouses = plan.sellers[product.seller].warehouses.len();
        assert!(
            variant
                .stock
                .iter()
                .all(|(warehouse, _)| *warehouse < warehouses)
        );
        assert!(unique(variant.stock.iter().map(|(warehouse, _)| warehouse)));
        let total: u32 = variant.stock.iter().map(|(_, quantity)| quantity).sum();
        all += 1;
        out += u32::from(total == 0);
        low += u32::from((1..=5).contains(&total));
    }
    assert!(
        out * 100 > all * 3 && low * 100 > all * 6,
        "{out} out of stock, {low} low of {all}"
    );
    let of = |status| {
        plan.products
            .iter()
            .filter(|product| product.status == status)
            .count()
    };
    assert!(of(DemoStatus::Draft) > 20 && of(DemoStatus::Archived) > 20);
    assert!(of(DemoStatus::Active) > 1_950);
}

/// The top category of every leaf.
fn top_categories(plan: &DemoPlan) -> HashMap<&str, &str> {
    let mut top = HashMap::new();
    for category in &plan.categories {
        let slug = category.slug.as_str();
        let above = category
            .parent_slug
            .as_deref()
            .map_or(slug, |parent| top[parent]);
        top.insert(slug, above);
    }
    top
}

#[test]
fn attributes_are_those_of_the_category() {
    let plan = full();
    let mut allowed: HashMap<&str, Vec<&str>> = HashMap::new();
    for category in &plan.categories {
        let parent = category.parent_slug.as_deref();
        let mut codes = parent
            .map(|parent| allowed[parent].clone())
            .unwrap_or_default();
        codes.extend(category.attributes.iter().map(String::as_str));
        assert!(
            unique(&codes),
            "{} has an attribute twice: {codes:?}",
            category.slug
        );
        allowed.insert(&category.slug, codes);
    }
    let kinds: HashMap<_, _> = plan
        .attributes
        .iter()
        .map(|a| (a.code.as_str(), &a.kind))
        .collect();
    for product in &plan.products {
        for (code, value) in &product.attributes {
            let codes = &allowed[product.category_slug.as_str()];
            assert!(
                codes.contains(&code.as_str()),
                "{} has {code}",
                product.category_slug
            );
            let fits = match (kinds[code.as_str()], value) {
                (DemoAttributeKind::Text, DemoValue::Text(text)) => text.chars().count() <= 80,
                (DemoAttributeKind::Choice(choices), DemoValue::Choice(text)) => {
                    choices.contains(text)
                }
                (DemoAttributeKind::Number(_), DemoValue::Number(number)) => *number > 0.0,
                (DemoAttributeKind::Flag, DemoValue::Flag(_)) => true,
                _ => false,
            };
            assert!(fits, "{}: {code} = {value:?}", product.name);
        }
    }
}

/// What is newest is shown first: it must not be all of one shop or one product.
#[test]
fn the_newest_are_of_many_shops_and_products() {
    let plan = full();
    let newest = plan.products.iter().rev().take(40);
    let shops: HashSet<_> = newest.map(|product| product.seller).collect();
    assert!(shops.len() > 15, "of {} shops", shops.len());
    let newest = plan.reviews.iter().rev().take(40);
    let products: HashSet<_> = newest.map(|review| review.product).collect();
    assert!(products.len() > 25, "of {} products", products.len());
}

#[test]
fn reviews_follow_quality() {
    let plan = full();
    let mut stars = [0_u32; 5];
    for review in &plan.reviews {
        let product = &plan.products[review.product];
        assert_eq!(product.status, DemoStatus::Active, "{}", product.name);
        assert!(!review.helpful_by.contains(&review.buyer) && unique(&review.helpful_by));
        stars[usize::from(review.rating) - 1] += 1;
    }
    let [one, two, three, four, five] = stars;
    let percent = |number: u32| number * 100 / stars.iter().sum::<u32>();
    assert!((60..80).contains(&percent(five)), "{stars:?}");
    assert!(percent(one + two) < 12, "{stars:?}");
    assert!(
        five > four && four > three && three > two && one > two,
        "not J-shaped: {stars:?}"
    );
    let responses = plan
        .reviews
        .iter()
        .filter(|review| review.response.is_some())
        .count();
    assert!((1_000..4_000).contains(&responses), "{responses} responses");
    assert!(
        plan.reviews
            .iter()
            .filter(|review| review.buyer == 0)
            .count()
            >= 3
    );
}
