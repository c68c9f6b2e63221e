//! Shops with their owners and warehouses.

use std::collections::HashMap;

use super::content::{City, Content, Seller};
use super::people::{self, Emails};
use super::plan::{DemoSeller, DemoWarehouse};
use super::random::Random;
use super::template::{alternatives, slug};

/// The first `count` shops of the content.
pub(super) fn sellers(
    seed: u64,
    count: usize,
    content: &Content,
    emails: &mut Emails,
) -> Vec<DemoSeller> {
    let mut numbers = HashMap::new();
    let written = content.sellers.iter().take(count).enumerate();
    written
        .map(|(index, shop)| seller(seed, (index, shop), content, emails, &mut numbers))
        .collect()
}

fn seller(
    seed: u64,
    (index, shop): (usize, &Seller),
    content: &Content,
    emails: &mut Emails,
    numbers: &mut HashMap<String, u32>,
) -> DemoSeller {
    let mut random = Random::new(seed, "seller", index);
    let home = city(content, &shop.city);
    let owner = if index == 0 {
        people::demo_seller(emails)
    } else {
        people::person(&mut random, content, &shop.owner, "toko.example", emails)
    };
    let others = alternatives(&shop.warehouses)
        .into_iter()
        .map(|name| city(content, name));
    let warehouses = std::iter::once(home)
        .chain(others)
        .map(|city| warehouse(city, numbers));
    DemoSeller {
        shop_name: shop.name.clone(),
        slug: slug(&shop.name),
        description: shop.about.clone(),
        city: home.name.clone(),
        province: home.province.clone(),
        owner,
        verified: index < 6 || random.percent(88),
        warehouses: warehouses.collect(),
    }
}

fn warehouse(city: &City, numbers: &mut HashMap<String, u32>) -> DemoWarehouse {
    let number = numbers.entry(city.code.clone()).or_insert(0);
    *number += 1;
    DemoWarehouse {
        code: format!("{}-{number:03}", city.code),
        name: format!("Gudang {}", city.name),
        city: city.name.clone(),
        province: city.province.clone(),
    }
}

fn city<'a>(content: &'a Content, name: &str) -> &'a City {
    content
        .cities
        .iter()
        .find(|city| city.name == name)
        .expect("every city of sellers.toml is in cities.txt, the tests see to it")
}
