//! A small marketplace of our own in data files: what engines are compared with, and judged by.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use harness::Subgraph;
use kernel::{CategoryId, Id, ProductId, SellerId};
use search::domain::{Document, DocumentCategory, DocumentSeller};
use serde_json::{Value, json};
use service::Event;
use uuid::Uuid;

const CATEGORIES: &str = include_str!("data/categories.txt");
const SELLERS: &str = include_str!("data/sellers.txt");
const PRODUCTS: &str = include_str!("data/products.txt");

/// A row of a data file: its fields without the spaces around them.
pub(crate) fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.map(|row| row.split('|').map(str::trim).collect())
        .collect()
}

pub(crate) fn product_id(number: usize) -> ProductId {
    Id::from_uuid(Uuid::from_u128(0xCAFE_0000 + number as u128))
}

pub(crate) fn category_id(slug: &str) -> CategoryId {
    let rows = rows(CATEGORIES);
    let number = rows.iter().position(|row| row[0] == slug);
    let number = number.unwrap_or_else(|| panic!("no category {slug}"));
    Id::from_uuid(Uuid::from_u128(0xCA7E_0000 + number as u128))
}

fn seller_id(key: &str) -> SellerId {
    let number = rows(SELLERS).iter().position(|row| row[0] == key).unwrap();
    Id::from_uuid(Uuid::from_u128(0x5E11_0000 + number as u128))
}

fn path_of(slug: &str) -> Vec<(CategoryId, String, String)> {
    let rows = rows(CATEGORIES);
    let row = rows.iter().find(|row| row[0] == slug).unwrap();
    let mut path = if row[1].is_empty() {
        Vec::new()
    } else {
        path_of(row[1])
    };
    path.push((category_id(slug), row[2].to_owned(), row[3].to_owned()));
    path
}

/// The number in a product's key: 7 of `p7`.
pub(crate) fn number(key: &str) -> usize {
    key.strip_prefix('p').unwrap().parse().unwrap()
}

/// Every product of the shelf.
pub(crate) fn documents() -> Vec<Document> {
    let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let sellers = rows(SELLERS);
    let document = |row: &Vec<&str>| {
        let number = number(row[0]);
        let path = path_of(row[3]);
        let seller = sellers.iter().find(|seller| seller[0] == row[4]).unwrap();
        let mut attributes: BTreeMap<String, String> = row[10]
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .map(|(code, value)| (code.to_owned(), value.to_owned()))
            .collect();
        if !row[2].is_empty() {
            attributes.insert("merek".to_owned(), row[2].to_owned());
        }
        let names = path.iter().flat_map(|(_, name, name_en)| [name, name_en]);
        Document {
            product_id: product_id(number),
            version: 1,
            name: row[1].to_owned(),
            brand: row[2].to_owned(),
            description: row[12].to_owned(),
            features: row[11]
                .split(';')
                .map(|text| text.trim().to_owned())
                .collect(),
            attributes,
            category: DocumentCategory {
                path: path.iter().map(|(id, ..)| *id).collect(),
                names: names.cloned().collect(),
            },
            seller: DocumentSeller {
                id: seller_id(row[4]),
                name: seller[1].to_owned(),
                city: seller[2].to_owned(),
                province: seller[3].to_owned(),
                is_verified: false,
            },
            min_price: row[5].parse().unwrap(),
            max_price: row[5].parse().unwrap(),
            rating: row[6].parse().unwrap(),
            rating_count: row[7].parse().unwrap(),
            stock: row[8].parse().unwrap(),
            sold: row[9].parse().unwrap(),
            // Several have the same moment, so that the id decides.
            created_at: start + Duration::microseconds(i64::try_from(number / 3).unwrap()),
        }
    };
    rows(PRODUCTS).iter().map(document).collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "reads better where it is called"
)]
fn event(number: u128, event_type: &str, aggregate: (&str, String), payload: Value) -> Event {
    let id: kernel::EventId = Id::from_uuid(Uuid::from_u128(0xE000_0000 + number));
    serde_json::from_value(json!({
        "eventId": id, "eventType": event_type, "eventTime": "2026-01-01T00:00:00Z",
        "aggregateType": aggregate.0, "aggregateId": aggregate.1, "version": 1, "payload": payload,
        "actor": "anonymous", "traceparent": null,
    }))
    .unwrap()
}

/// What the owners would publish about the whole shelf, with its topics.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn events() -> Vec<(&'static str, Event)> {
    let mut events = Vec::new();
    let mut add = |topic: &'static str, event_type: &str, aggregate: (&str, String), payload| {
        let number = events.len() as u128;
        events.push((topic, event(number, event_type, aggregate, payload)));
    };
    for row in rows(CATEGORIES) {
        let path: Vec<_> = path_of(row[0]).iter().map(|(id, ..)| *id).collect();
        let id = category_id(row[0]);
        let payload = json!({ "categoryId": id, "path": path, "slug": row[0], "name": row[2],
            "nameEn": row[3], "attributeCodes": [] });
        add(
            "catalog.category",
            "category.created",
            ("category", id.to_string()),
            payload,
        );
    }
    for row in rows(SELLERS) {
        let id = seller_id(row[0]);
        let payload = json!({ "sellerId": id, "ownerId": "user_00000000000000000000000001",
            "slug": row[0], "shopName": row[1], "city": row[2], "province": row[3] });
        add(
            "sellers.seller",
            "seller.registered",
            ("seller", id.to_string()),
            payload,
        );
        // Each shop has one warehouse.
        let warehouse: kernel::WarehouseId = Id::from_uuid(id.uuid());
        let payload = json!({ "warehouseId": warehouse, "sellerId": id, "name": "Gudang", "code": "G",
            "city": row[2], "province": row[3] });
        add(
            "inventory.warehouse",
            "warehouse.created",
            ("warehouse", warehouse.to_string()),
            payload,
        );
    }
    for document in documents() {
        let id = document.product_id;
        let number = id.uuid().as_u128();
        let level: kernel::StockLevelId = Id::from_uuid(Uuid::from_u128(0x570C_0000 + number));
        let warehouse: kernel::WarehouseId = Id::from_uuid(document.seller.id.uuid());
        let variant: kernel::VariantId = Id::from_uuid(id.uuid());
        let price = json!({ "currency": "IDR", "minor_units": document.min_price });
        let product = json!({
            "productId": id, "sellerId": document.seller.id, "categoryId": document.category.path.last(),
            "categoryPath": document.category.path, "slug": format!("p{number}"), "name": document.name,
            "description": document.description, "kind": "PHYSICAL", "unit": "PIECE", "status": "ACTIVE",
            "isPerishable": false, "features": document.features, "attributes": document.attributes,
            "minPrice": price, "maxPrice": price, "createdAt": document.created_at, "variants": [],
        });
        add(
            "catalog.product",
            "product.published",
            ("product", id.to_string()),
            product,
        );
        let stock = json!({
            "stockLevelId": level, "sellerId": document.seller.id, "productId": id, "variantId": variant,
            "warehouseId": warehouse, "quantity": document.stock, "lowStockThreshold": 0,
            "delta": document.stock, "movementSeq": 1, "movementType": "INITIAL",
        });
        let aggregate = ("stock_level", level.to_string());
        add(
            "inventory.stock_level",
            "inventory.stock_changed",
            aggregate,
            stock,
        );
        let (stars, rest) = (document.rating / 100, document.rating % 100);
        let rating = json!({ "productId": id, "average": format!("{stars}.{rest:02}"),
            "count": document.rating_count });
        add(
            "reviews.product_rating",
            "rating.changed",
            ("product_rating", id.to_string()),
            rating,
        );
    }
    events
}

/// Tells the subgraph everything.
pub(crate) async fn fill(app: &Subgraph) {
    for (topic, event) in events() {
        let deliveries = app.deliver(topic, &event).await.unwrap();
        assert!(!deliveries.is_empty(), "nobody reads {topic}");
    }
}
