//! A small marketplace, told by events as its owners publish them.

use chrono::{DateTime, Duration, Utc};
use harness::{Client, Role, Subgraph};
use kernel::{CategoryId, Entity, Id, ProductId, SellerId, StockLevelId, WarehouseId};
use serde_json::{Value, json};
use service::{Ctx, Event};
use uuid::Uuid;

/// The id of the thing of that number.
pub(crate) fn id<E: Entity>(number: u32) -> Id<E> {
    Id::from_uuid(Uuid::from_u128(u128::from(number)))
}

pub(crate) fn product_id(number: u32) -> String {
    id::<kernel::markers::Product>(number).to_string()
}

pub(crate) fn category_id(number: u32) -> String {
    CategoryId::to_string(&id(number))
}

pub(crate) fn seller_id(number: u32) -> String {
    SellerId::to_string(&id(number))
}

/// An event as the bus would bring it. Its id follows from what it is about, so that a repeated one is one.
pub(crate) fn event(
    event_type: &str,
    aggregate: &str,
    version: i32,
    payload: Value,
) -> (String, Event) {
    let (kind, owner) = match event_type.split_once('.').unwrap().0 {
        "product" => ("product", "catalog"),
        "category" => ("category", "catalog"),
        "seller" => ("seller", "sellers"),
        "warehouse" => ("warehouse", "inventory"),
        "inventory" => ("stock_level", "inventory"),
        "rating" => ("product_rating", "reviews"),
        other => panic!("no owner of {other}"),
    };
    let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let name = format!("{event_type} {aggregate} {version}");
    let event = Event {
        event_id: Id::from_uuid(digest(&name)),
        event_type: event_type.to_owned(),
        event_time: start + Duration::minutes(i64::from(version)),
        aggregate_type: kind.to_owned(),
        aggregate_id: aggregate.to_owned(),
        version,
        payload,
        actor: "anonymous".to_owned(),
        traceparent: None,
    };
    (format!("{owner}.{kind}"), event)
}

fn digest(name: &str) -> Uuid {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(name);
    Uuid::from_slice(&hash[..16]).unwrap()
}

/// A product as tests describe it.
#[derive(Clone)]
pub(crate) struct Goods {
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) description: &'static str,
    pub(crate) category: u32,
    pub(crate) seller: u32,
    pub(crate) price: i64,
    pub(crate) stock: i32,
    /// Average in hundredths and how many.
    pub(crate) rating: (i32, i32),
}

pub(crate) const ELEKTRONIK: u32 = 1;
pub(crate) const HANDPHONE: u32 = 2;
pub(crate) const LAPTOP: u32 = 3;
pub(crate) const FASHION: u32 = 4;
pub(crate) const SEPATU: u32 = 5;
pub(crate) const SAYUR: u32 = 6;

const fn goods(
    number: u32,
    name: &'static str,
    brand: &'static str,
    category: u32,
    seller: u32,
    price: i64,
) -> Goods {
    Goods {
        number,
        name,
        brand,
        description: "",
        category,
        seller,
        price,
        stock: 5,
        rating: (0, 0),
    }
}

/// What is for sale: three shops in Bandung, Pekalongan and Solo.
pub(crate) fn shelf() -> Vec<Goods> {
    let mut shelf = vec![
        goods(
            1,
            "Samsung Galaxy A15 Handphone 6/128",
            "Samsung",
            HANDPHONE,
            1,
            2_500_000,
        ),
        goods(
            2,
            "Xiaomi Redmi Note 13 Smartphone",
            "Xiaomi",
            HANDPHONE,
            2,
            2_700_000,
        ),
        goods(3, "Casing HP Silikon Anti Pecah", "", HANDPHONE, 3, 25_000),
        goods(4, "Laptop HP 14s Core i5", "HP", LAPTOP, 1, 8_900_000),
        goods(5, "Laptop Asus Vivobook 14", "Asus", LAPTOP, 1, 9_500_000),
        goods(6, "Sepatu Lari Pria Ringan", "Ardiles", SEPATU, 2, 320_000),
        goods(
            7,
            "Sepatu Sneakers Kanvas Wanita",
            "Compass",
            SEPATU,
            2,
            450_000,
        ),
        goods(8, "Kaos Batik Lengan Pendek", "", FASHION, 2, 85_000),
        goods(9, "Kemeja Batik Tulis Pekalongan", "", FASHION, 2, 750_000),
        goods(10, "Kangkung Segar Ikat", "", SAYUR, 3, 4_500),
        goods(11, "Bayam Organik 250 gr", "", SAYUR, 3, 7_500),
        goods(12, "Kabel USB/HDMI 2 Meter", "", ELEKTRONIK, 1, 55_000),
    ];
    shelf[0].rating = (450, 10);
    shelf[3].rating = (390, 4);
    shelf[5].rating = (480, 25);
    shelf[6].stock = 0;
    shelf[9].description = "Dipetik pagi ini, cocok untuk tumisan pedas.";
    shelf
}

/// The events of categories and shops.
pub(crate) fn ground() -> Vec<(String, Event)> {
    let category = |number: u32, path: &[u32], name: &str, name_en: &str| {
        let path: Vec<String> = path.iter().map(|number| category_id(*number)).collect();
        let payload = json!({ "categoryId": category_id(number), "path": path, "slug": name.to_lowercase(),
                              "name": name, "nameEn": name_en, "attributeCodes": [] });
        event("category.created", &category_id(number), 1, payload)
    };
    let seller = |number: u32, name: &str, city: &str, province: &str| {
        let payload = json!({ "sellerId": seller_id(number), "ownerId": "user_00000000000000000000000001",
                              "slug": "toko", "shopName": name, "city": city, "province": province });
        event("seller.registered", &seller_id(number), 1, payload)
    };
    vec![
        category(ELEKTRONIK, &[ELEKTRONIK], "Elektronik", "Electronics"),
        category(
            HANDPHONE,
            &[ELEKTRONIK, HANDPHONE],
            "Handphone & Tablet",
            "Phones and tablets",
        ),
        category(LAPTOP, &[ELEKTRONIK, LAPTOP], "Laptop", "Laptops"),
        category(FASHION, &[FASHION], "Fashion", "Fashion"),
        category(SEPATU, &[FASHION, SEPATU], "Sepatu", "Footwear"),
        category(SAYUR, &[SAYUR], "Sayuran", "Vegetables"),
        seller(1, "Toko Gawai", "Kota Bandung", "Jawa Barat"),
        seller(2, "Batik Ratna", "Kota Pekalongan", "Jawa Tengah"),
        seller(3, "Kebun Pak Joko", "Kota Solo", "Jawa Tengah"),
    ]
}

/// What catalog's events say of `goods`.
pub(crate) fn snapshot(goods: &Goods, status: &str) -> Value {
    let attributes = if goods.brand.is_empty() {
        json!({})
    } else {
        json!({ "merek": goods.brand })
    };
    let price = json!({ "currency": "IDR", "minor_units": goods.price });
    json!({
        "productId": product_id(goods.number), "sellerId": seller_id(goods.seller),
        "categoryId": category_id(goods.category), "categoryPath": [category_id(goods.category)],
        "slug": format!("p{}", goods.number), "name": goods.name, "description": goods.description,
        "kind": "PHYSICAL", "unit": "PIECE", "status": status, "isPerishable": false, "features": [],
        "attributes": attributes, "minPrice": price, "maxPrice": price, "variants": [],
    })
}

/// The events of a product: it is created, put on the shelf, stocked and rated.
pub(crate) fn life(goods: &Goods) -> Vec<(String, Event)> {
    let key = product_id(goods.number);
    let level = StockLevelId::to_string(&id(goods.number));
    let stock = |version: i32, quantity: i32| {
        let payload = json!({ "stockLevelId": level, "sellerId": seller_id(goods.seller), "productId": key,
            "variantId": "variant_00000000000000000000000001",
            "warehouseId": WarehouseId::to_string(&id(goods.seller)),
            "quantity": quantity, "lowStockThreshold": 0, "delta": 1, "movementSeq": 1,
            "movementType": "INITIAL" });
        event("inventory.stock_changed", &level, version, payload)
    };
    let mut events = vec![
        event("product.created", &key, 1, snapshot(goods, "DRAFT")),
        event("product.published", &key, 2, snapshot(goods, "ACTIVE")),
        stock(1, goods.stock + 7),
        stock(2, goods.stock),
    ];
    if goods.rating.1 > 0 {
        let average = format!("{}.{:02}", goods.rating.0 / 100, goods.rating.0 % 100);
        let payload = json!({ "productId": key, "average": average, "count": goods.rating.1 });
        events.push(event("rating.changed", &key, 1, payload));
    }
    events
}

/// Delivers events in the order given.
pub(crate) async fn deliver(app: &Subgraph, events: &[(String, Event)]) {
    for (topic, event) in events {
        let deliveries = app.deliver(topic, event).await;
        assert!(
            deliveries.is_ok(),
            "{}: {:?}",
            event.event_type,
            deliveries.err().map(|f| f.chain())
        );
    }
}

/// The subgraph with the whole shelf.
pub(crate) async fn open() -> Subgraph {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    deliver(&app, &ground()).await;
    for goods in shelf() {
        deliver(&app, &life(&goods)).await;
    }
    app
}

/// What a worker's context is.
pub(crate) fn ctx(app: &Subgraph) -> Ctx {
    let call = kernel::CallContext {
        principal: std::sync::Arc::new(kernel::Principal::service("search")),
        request_id: "test".into(),
        traceparent: None,
        deadline: None,
    };
    Ctx::new(&app.deps, &call)
}

/// Searches as anybody and gives the connection.
pub(crate) async fn find(app: &Subgraph, arguments: &str, selection: &str) -> Value {
    let query = format!("{{ search({arguments}) {{ {selection} }} }}");
    let reply = anybody(app).run(&query, json!({})).await;
    assert_eq!(reply["errors"], Value::Null, "{query}: {reply}");
    reply["data"]["search"].clone()
}

/// The numbers of the products that are found, in order.
pub(crate) async fn numbers(app: &Subgraph, arguments: &str) -> Vec<u32> {
    numbers_of(&find(app, arguments, "nodes { product { id } }").await)
}

pub(crate) fn numbers_of(connection: &Value) -> Vec<u32> {
    let nodes = connection["nodes"].as_array().unwrap();
    let ids = nodes
        .iter()
        .map(|node| node["product"]["id"].as_str().unwrap());
    ids.map(|id| {
        let id: ProductId = id.parse().unwrap();
        u32::try_from(id.uuid().as_u128()).unwrap()
    })
    .collect()
}

pub(crate) fn anybody(app: &Subgraph) -> Client {
    app.client(Role::Anonymous)
}

/// The documents as they are, without what depends on the order of arrival.
pub(crate) async fn projection(app: &Subgraph) -> Vec<Value> {
    let sql =
        "select jsonb_build_object('id', d.product_id, 'status', d.status, 'price', d.min_price,
        'created', d.created_at, 'city', d.city, 'province', d.province, 'rating', d.rating,
        'ratings', d.rating_count, 'stock', d.stock, 'searchable', d.is_searchable,
        'version', d.product_version, 'name', t.name, 'brand', t.brand, 'words', t.lexemes::text,
        'path', c.path, 'shop', s.name)
        from documents d left join document_texts t using (product_id)
        left join categories c using (category_id) left join sellers s using (seller_id)
        order by d.product_id";
    sqlx::query_scalar(sql).fetch_all(&app.db).await.unwrap()
}
