//! Requests that are too large: each is told which limit it is above.

use serde_json::json;

use super::{
    bad_input::{GRAPHQL, JSON, assert_refused, client, post},
    codes,
};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn an_operation_above_a_limit_is_told_which() {
    let client = client().await;
    let deep = |levels: usize| {
        let chain = "parent { ".repeat(levels);
        format!(
            "{{ category(id: \"x\") {{ {chain} id {} }} }}",
            "}".repeat(levels)
        )
    };
    let aliases = |count: usize| {
        (0..count)
            .map(|n| format!("a{n}: __typename "))
            .collect::<String>()
    };
    for (document, what, setting, limit) in [
        (deep(12), "levels of fields", "depth", 12),
        (deep(200), "levels of brackets", "nesting", 32),
        (
            format!("{{ {} }}", "__typename ".repeat(4_100)),
            "lexical tokens",
            "tokens",
            4_000,
        ),
        (
            format!("{{ me {{ {} }} }}", aliases(31)),
            "aliases",
            "aliases",
            30,
        ),
        (
            format!("{{ {} }}", "__typename ".repeat(21)),
            "root fields",
            "root_fields",
            20,
        ),
        (
            format!("{{ __typename {} }}", "@include(if: true) ".repeat(21)),
            "directives",
            "directives",
            20,
        ),
    ] {
        let reply = post(
            &client,
            &[JSON, GRAPHQL],
            json!({ "query": document }).to_string(),
        )
        .await;
        let body = reply.json();
        assert_eq!(
            (reply.status.as_u16(), codes(&body)),
            (400, vec!["LIMIT_EXCEEDED"]),
            "{body}"
        );
        let extensions = &body["errors"][0]["extensions"];
        assert_eq!(extensions["setting"], format!("limits.{setting}"));
        assert_eq!(extensions["limit"], limit);
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(what), "{message}");
    }
    // Fragments that double at each level: small to write, huge to run.
    let fragments: String = (0..20)
        .map(|n| {
            format!(
                "fragment F{n} on Category {{ ...F{m} ...F{m} }} ",
                m = n + 1
            )
        })
        .collect();
    let bomb = format!(
        "{{ category(id: \"x\") {{ ...F0 }} }} {fragments} fragment F20 on Category {{ id }}"
    );
    let reply = post(
        &client,
        &[JSON, GRAPHQL],
        json!({ "query": bomb }).to_string(),
    )
    .await;
    assert_eq!(
        (reply.status.as_u16(), codes(&reply.json())),
        (400, vec!["LIMIT_EXCEEDED"])
    );
}

#[tokio::test]
async fn lists_and_pages_above_their_bounds_are_refused_by_their_subgraph() {
    let client = client().await;
    for (arguments, told) in [
        ("first: 101", "100"),
        ("first: -1", "first"),
        ("first: 1, after: \"garbage\"", "after"),
    ] {
        let reply = client
            .graphql(
                &format!("{{ products({arguments}) {{ nodes {{ id }} }} }}"),
                json!({}),
            )
            .await;
        assert_eq!(codes(&reply), ["BAD_USER_INPUT"], "{arguments}: {reply}");
        let message = reply["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(told), "{arguments}: {message}");
    }
    let ids: Vec<String> = (0..101).map(|n| format!("product_{n:026}")).collect();
    let query = "query($ids: [ID!]) { products(where: { ids: $ids }) { nodes { id } } }";
    let reply = client.graphql(query, json!({ "ids": ids })).await;
    assert_eq!(codes(&reply), ["BAD_USER_INPUT"], "{reply}");
}

#[tokio::test]
async fn ten_megabytes_are_not_read_as_a_request() {
    let client = client().await;
    let body =
        json!({ "query": "{ __typename }", "pad": "x".repeat(10 * 1024 * 1024) }).to_string();
    let reply = post(&client, &[JSON], body).await;
    assert_refused(
        &reply,
        413,
        "PAYLOAD_TOO_LARGE",
        "the body must not be longer than 102400 bytes",
    );
    let reply = post(&client, &[JSON], r#"{"query":"{ __typename }"}"#).await;
    assert_eq!(reply.json(), json!({ "data": { "__typename": "Query" } }));
}
