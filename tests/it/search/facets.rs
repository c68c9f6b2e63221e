use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use search::domain::PRICE_BUCKETS;
use serde_json::{Value, json};

use super::world::{
    ELEKTRONIK, FASHION, Goods, HANDPHONE, LAPTOP, SAYUR, SEPATU, category_id, deliver, find, life,
    open, shelf,
};

const FACETS: &str = "totalCount totalCountPrecision facets { precision inStockCount
    categories { category { id } count } prices { min below count } ratings { stars count }
    locations { city province count } }";

/// A choice of filters.
#[derive(Debug, Clone, Default)]
struct Choice {
    category: Option<u32>,
    price: Option<(i64, i64)>,
    rating: Option<i32>,
    city: Option<&'static str>,
    in_stock: bool,
}

fn path(category: u32) -> Vec<u32> {
    match category {
        HANDPHONE | LAPTOP => vec![ELEKTRONIK, category],
        SEPATU => vec![FASHION, category],
        other => vec![other],
    }
}

fn place(seller: u32) -> (&'static str, &'static str) {
    match seller {
        1 => ("Kota Bandung", "Jawa Barat"),
        2 => ("Kota Pekalongan", "Jawa Tengah"),
        _ => ("Kota Solo", "Jawa Tengah"),
    }
}

/// Whether `goods` meet the five filters, in the order category, price, rating, place, stock.
fn meets(choice: &Choice, goods: &Goods) -> [bool; 5] {
    [
        choice
            .category
            .is_none_or(|category| path(goods.category).contains(&category)),
        choice
            .price
            .is_none_or(|(min, max)| (min..=max).contains(&goods.price)),
        choice
            .rating
            .is_none_or(|stars| goods.rating.1 > 0 && goods.rating.0 >= stars * 100),
        choice.city.is_none_or(|city| place(goods.seller).0 == city),
        !choice.in_stock || goods.stock > 0,
    ]
}

/// The answer by counting one by one.
fn model(choice: &Choice, shelf: &[Goods]) -> Value {
    let but = |ignored: usize| -> Vec<&Goods> {
        let fits = |goods: &&Goods| {
            let meets = meets(choice, goods);
            (0..5).all(|kind| kind == ignored || meets[kind])
        };
        shelf.iter().filter(fits).collect()
    };
    let mut categories: Vec<(i64, u32)> = (1..=6)
        .map(|category| {
            let count = but(0)
                .iter()
                .filter(|goods| path(goods.category).contains(&category))
                .count();
            (-i64::try_from(count).unwrap(), category)
        })
        .filter(|(count, _)| *count != 0)
        .collect();
    categories.sort_unstable();
    let prices: Vec<Value> = PRICE_BUCKETS
        .iter()
        .enumerate()
        .map(|(at, min)| {
            let below = PRICE_BUCKETS.get(at + 1);
            let fits = |goods: &&&Goods| {
                goods.price >= *min && below.is_none_or(|below| goods.price < *below)
            };
            json!({ "min": min.to_string(), "below": below.map(ToString::to_string),
                    "count": but(1).iter().filter(fits).count() })
        })
        .collect();
    let ratings: Vec<Value> = [4, 3, 2, 1]
        .iter()
        .map(|stars| {
            let fits = |goods: &&&Goods| goods.rating.1 > 0 && goods.rating.0 >= stars * 100;
            json!({ "stars": stars, "count": but(2).iter().filter(fits).count() })
        })
        .collect();
    let mut locations: Vec<(i64, &str, &str)> = [1, 2, 3]
        .map(|seller| {
            let (city, province) = place(seller);
            let count = but(3).iter().filter(|goods| goods.seller == seller).count();
            (-i64::try_from(count).unwrap(), province, city)
        })
        .into_iter()
        .filter(|(count, ..)| *count != 0)
        .collect();
    locations.sort_unstable();
    let in_stock = but(4).iter().filter(|goods| goods.stock > 0).count();
    json!({
        "totalCount": but(9).len(), "totalCountPrecision": "EXACT",
        "facets": {
            "precision": "EXACT", "inStockCount": in_stock,
            "categories": categories.iter().map(|(count, category)|
                json!({ "category": { "id": category_id(*category) }, "count": -count })).collect::<Vec<_>>(),
            "prices": prices, "ratings": ratings,
            "locations": locations.iter().map(|(count, province, city)|
                json!({ "city": city, "province": province, "count": -count })).collect::<Vec<_>>(),
        },
    })
}

fn arguments(choice: &Choice) -> String {
    let mut filter = Vec::new();
    filter.extend(
        choice
            .category
            .map(|number| format!("categoryId: {:?}", category_id(number))),
    );
    filter.extend(
        choice
            .price
            .map(|(min, max)| format!("priceMin: {min}, priceMax: {max}")),
    );
    filter.extend(choice.rating.map(|stars| format!("ratingMin: {stars}")));
    filter.extend(choice.city.map(|city| format!("cities: [{city:?}]")));
    filter.push(format!("inStock: {}", choice.in_stock));
    format!("where: {{ {} }}", filter.join(", "))
}

fn any_choice() -> impl Strategy<Value = Choice> {
    let price = prop::option::of((0_i64..3_000_000, 0_i64..10_000_000));
    let city = prop::option::of(prop::sample::select(vec![
        "Kota Bandung",
        "Kota Solo",
        "Nirgends",
    ]));
    let all = (
        prop::option::of(1_u32..7),
        price,
        prop::option::of(1_i32..6),
        city,
        any::<bool>(),
    );
    all.prop_map(|(category, price, rating, city, in_stock)| Choice {
        category,
        price,
        rating,
        city,
        in_stock,
    })
}

// T-SRC-F, Ahead 3: disjunctive facets, against counting one by one
#[tokio::test]
async fn facets_are_what_another_choice_would_give() {
    let app = open().await;
    let mut shelf = shelf();
    for number in 20..80_u32 {
        let goods = Goods {
            number,
            category: [HANDPHONE, LAPTOP, FASHION, SEPATU, SAYUR][number as usize % 5],
            seller: number % 3 + 1,
            price: i64::from(number * number * number * 13) % 6_000_000,
            stock: i32::try_from(number % 4).unwrap() - 1,
            rating: (
                i32::try_from(number * 37 % 401).unwrap() + 100,
                i32::try_from(number % 3).unwrap(),
            ),
            ..shelf[0].clone()
        };
        deliver(
            &app,
            &life(&Goods {
                stock: goods.stock.max(0),
                ..goods.clone()
            }),
        )
        .await;
        shelf.push(goods);
    }
    let mut runner = TestRunner::deterministic();
    for round in 0..60 {
        let choice = any_choice().new_tree(&mut runner).unwrap().current();
        let choice = if round == 0 {
            Choice::default()
        } else {
            choice
        };
        let found = find(&app, &arguments(&choice), FACETS).await;
        assert_eq!(found, model(&choice, &shelf), "{choice:?}");
    }
}

#[tokio::test]
async fn facets_are_of_what_the_words_find() {
    let app = open().await;
    let found = find(&app, "query: \"laptop\"", FACETS).await;
    let laptops: Vec<Goods> = shelf()
        .into_iter()
        .filter(|goods| goods.category == LAPTOP)
        .collect();
    assert_eq!(found, model(&Choice::default(), &laptops));
}
