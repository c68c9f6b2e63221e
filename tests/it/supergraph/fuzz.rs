//! Random damage: whatever a client sends, the answer is GraphQL in JSON, never a failure of ours.

use harness::http::HttpClient;
use http::{Method, StatusCode};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;

use super::{PRODUCT_PAGE, assert_no_internals, shop};

const DOCUMENTS: [&str; 5] = [
    PRODUCT_PAGE,
    "query A($id: ID!) { product(id: $id) { name seller { shopName } } }",
    "mutation($input: LoginInput!) { login(input: $input) { accessToken userErrors { code message } } }",
    "query { a: me { ...F } b: me { ...F } } fragment F on User { email sessions { id isCurrent } }",
    "query($on: Boolean = true) { sellers(first: 2) @include(if: $on) { nodes { ... on Seller { city } } } }",
];

const PIECES: [&str; 26] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    "$",
    "@",
    "...",
    ":",
    "=",
    "\"",
    "\"\"\"",
    "\\u0000",
    "#",
    "null",
    "-1",
    "1e999",
    "99999999999999999999",
    "on",
    "fragment",
    "@include(if: $x)",
    "__typename",
    "\u{202e}",
    "\u{0}",
];

/// `text` after a few random cuts, doublings and insertions.
fn damaged(text: &str, random: &mut StdRng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..random.random_range(1..5) {
        let at = random.random_range(0..=letters.len());
        let end = (at + random.random_range(0..12)).min(letters.len());
        match random.random_range(0..4) {
            0 => drop(letters.drain(at..end)),
            1 => letters
                .splice(at..at, PIECES.choose(random).unwrap().chars())
                .for_each(drop),
            2 => {
                let copy = letters[at..end].to_vec();
                letters.splice(at..at, copy).for_each(drop);
            }
            _ => letters.truncate(end.max(1)),
        }
    }
    letters.into_iter().collect()
}

/// A request body: JSON around a damaged document, or damaged JSON.
fn body(random: &mut StdRng) -> Vec<u8> {
    let document = DOCUMENTS.choose(random).unwrap();
    let values = [
        json!(null),
        json!(1),
        json!("x"),
        json!([]),
        json!([null]),
        json!({ "a": {} }),
        json!(-1e300),
        json!(true),
        json!({ "email": 1, "password": null }),
        json!("product_00000000000000000000000001"),
    ];
    let mut value = || values.choose(random).unwrap().clone();
    let variables = json!({ "id": value(), "input": value(), "first": value(), "on": value() });
    let (query, whole) = match random.random_range(0..3) {
        0 => ((*document).to_owned(), false),
        1 => (damaged(document, random), false),
        _ => ((*document).to_owned(), true),
    };
    let text = json!({ "query": query, "variables": variables }).to_string();
    let mut bytes = if whole { damaged(&text, random) } else { text }.into_bytes();
    if random.random_range(0..20) == 0 && !bytes.is_empty() {
        let at = random.random_range(0..bytes.len());
        bytes[at] = 0xff;
    }
    bytes
}

async fn bombard(client: &HttpClient, seed: u64, rounds: usize) {
    let mut random = StdRng::seed_from_u64(seed);
    for round in 0..rounds {
        let bytes = body(&mut random);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let accept = ["application/json", "application/graphql-response+json"][round % 2];
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let reply = client
            .send(Method::POST, "/graphql", &headers, bytes.into())
            .await;
        let status = reply.status;
        let answer = reply.json();
        assert!(
            status == StatusCode::OK || status == StatusCode::BAD_REQUEST,
            "{status} {answer} for {shown}"
        );
        let errors = answer["errors"].as_array().into_iter().flatten();
        for error in errors {
            let code = error["extensions"]["code"].as_str().unwrap();
            assert!(
                !matches!(
                    code,
                    "INTERNAL_SERVER_ERROR" | "QUERY_PLANNING_FAILED" | "DOWNSTREAM_SERVICE_ERROR"
                ),
                "{answer} for {shown}"
            );
            // A client's own words come back in messages; ours must not.
            let message = error["message"].as_str().unwrap();
            if !shown.contains("src") {
                assert_no_internals(message);
            }
        }
        assert!(
            answer.get("data").is_some() || answer["errors"].is_array(),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn damaged_requests_are_answered_in_graphql_and_do_no_harm() {
    let shop = shop().await;
    for (number, (deployment, started)) in shop.both().into_iter().enumerate() {
        bombard(&started.client(), 0x0070_6173 + number as u64, 300).await;
        let page = super::product_page(&started.client(), 3).await;
        assert_eq!(page.get("errors"), None, "{deployment} is harmed");
        let log = started.processes.last().unwrap().log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

// The ids of other things, of nothing, and things that look like ids.
#[tokio::test]
async fn ids_that_are_none_are_named_and_ids_of_nothing_are_null() {
    let client = shop().await.up.client();
    for (id, data) in [
        ("product_00000000000000000000000001", true),
        ("seller_00000000000000000000000001", false),
        ("product_", false),
        ("product_0000000000000000000000000", false),
        ("product_zzzzzzzzzzzzzzzzzzzzzzzzzz", false),
        ("1", false),
        ("", false),
        ("' or 1 = 1 --", false),
    ] {
        let query = "query($id: ID!) { product(id: $id) { name } }";
        let reply = client.graphql(query, json!({ "id": id })).await;
        if data {
            assert_eq!(reply, json!({ "data": { "product": null } }));
        } else {
            assert_eq!(super::codes(&reply), ["BAD_USER_INPUT"], "{id}: {reply}");
            assert_eq!(reply["data"], json!({ "product": null }), "{id}");
            let message = reply["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("product_"), "{id}: {message}");
        }
    }
}
