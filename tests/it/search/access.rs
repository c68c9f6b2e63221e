use harness::{Role, access::assert_met};
use serde_json::json;

use super::world::{open, product_id};

// T-RBAC: every root field, every role
#[tokio::test]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let everybody = ["ok"; 7];
    let staff = |outcome| {
        [
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "FORBIDDEN",
            "FORBIDDEN",
            "FORBIDDEN",
            outcome,
            "UNAUTHENTICATED",
        ]
    };
    let click = format!(
        "searchClick(input: {{ searchId: \"search_00000000000000000000000009\", productId: {:?}, position: 1 }})",
        product_id(1)
    );
    let documents = [
        ("{ search(query: \"sepatu\") { nodes { score } } }".to_owned(), everybody),
        ("{ searchSuggestions(query: \"speatu\") { text } }".to_owned(), everybody),
        ("{ searchAutocomplete(prefix: \"sep\") { text } }".to_owned(), everybody),
        (format!("mutation {{ {click} {{ userErrors {{ code }} }} }}"), ["NOT_FOUND"; 7]),
        // None was asked for yet.
        ("{ searchReindexStatus { id } }".to_owned(), staff("nothing")),
        ("{ searchCheck(source: RATINGS) { end } }".to_owned(), staff("ok")),
        (
            "{ searchAnalytics(from: \"2026-01-01T00:00:00Z\", to: \"2026-01-02T00:00:00Z\") { searchCount } }".to_owned(),
            staff("ok"),
        ),
        ("{ searchSynonyms { nodes { term } } }".to_owned(), staff("ok")),
        (
            "mutation { searchSynonymSet(input: { term: \"\", alternatives: [] }) { userErrors { code } } }".to_owned(),
            staff("INVALID_VALUE"),
        ),
        (
            "mutation { searchSynonymDelete(input: { term: \"x\", expectedVersion: 1 }) { userErrors { code } } }".to_owned(),
            staff("NOT_FOUND"),
        ),
        ("mutation { searchReindex { userErrors { code } } }".to_owned(), staff("ok")),
    ];
    let app = open().await;
    app.peers.answer("reviews", json!({ "snapshots": [] }));
    assert_met(&app, documents).await;
}

// The permission is enough; `all:*` is not needed
#[tokio::test]
async fn the_permission_manage_search_opens_what_staff_does() {
    let app = open().await;
    let session = harness::roles::session_id(Role::Buyer);
    let permissions = vec!["manage:search".to_owned()];
    let staff = kernel::Principal::user(
        harness::user_id(Role::Buyer),
        session,
        Vec::new(),
        permissions,
    );
    let reply = app
        .client_as(staff)
        .run("{ searchSynonyms(first: 1) { nodes { term } } }", json!({}))
        .await;
    assert_eq!(reply["data"]["searchSynonyms"]["nodes"][0]["term"], "ac");
}
