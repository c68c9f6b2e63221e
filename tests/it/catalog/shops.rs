use harness::{Role, Subgraph, entities};
use serde_json::{Value, json};
use service::{Delivery, Event};

use super::{category, kale, publish, shop, start};

/// News about the shop, as `sellers` would send them: number, type and version of the shop.
fn news(number: u32, event_type: &str, version: i32) -> Event {
    serde_json::from_value(json!({
        "eventId": format!("event_{number:026}"), "eventType": event_type,
        "eventTime": "2026-01-01T00:00:00Z", "aggregateType": "seller", "aggregateId": shop(),
        "version": version, "payload": { "sellerId": shop() }, "actor": "anonymous", "traceparent": null,
    }))
    .unwrap()
}

async fn tell(app: &Subgraph, event: &Event) -> Vec<Delivery> {
    app.deliver("sellers.seller", event).await.unwrap()
}

/// Where everybody can meet a product: alone, by slug, as an entity, in lists, counted, and whether other
/// subgraphs are told that it is on sale.
async fn met(app: &Subgraph, role: Role, product: &str, category: &str) -> Vec<bool> {
    let client = app.client(role);
    let query = "query($id: ID!, $category: ID!, $shop: ID!) {
        product(id: $id) { id } productBySlug(slug: \"kangkung-segar\") { id }
        products { nodes { id } } ofShop: products(where: { sellerId: $shop }) { nodes { id } }
        category(id: $category) { productCount products { nodes { id } } } }";
    let variables = json!({ "id": product, "category": category, "shop": shop() });
    let data = client.run(query, variables).await["data"].clone();
    let (query, variables) = entities("Seller", "products { nodes { id } }", &[shop().to_string()]);
    let of_shop = client.run(&query, variables).await["data"]["_entities"][0].clone();
    let (query, variables) = entities("Product", "id", &[product.to_owned()]);
    let entity = client.run(&query, variables).await["data"]["_entities"][0].clone();
    let query = format!("{{ productOwners(ids: [\"{product}\"]) {{ isPublished }} }}");
    let owners = app.client(Role::Service).run(&query, json!({})).await;
    vec![
        data["product"].is_object(),
        data["productBySlug"].is_object(),
        data["products"]["nodes"][0].is_object(),
        data["ofShop"]["nodes"][0].is_object(),
        data["category"]["productCount"] == 1,
        data["category"]["products"]["nodes"][0].is_object(),
        of_shop["products"]["nodes"][0].is_object(),
        entity.is_object(),
        owners["data"]["productOwners"][0]["isPublished"] == true,
    ]
}

// T-SEL, T-PRD-2: nobody buys from a shop that the marketplace has closed
#[tokio::test]
async fn what_a_closed_shop_sells_is_hidden_until_it_opens_again() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = publish(&app, kale(&vegetables, "k")).await;
    let events = app.outbox().await.len();
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [true; 9]
    );

    assert_eq!(
        tell(&app, &news(1, "seller.suspended", 2)).await,
        [Delivery::Done]
    );
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [false; 9]
    );
    assert_eq!(
        met(&app, Role::Anonymous, &product, &vegetables).await,
        [false; 9]
    );
    let query = "query($id: ID!, $shop: ID!) { product(id: $id) { status version }
        products(where: { sellerId: $shop, status: [ACTIVE, DRAFT] }) { nodes { status } } }";
    let seen = json!({ "status": "ACTIVE", "version": 2 });
    for (role, expected) in [
        (Role::Seller, &seen),
        (Role::Buyer2, &seen),
        (Role::Admin, &seen),
        (Role::Seller2, &Value::Null),
    ] {
        let variables = json!({ "id": product, "shop": shop() });
        let reply = app.client(role).run(query, variables).await;
        assert_eq!(reply["data"]["product"], *expected, "{role:?}");
        let listed = reply["data"]["products"]["nodes"].as_array().unwrap().len();
        assert_eq!(listed, usize::from(expected.is_object()), "{role:?}");
    }

    tell(&app, &news(2, "seller.reinstated", 3)).await;
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [true; 9]
    );
    assert_eq!(
        app.outbox().await.len(),
        events,
        "the products themselves did not change"
    );
}

// Faults to survive: duplicate and shuffled events
#[tokio::test]
async fn news_that_come_twice_or_late_change_nothing() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = publish(&app, kale(&vegetables, "k")).await;
    let [closed, opened, closed_again] = [
        news(1, "seller.suspended", 4),
        news(2, "seller.reinstated", 5),
        news(3, "seller.suspended", 6),
    ];
    tell(&app, &opened).await;
    assert_eq!(tell(&app, &closed).await, [Delivery::Done]);
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [true; 9],
        "an old closing"
    );
    tell(&app, &closed_again).await;
    assert_eq!(tell(&app, &opened).await, [Delivery::Repeated]);
    // The same news as another event: an operator's replay after the inbox has forgotten it.
    tell(&app, &news(4, "seller.reinstated", 5)).await;
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [false; 9]
    );
}

#[tokio::test]
async fn only_closing_and_opening_matter_and_a_malformed_one_leaves_nothing() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let product = publish(&app, kale(&vegetables, "k")).await;
    for (number, other) in (1..).zip(["seller.updated", "seller.verified", "seller.something_new"])
    {
        assert_eq!(tell(&app, &news(number, other, 9)).await, [Delivery::Done]);
    }
    let mut broken = news(7, "seller.suspended", 10);
    broken.payload = json!({ "sellerId": "nonsense" });
    assert!(app.deliver("sellers.seller", &broken).await.is_err());
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [true; 9]
    );
    broken.payload = json!({ "sellerId": shop() });
    assert_eq!(
        tell(&app, &broken).await,
        [Delivery::Done],
        "it was not remembered as done"
    );
    assert_eq!(
        met(&app, Role::Buyer, &product, &vegetables).await,
        [false; 9]
    );
}

// The consumer reads what `sellers` promises to publish.
#[tokio::test]
async fn the_golden_samples_of_sellers_are_understood() {
    let app = start().await;
    for name in ["seller.suspended", "seller.reinstated"] {
        let file = harness::golden::events_dir().join(format!("{name}.sample.json"));
        let sample = std::fs::read_to_string(file).unwrap();
        let event: Event = serde_json::from_str(&sample).unwrap();
        assert_eq!(tell(&app, &event).await, [Delivery::Done]);
    }
    let known: Vec<bool> = sqlx::query_scalar("select is_suspended from seller_suspensions")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert_eq!(known.len(), 1);
}
