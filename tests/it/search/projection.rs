use kernel::{StockLevelId, WarehouseId};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};
use service::{Delivery, Event};

use harness::Subgraph;

use super::world::{
    FASHION, SAYUR, SEPATU, category_id, ctx, deliver, event, ground, id, life, numbers, open,
    product_id, projection, seller_id, shelf, snapshot,
};

/// Everything that happens in the property test: of each aggregate in its order.
#[expect(clippy::too_many_lines, reason = "a story")]
fn history() -> Vec<(String, Event)> {
    let mut events = ground();
    for goods in shelf() {
        events.extend(life(&goods));
    }
    let shelf = shelf();
    let renamed = super::world::Goods {
        name: "Sepatu Gunung",
        price: 999_000,
        ..shelf[5].clone()
    };
    events.push(event(
        "product.updated",
        &product_id(6),
        3,
        snapshot(&renamed, "ACTIVE"),
    ));
    events.push(event(
        "product.archived",
        &product_id(8),
        3,
        snapshot(&shelf[7], "ARCHIVED"),
    ));
    events.push(event(
        "product.deleted",
        &product_id(11),
        3,
        snapshot(&shelf[10], "DRAFT"),
    ));
    let warehouse = |kind: &str, version: i32| {
        let key = WarehouseId::to_string(&id(1));
        let payload = json!({ "warehouseId": key, "sellerId": seller_id(1), "name": "Gudang", "code": "G",
                              "city": "Kota Bandung", "province": "Jawa Barat" });
        event(&format!("warehouse.{kind}"), &key, version, payload)
    };
    events.extend([
        warehouse("created", 1),
        warehouse("updated", 2),
        warehouse("deactivated", 3),
    ]);
    let category = |kind: &str, number: u32, version: i32, path: &[u32], name: &str| {
        let path: Vec<String> = path.iter().map(|number| category_id(*number)).collect();
        let payload = json!({ "categoryId": category_id(number), "path": path, "slug": "x", "name": name,
                              "nameEn": name, "attributeCodes": [], "oldPath": [] });
        event(
            &format!("category.{kind}"),
            &category_id(number),
            version,
            payload,
        )
    };
    // A category moves under one that moves itself; descendants hear of neither.
    events.push(category("moved", FASHION, 2, &[SAYUR, FASHION], "Busana"));
    events.push(category("moved", SAYUR, 2, &[7, SAYUR], "Sayur"));
    events.push(category("created", 7, 1, &[7], "Semua"));
    events.push(category(
        "updated",
        SEPATU,
        2,
        &[FASHION, SEPATU],
        "Alas Kaki",
    ));
    let seller = |kind: &str, version: i32, payload: Value| {
        event(&format!("seller.{kind}"), &seller_id(3), version, payload)
    };
    events.push(seller(
        "updated",
        2,
        json!({ "sellerId": seller_id(3), "slug": "x", "shopName": "Kebun Baru",
                                             "city": "Kota Malang", "province": "Jawa Timur" }),
    ));
    events.push(seller("suspended", 3, json!({ "sellerId": seller_id(3) })));
    events.push(seller("reinstated", 4, json!({ "sellerId": seller_id(3) })));
    events.push(event(
        "rating.changed",
        &product_id(6),
        2,
        json!({ "productId": product_id(6), "average": "4.5", "count": 26 }),
    ));
    events.push(event(
        "rating.changed",
        &product_id(1),
        2,
        json!({ "productId": product_id(1), "average": null, "count": 0 }),
    ));
    events
}

/// Another order in which each aggregate's events keep theirs, with some of them twice.
fn shuffle(events: &[(String, Event)], picks: &[u16]) -> Vec<(String, Event)> {
    let mut queues: Vec<Vec<&(String, Event)>> = Vec::new();
    for event in events {
        let same = |queue: &&mut Vec<&(String, Event)>| {
            queue[0].0 == event.0 && queue[0].1.aggregate_id == event.1.aggregate_id
        };
        match queues.iter_mut().find(same) {
            Some(queue) => queue.push(event),
            None => queues.push(vec![event]),
        }
    }
    let mut order = Vec::new();
    for pick in picks.iter().cycle() {
        let Some(at) = (usize::from(*pick)).checked_rem(queues.len()) else {
            return order;
        };
        let next = queues[at].remove(0);
        if queues[at].is_empty() {
            queues.remove(at);
        }
        order.push(next.clone());
        if pick % 5 == 0 {
            // Again, and an earlier one of the same aggregate as well.
            order.push(next.clone());
            let aggregate = |other: &&(String, Event)| other.1.aggregate_id == next.1.aggregate_id;
            order.extend(order.clone().iter().find(aggregate).cloned());
        }
    }
    order
}

// Correctness 5.4: any interleaving of topics, with duplicates, gives the same documents
#[tokio::test]
async fn the_projection_does_not_depend_on_the_order_of_topics() {
    let events = history();
    let reference = Subgraph::start(&search::SUBGRAPH).await;
    deliver(&reference, &events).await;
    let expected = projection(&reference).await;
    assert_eq!(expected.len(), 12);
    let mut runner = TestRunner::deterministic();
    let picks = prop::collection::vec(any::<u16>(), 150);
    for round in 0..12 {
        let picks = picks.new_tree(&mut runner).unwrap().current();
        let app = Subgraph::start(&search::SUBGRAPH).await;
        let order = shuffle(&events, &picks);
        assert!(order.len() > events.len(), "some arrive twice");
        deliver(&app, &order).await;
        assert_eq!(projection(&app).await, expected, "round {round}");
    }
}

// A second delivery, under another event id, of something older changes nothing
#[tokio::test]
async fn a_stale_version_never_wins() {
    let app = open().await;
    let before = projection(&app).await;
    let other = super::world::Goods {
        name: "Lain",
        price: 1,
        stock: 99,
        rating: (100, 1),
        ..shelf()[0].clone()
    };
    for (number, (topic, mut event)) in (0_u128..).zip(life(&other)) {
        event.event_id = kernel::Id::from_uuid(uuid::Uuid::from_u128(0xDD00 + number));
        app.deliver(&topic, &event).await.unwrap();
    }
    assert_eq!(projection(&app).await, before);
}

#[tokio::test]
async fn an_event_takes_effect_once() {
    let app = open().await;
    let (topic, event) = &life(&shelf()[0])[1];
    assert_eq!(
        app.deliver(topic, event).await.unwrap(),
        [Delivery::Repeated]
    );
}

// Events of products that are not known yet wait
#[tokio::test]
async fn stock_and_ratings_may_come_before_their_product() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    let goods = &shelf()[5];
    let mut events = life(goods);
    events.reverse();
    deliver(&app, &events[..3]).await;
    assert_eq!(numbers(&app, "first: 20").await, Vec::<u32>::new());
    deliver(&app, &events[3..]).await;
    assert_eq!(
        numbers(&app, "where: { ratingMin: 4, inStock: true }").await,
        [6]
    );
    deliver(&app, &ground()).await;
    assert_eq!(
        numbers(&app, "where: { cities: [\"Kota Pekalongan\"] }").await,
        [6]
    );
}

// T-SRC-F location, stock: a closed warehouse has nothing for sale
#[tokio::test]
async fn the_stock_of_a_closed_warehouse_does_not_count() {
    let app = open().await;
    let key = WarehouseId::to_string(&id(3));
    let payload = json!({ "warehouseId": key, "sellerId": seller_id(3) });
    deliver(
        &app,
        &[event("warehouse.deactivated", &key, 3, payload.clone())],
    )
    .await;
    assert_eq!(
        numbers(&app, "query: \"kangkung\", where: { inStock: true }").await,
        Vec::<u32>::new()
    );
    deliver(&app, &[event("warehouse.activated", &key, 4, payload)]).await;
    assert_eq!(
        numbers(&app, "query: \"kangkung\", where: { inStock: true }").await,
        [10]
    );
}

// A category that moves takes those below it along
#[tokio::test]
async fn a_moved_category_is_found_where_it_is() {
    let app = open().await;
    let path = [category_id(SAYUR), category_id(FASHION)];
    let payload = json!({ "categoryId": category_id(FASHION), "path": path, "slug": "x", "name": "Busana",
                          "nameEn": "Clothes", "attributeCodes": [], "oldPath": [category_id(FASHION)] });
    deliver(
        &app,
        &[event("category.moved", &category_id(FASHION), 2, payload)],
    )
    .await;
    let below = format!(
        "where: {{ categoryId: {:?} }}, sort: PRICE_ASC",
        category_id(SAYUR)
    );
    assert_eq!(numbers(&app, &below).await, [10, 11, 8, 6, 7, 9]);
    assert_eq!(numbers(&app, "query: \"busana sepatu lari\"").await, [6]);
}

// An event that is not what its schema says is poison: nothing of it stays
#[tokio::test]
async fn malformed_events_are_refused_whole() {
    let app = open().await;
    let before = projection(&app).await;
    let good = snapshot(&shelf()[0], "ACTIVE");
    let mut dollars = good.clone();
    dollars["minPrice"]["currency"] = json!("USD");
    let mut nameless = good.clone();
    nameless.as_object_mut().unwrap().remove("name");
    let mut wrong_id = good.clone();
    wrong_id["sellerId"] = json!(product_id(1));
    let level = StockLevelId::to_string(&id(1));
    let product = product_id(1);
    let rating = |average: &str| json!({ "productId": product, "average": average, "count": 1 });
    let malformed = [
        event("product.updated", &product, 9, dollars),
        event("product.updated", &product, 10, nameless),
        event("product.updated", &product, 11, wrong_id),
        event("product.updated", &product, 12, json!([])),
        event("product.updated", &product, 13, Value::Null),
        event(
            "inventory.stock_changed",
            &level,
            9,
            json!({ "stockLevelId": level }),
        ),
        event(
            "seller.suspended",
            &seller_id(1),
            9,
            json!({ "sellerId": "x" }),
        ),
        event(
            "category.updated",
            &category_id(1),
            9,
            json!({ "categoryId": category_id(1) }),
        ),
        event("rating.changed", &product, 9, rating("good")),
        event("rating.changed", &product, 10, rating("7.00")),
        event("rating.changed", &product, 11, rating("-1.0")),
    ];
    for (topic, event) in malformed {
        assert!(
            app.deliver(&topic, &event).await.is_err(),
            "{} {}",
            event.event_type,
            event.payload
        );
    }
    assert_eq!(projection(&app).await, before);
}

// Kinds that are not known are not an error: a newer publisher may have more
#[tokio::test]
async fn unknown_kinds_of_events_are_passed_over() {
    let app = open().await;
    let mut unknown = event(
        "seller.moved_house",
        &seller_id(1),
        2,
        json!({ "sellerId": seller_id(1) }),
    );
    unknown.1.aggregate_type = "house".to_owned();
    assert_eq!(
        app.deliver(&unknown.0, &unknown.1).await.unwrap(),
        [Delivery::Done]
    );
}

// A change of very many products is done a part at a time
#[tokio::test]
async fn a_shop_with_many_products_is_renewed_in_parts() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    deliver(&app, &ground()).await;
    sqlx::query(
        "insert into documents (product_id, product_version, status, seller_id, category_id, created_at,
            is_searchable, changed_at)
         select lpad(to_hex(n), 32, '0')::uuid, 1, 'ACTIVE', $1, $2, now(), true, now()
         from generate_series(1000, 2199) n",
    )
    .bind(id::<kernel::markers::Seller>(1).uuid())
    .bind(id::<kernel::markers::Category>(1).uuid())
    .execute(&app.db)
    .await
    .unwrap();
    let payload = json!({ "sellerId": seller_id(1) });
    deliver(
        &app,
        &[event("seller.suspended", &seller_id(1), 2, payload)],
    )
    .await;
    let left = || async {
        let sql = "select count(*) from documents where is_searchable";
        sqlx::query_scalar::<_, i64>(sql)
            .fetch_one(&app.db)
            .await
            .unwrap()
    };
    assert_eq!(left().await, 700, "the first 500 at once");
    let ctx = ctx(&app);
    let mut steps = 0;
    while search::jobs::refresh_next(&ctx).await.unwrap() {
        steps += 1;
    }
    assert_eq!((left().await, steps), (0, 2));
}
