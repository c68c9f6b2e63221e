//! A shop of four subgraphs.

use router_engine::EngineSettings;
use serde_json::{Value, json};

use crate::{executor::Resolver, support::Setup};

pub(crate) const SUPERGRAPH: &str = include_str!("supergraph.graphql");

/// The shop with default settings.
pub(crate) fn shop() -> Setup {
    shop_with(EngineSettings::default())
}

/// The shop with these settings.
pub(crate) fn shop_with(settings: EngineSettings) -> Setup {
    let subgraphs: [(_, _, Resolver); 4] = [
        ("products", include_str!("products.graphql"), products),
        ("inventory", include_str!("inventory.graphql"), inventory),
        ("reviews", include_str!("reviews.graphql"), reviews),
        ("users", include_str!("users.graphql"), users),
    ];
    Setup::new(SUPERGRAPH, &subgraphs, settings)
}

fn product(id: &str) -> Value {
    match id {
        "p1" => json!({"__typename": "Product", "id": "p1", "name": "Kopi Gayo", "price": 85_000,
            "weight": 0.25, "kind": "SIMPLE", "isNew": true, "extra": {"origin": ["Aceh", null]}}),
        "p2" => json!({"__typename": "Product", "id": "p2", "name": "Batik \"Parang\"",
            "price": 250_000, "weight": null, "kind": "INTERNAL", "isNew": false, "extra": 1.50}),
        "p3" => json!({"__typename": "Product", "id": "p3", "name": "Buku Resep", "price": null,
            "weight": 1.0, "kind": "DIGITAL", "isNew": null, "extra": null}),
        "b1" => json!({"__typename": "Book", "id": "b1", "title": "Laskar Pelangi", "pages": 529}),
        "d1" => json!({"__typename": "Draft", "text": "not for clients"}),
        _ => Value::Null,
    }
}

fn all_products() -> Value {
    json!([product("p1"), product("p2"), product("p3")])
}

fn products(parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    let id = arguments["id"].as_str().unwrap_or_default();
    match (parent, field) {
        ("Query", "product") if !id.starts_with('p') => Value::Null,
        ("Query", "product" | "node") => product(id),
        ("Query", "products") => {
            let first = usize::try_from(arguments["first"].as_u64().unwrap_or(3)).unwrap();
            let all = all_products();
            all.as_array()
                .unwrap()
                .iter()
                .take(first)
                .cloned()
                .collect()
        }
        ("Query", "grid") => json!([[product("p1"), null], [], [product("p2"), product("p1")]]),
        ("Query", "search") => match arguments["text"].as_str() {
            Some("draft") => json!([product("p1"), product("d1")]),
            _ => json!([product("p1"), product("b1"), product("p3")]),
        },
        ("Mutation", "productRename") => {
            let mut renamed = product(id);
            renamed["name"] = arguments["name"].clone();
            renamed
        }
        ("Product", "related") => match source["id"].as_str() {
            Some("p1") => json!([product("p2"), product("p3")]),
            _ => json!([product("p1")]),
        },
        ("Product" | "Book", "__entity") => product(id),
        _ => Value::Null,
    }
}

fn inventory(parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    let id = source["id"].as_str().unwrap_or_default();
    match (parent, field) {
        ("Query", "lowStock") => json!([{"id": "p3"}, null, {"id": "p1"}]),
        // The second product is not known here.
        ("Product", "__entity") if id == "p2" => Value::Null,
        ("Product", "__entity") => arguments.clone(),
        ("Product", "stock" | "stockMust") => {
            json!({"available": if id == "p1" { 7 } else { 0 }, "warehouse": null})
        }
        ("Product", "shippingEstimate") => {
            let price = source["price"].as_f64().unwrap_or(0.0);
            let weight = source["weight"].as_f64().unwrap_or(10.0);
            let express = if arguments["express"] == json!(true) {
                2.0
            } else {
                1.0
            };
            json!((price / 1000.0 * weight * express) as i64)
        }
        ("Mutation", "stockSet") => json!({"id": arguments["productId"],
            "stock": {"available": arguments["amount"], "warehouse": "JKT"}}),
        _ => Value::Null,
    }
}

pub(crate) fn review(id: &str) -> Value {
    match id {
        "r1" => json!({"id": "r1", "body": "Enak!", "stars": 5, "author": {"id": "u1"},
            "product": {"id": "p1"}}),
        "r2" => json!({"id": "r2", "body": null, "stars": 3, "author": {"id": "u2"},
            "product": {"id": "p1"}}),
        _ => json!({"id": "r3", "body": "Lumayan", "stars": 4, "author": {"id": "u1"},
            "product": {"id": "p3"}}),
    }
}

fn reviews(parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    match (parent, field) {
        ("Query", "latestReviews") => json!([review("r1"), review("r2"), review("r3")]),
        (_, "__entity") => arguments.clone(),
        ("User", "reviews") => json!([review("r1")]),
        ("Product", "reviews") => {
            let first = usize::try_from(arguments["first"].as_u64().unwrap_or(10)).unwrap();
            let all = match source["id"].as_str() {
                Some("p1") => vec![review("r1"), review("r2")],
                Some("p3") => vec![review("r3")],
                _ => vec![],
            };
            all.into_iter().take(first).collect()
        }
        ("Book", "reviews") => json!([review("r2")]),
        _ => Value::Null,
    }
}

fn users(parent: &str, field: &str, arguments: &Value, _: &Value) -> Value {
    let user = |id: &str| match id {
        "u1" => json!({"id": "u1", "name": "Sari", "city": "Bandung"}),
        "u2" => json!({"id": "u2", "name": "Budi", "city": null}),
        _ => Value::Null,
    };
    match (parent, field) {
        ("Query", "me") => user("u1"),
        ("Query", "version") => json!("1.0"),
        ("User", "__entity") => user(arguments["id"].as_str().unwrap()),
        _ => Value::Null,
    }
}

/// The shop as one service: every field from the subgraph that owns it.
pub(crate) fn whole(parent: &str, field: &str, arguments: &Value, source: &Value) -> Value {
    let all: [Resolver; 4] = [products, inventory, reviews, users];
    let ask = |owner: Resolver, entity: Value| match entity.get(field) {
        _ if entity.is_null() => Value::Null,
        Some(value) => value.clone(),
        None => owner(parent, field, arguments, &entity),
    };
    match (parent, field) {
        ("Query" | "Mutation", _) => all
            .iter()
            .map(|resolver| resolver(parent, field, arguments, source))
            .find(|value| !value.is_null())
            .unwrap_or_default(),
        ("Product", "stock" | "stockMust" | "shippingEstimate") => {
            // Inventory knows price and weight from products only.
            let mut product = product(source["id"].as_str().unwrap());
            let known = inventory("Product", "__entity", &product, &product);
            product = if known.is_null() { known } else { product };
            ask(inventory, product)
        }
        ("Product" | "Book", "reviews") => ask(reviews, source.clone()),
        ("User", "reviews") => ask(reviews, source.clone()),
        ("Product" | "Book", _) => ask(products, product(source["id"].as_str().unwrap())),
        ("User", _) => ask(users, users("User", "__entity", source, source)),
        _ => Value::Null,
    }
}
