//! The `notifications` subgraph over the wire.

mod access;
mod channels;
mod codes;
mod deliveries;
mod devices;
mod erasure;
mod events;
mod list;
mod live;
mod measured;
mod preferences;
mod products;
mod races;
mod reports;
mod secrets;
mod templates;
mod urgency;
mod wordings;
mod workers;

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::try_join_all;
use harness::{Client, Role, Subgraph, golden::events_dir, user_id};
use kernel::{EventId, Fault, Id, Named as _, UserId};
use notifications::{
    channels::{Channels, Settings},
    commands,
    domain::{AudienceKind, Queue},
};
use serde_json::{Value, json};
use service::{Ctx, Event};
use uuid::Uuid;

/// A subgraph whose people all can be reached.
pub(crate) async fn start() -> Subgraph {
    let app = Subgraph::start(&notifications::SUBGRAPH).await;
    reachable(&app, json!({}));
    app
}

/// From now on identity knows everybody, with these fields of the contact changed.
pub(crate) fn reachable(app: &Subgraph, changed: Value) {
    app.peers.answer_with("identity", move |call| {
        if let Some(id) = call.variables.get("id") {
            return json!({ "verificationMessage": {
                "email": "siti@example.com", "displayName": "Siti R.", "locale": "EN",
                "token": format!("token-of-{}", id.as_str().unwrap()), "expiresAt": "2026-01-02T00:00:00Z",
            } });
        }
        let contact = |id: &Value| {
            let mut contact = json!({
                "userId": id, "displayName": "Siti R.", "email": "siti@example.com",
                "isEmailVerified": true, "phone": "+6281234567890", "isPhoneVerified": true,
                "locale": "EN", "hasMarketingConsent": false,
            });
            for (name, value) in changed.as_object().unwrap() {
                contact[name] = value.clone();
            }
            contact
        };
        let ids = call.variables["ids"].as_array().unwrap();
        json!({ "userContacts": ids.iter().map(contact).collect::<Vec<_>>() })
    });
}

/// From now on these people work in every shop.
pub(crate) fn shop_of(app: &Subgraph, members: &[(Role, &str)]) {
    let members: Vec<_> = members
        .iter()
        .map(|(role, place)| json!({ "userId": user_id(*role), "role": place }))
        .collect();
    app.peers
        .answer("sellers", json!({ "sellerMembers": members }));
}

/// The golden sample of an event with another id and with these fields of the payload changed.
#[expect(clippy::needless_pass_by_value, reason = "for use with json!")]
pub(crate) fn event(event_type: &str, changed: Value) -> Event {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let file = events_dir().join(format!("{event_type}.sample.json"));
    let mut event: Event = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let number = LAST.fetch_add(1, Ordering::SeqCst);
    event.event_id = EventId::from_uuid(Uuid::from_u128(0xEEEE_0000 + u128::from(number)));
    for (name, value) in changed.as_object().unwrap() {
        event.payload[name] = value.clone();
    }
    event
}

/// What an event says of the person in that role.
pub(crate) fn about(event_type: &str, role: Role) -> Event {
    let mut event = event(event_type, json!({ "userId": user_id(role) }));
    event.aggregate_id = user_id(role).to_string();
    event
}

/// The topic of an event.
pub(crate) fn topic(event: &Event) -> String {
    let owner = match event.aggregate_type.as_str() {
        "user" | "session" | "verification" => "identity",
        "product" => "catalog",
        "stock_level" => "inventory",
        "review" => "reviews",
        _ => "sellers",
    };
    format!("{owner}.{}", event.aggregate_type)
}

/// Delivers an event as the bus would.
pub(crate) async fn consume(app: &Subgraph, event: &Event) {
    let done = app.deliver(&topic(event), event).await.unwrap();
    assert_eq!(done.len(), 1, "one consumer reads {}", event.event_type);
}

/// A product on sale that notifications know; gives its id.
pub(crate) async fn product(app: &Subgraph) -> String {
    let event = event("product.published", json!({}));
    consume(app, &event).await;
    event.payload["productId"].as_str().unwrap().to_owned()
}

/// The context in which workers of the subgraph act.
pub(crate) fn worker(app: &Subgraph) -> Ctx {
    commands::own_context(&app.deps)
}

/// The way out of an app without providers.
pub(crate) fn channels(app: &Subgraph) -> Channels {
    Channels::new(Settings::default(), &app.deps).unwrap()
}

/// Tells everything that was announced.
pub(crate) async fn fan_out(app: &Subgraph) {
    fan_out_as(&worker(app)).await;
}

/// The same in that context.
pub(crate) async fn fan_out_as(ctx: &Ctx) {
    for audience in AudienceKind::all() {
        while commands::fan_out_next(ctx, audience).await.unwrap() {}
    }
}

/// Sends everything that is due; gives how much that was.
pub(crate) async fn deliver(app: &Subgraph) -> usize {
    deliver_as(&worker(app), &channels(app)).await.unwrap()
}

/// The same in that context and by these channels.
pub(crate) async fn deliver_as(ctx: &Ctx, channels: &Channels) -> Result<usize, Fault> {
    let mut sent = 0;
    for queue in Queue::all() {
        loop {
            let taken = commands::take_due(ctx, channels, queue, 8).await?;
            if taken.is_empty() {
                break;
            }
            sent += taken.len();
            try_join_all(taken).await?;
        }
    }
    Ok(sent)
}

/// Lets the workers do all there is to do now.
pub(crate) async fn work(app: &Subgraph) {
    fan_out(app).await;
    deliver(app).await;
}

/// Asks for fields of the person in that role, as that person.
pub(crate) async fn own(app: &Subgraph, role: Role, selection: &str) -> Value {
    let reply = ask(&app.client(role), user_id(role), selection).await;
    assert_eq!(reply["errors"], Value::Null, "{reply}");
    reply["data"]["_entities"][0].clone()
}

/// Asks for fields of a person.
pub(crate) async fn ask(client: &Client, person: UserId, selection: &str) -> Value {
    let (query, variables) = harness::entities("User", selection, &[person.to_string()]);
    client.run(&query, variables).await
}

/// The types of what a person sees in the app, the oldest first.
pub(crate) async fn told(app: &Subgraph, role: Role) -> Vec<String> {
    let user = own(app, role, "notifications(first: 100) { nodes { type } }").await;
    let nodes = user["notifications"]["nodes"].as_array().unwrap().clone();
    let types = nodes.iter().rev();
    types
        .map(|node| node["type"].as_str().unwrap().to_owned())
        .collect()
}

/// What the mailbox holds, the oldest first.
pub(crate) async fn letters(app: &Subgraph, selection: &str) -> Vec<Value> {
    let query = format!("{{ notificationMailbox(first: 100) {{ nodes {{ {selection} }} }} }}");
    nodes(app, &query, "notificationMailbox").await
}

/// The log of deliveries, the oldest first.
pub(crate) async fn deliveries(app: &Subgraph, selection: &str) -> Vec<Value> {
    let query = format!("{{ notificationDeliveries(first: 100) {{ nodes {{ {selection} }} }} }}");
    nodes(app, &query, "notificationDeliveries").await
}

async fn nodes(app: &Subgraph, query: &str, field: &str) -> Vec<Value> {
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    let nodes = reply["data"][field]["nodes"].as_array();
    let mut nodes = nodes.unwrap_or_else(|| panic!("{reply}")).clone();
    nodes.reverse();
    nodes
}

/// Runs a mutation that takes one `input`; gives its payload, or the code of its error.
pub(crate) async fn change(client: &Client, field: &str, input: Value, selection: &str) -> Value {
    let (first, rest) = field.split_at(1);
    let input_type = match field {
        "productUnwatch" => "ProductWatchInput".to_owned(),
        _ => format!("{}{rest}Input", first.to_uppercase()),
    };
    let query = format!(
        "mutation($input: {input_type}!) {{ {field}(input: $input) {{ {selection} \
         userErrors {{ code message path }} }} }}"
    );
    let reply = client.run(&query, json!({ "input": input })).await;
    if reply["errors"].is_null() {
        reply["data"][field].clone()
    } else {
        reply["errors"][0]["extensions"]["code"].clone()
    }
}

/// Watches a product.
pub(crate) async fn watch(app: &Subgraph, role: Role, product: &str, kinds: Value) {
    let input = json!({ "productId": product, "kinds": kinds });
    let payload = change(&app.client(role), "productWatch", input, "watches { kind }").await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// A person beside the roles.
pub(crate) fn stranger(number: u128) -> UserId {
    Id::from_uuid(Uuid::from_u128(0xCCCC_0000 + number))
}
