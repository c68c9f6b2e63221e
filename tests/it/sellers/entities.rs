use harness::{Role, Subgraph, entities};
use serde_json::json;

use super::{REGISTER, shop};

async fn fifty_shops(app: &Subgraph) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..50_u128 {
        let person = kernel::Id::from_uuid(uuid::Uuid::from_u128(0xCCCC_0000 + number));
        let session = kernel::Id::from_uuid(uuid::Uuid::from_u128(1));
        let client = app.client_as(kernel::Principal::user(
            person,
            session,
            Vec::new(),
            Vec::new(),
        ));
        app.clock
            .advance(chrono::Duration::seconds(i64::from(number % 2 == 0)));
        let reply = client
            .run(REGISTER, shop(&format!("toko-{number}"), "k"))
            .await;
        ids.push(
            reply["data"]["sellerRegister"]["seller"]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    ids
}

// design.md 5: entities resolve in batches
#[tokio::test]
async fn one_and_fifty_entities_take_the_same_statements() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let ids = fifty_shops(&app).await;
    let admin = app.client(Role::Admin);
    let selection = "slug members { user { id seller { slug } } }";
    let (query, one) = entities("Seller", selection, &ids[..1]);
    let (_, many) = entities("Seller", selection, &ids);
    let (reply, for_one) = app.statements(admin.run(&query, one)).await;
    assert_eq!(
        reply["data"]["_entities"][0]["members"][0]["user"]["seller"]["slug"],
        "toko-0"
    );
    let (reply, for_many) = app.statements(admin.run(&query, many)).await;
    assert_eq!(reply["data"]["_entities"].as_array().unwrap().len(), 50);
    assert_eq!(
        (for_one, for_many),
        (3, 3),
        "shops, their people, where these work"
    );
}

#[tokio::test]
async fn a_missing_entity_is_null_and_its_neighbours_arrive() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let mut ids = fifty_shops(&app).await[..2].to_vec();
    ids.insert(1, "seller_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned());
    let (query, variables) = entities("Seller", "slug", &ids);
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    assert_eq!(
        reply["data"]["_entities"],
        json!([
            { "__typename": "Seller", "slug": "toko-0" },
            null,
            { "__typename": "Seller", "slug": "toko-1" },
        ])
    );
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_with_the_prefix_that_was_expected() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let query = "query($id: ID!) { seller(id: $id) { id } }";
    let id = "product_00000000000000000000000001";
    let reply = app
        .client(Role::Anonymous)
        .run(query, json!({ "id": id }))
        .await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let message = reply["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("expected an id that begins with `seller_`"),
        "{message}"
    );
}

#[tokio::test]
async fn the_character_nul_is_refused_wherever_it_stands() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let client = app.client(Role::Seller);
    let query = "query($slug: String!) { sellerBySlug(slug: $slug) { id } }";
    let by_variable = client.run(query, json!({ "slug": "a\u{0}b" })).await;
    let literal = "{ sellerBySlug(slug: \"a\\u0000b\") { id } }";
    let by_literal = client.run(literal, json!({})).await;
    let by_key = client.run(REGISTER, shop("batik-ratna", "k\u{0}")).await;
    for reply in [by_variable, by_literal, by_key] {
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{reply}"
        );
    }
}

#[tokio::test]
async fn pages_show_every_shop_once_newest_first() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let mut expected = fifty_shops(&app).await;
    expected.reverse();
    let query = "query($after: String) { sellers(first: 7, after: $after) {
        nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), json!(null));
    loop {
        let reply = app
            .client(Role::Anonymous)
            .run(query, json!({ "after": after }))
            .await;
        let page = &reply["data"]["sellers"];
        let nodes = page["nodes"].as_array().unwrap();
        seen.extend(
            nodes
                .iter()
                .map(|node| node["id"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn bad_pages_are_refused() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    for arguments in [
        "first: 0",
        "first: 101",
        "first: -1",
        "after: \"x\"",
        "after: \"W10\"",
    ] {
        let query = format!("{{ sellers({arguments}) {{ nodes {{ id }} }} }}");
        let reply = app.client(Role::Anonymous).run(&query, json!({})).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{arguments}"
        );
    }
}

#[tokio::test]
async fn shops_are_filtered_by_state_and_city() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    fifty_shops(&app).await;
    for (filter, found) in [
        ("{ city: \"Kota Pekalongan\" }", true),
        ("{ city: \"Kota Solo\" }", false),
        ("{ status: [UNVERIFIED, VERIFIED] }", true),
        ("{ status: [VERIFIED] }", false),
        ("{ status: [SUSPENDED] }", false),
    ] {
        let query = format!("{{ sellers(where: {filter}) {{ nodes {{ id }} }} }}");
        let reply = app.client(Role::Anonymous).run(&query, json!({})).await;
        let nodes = reply["data"]["sellers"]["nodes"].as_array().unwrap();
        assert_eq!(!nodes.is_empty(), found, "{filter}");
    }
}
