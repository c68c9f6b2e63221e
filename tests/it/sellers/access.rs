use harness::{
    Role, Subgraph,
    access::{Row, SERVICE_ONLY, assert_met, mutation},
    user_id,
};
use serde_json::{Value, json};

use super::register;

// T-RBAC: every root field, every role. Rows are compared whole, so a new role or field shows up here.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let mutations = [
        (
            "sellerRegister",
            "slug: \"lain\", shopName: \"x\", description: \"\", city: \"\", province: \"\", idempotencyKey: \"k\"",
            [
                "UNAUTHENTICATED",
                "INVALID_VALUE",
                "INVALID_VALUE",
                "INVALID_VALUE",
                "INVALID_VALUE",
                "INVALID_VALUE",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerUpdate",
            "sellerId: \"ID\", expectedVersion: 99",
            [
                "UNAUTHENTICATED",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "VERSION_CONFLICT",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerVerificationSubmit",
            "sellerId: \"ID\", expectedVersion: 99, legalName: \"\", businessNumber: \"\"",
            [
                "UNAUTHENTICATED",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "VERSION_CONFLICT",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerVerificationDecide",
            "sellerId: \"ID\", expectedVersion: 99",
            [
                "UNAUTHENTICATED",
                "FORBIDDEN",
                "FORBIDDEN",
                "FORBIDDEN",
                "FORBIDDEN",
                "VERSION_CONFLICT",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerSuspend",
            "sellerId: \"ID\", expectedVersion: 99",
            [
                "UNAUTHENTICATED",
                "FORBIDDEN",
                "FORBIDDEN",
                "FORBIDDEN",
                "FORBIDDEN",
                "VERSION_CONFLICT",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerReinstate",
            "sellerId: \"ID\", expectedVersion: 99",
            [
                "UNAUTHENTICATED",
                "FORBIDDEN",
                "FORBIDDEN",
                "FORBIDDEN",
                "FORBIDDEN",
                "VERSION_CONFLICT",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerMemberAdd",
            "sellerId: \"ID\", userId: \"PERSON\", role: OWNER",
            [
                "UNAUTHENTICATED",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "INVALID_VALUE",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerMemberRemove",
            "sellerId: \"ID\", userId: \"PERSON\"",
            [
                "UNAUTHENTICATED",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "NOT_FOUND",
                "NOT_PERMITTED",
                "NOT_PERMITTED",
                "UNAUTHENTICATED",
            ],
        ),
    ];
    let queries = [
        ("seller(id: \"ID\") { id }", ["ok"; 7]),
        ("sellerBySlug(slug: \"batik-ratna\") { id }", ["ok"; 7]),
        ("sellers { nodes { id } }", ["ok"; 7]),
        (
            "seller(id: \"ID\") { members { role } }",
            [
                "UNAUTHENTICATED",
                "FORBIDDEN",
                "FORBIDDEN",
                "ok",
                "FORBIDDEN",
                "ok",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "seller(id: \"ID\") { verification { legalName } }",
            [
                "UNAUTHENTICATED",
                "FORBIDDEN",
                "FORBIDDEN",
                "ok",
                "FORBIDDEN",
                "ok",
                "UNAUTHENTICATED",
            ],
        ),
        (
            "sellerMemberRole(sellerId: \"ID\", userId: \"WORKER\")",
            SERVICE_ONLY,
        ),
        ("sellerMembers(sellerIds: [\"ID\"]) { role }", SERVICE_ONLY),
        ("sellerSnapshots(first: 1) { id }", SERVICE_ONLY),
    ];
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let fill = |text: &str| {
        text.replace("ID\"", &format!("{id}\""))
            .replace("PERSON", &user_id(Role::Buyer2).to_string())
            .replace("WORKER", &user_id(Role::Seller).to_string())
    };
    let mut documents: Vec<(String, Row)> = Vec::new();
    for (field, input, expected) in mutations {
        documents.push((mutation(field, &fill(input)), expected));
    }
    for (field, expected) in queries {
        documents.push((format!("{{ {} }}", fill(field)), expected));
    }
    assert_met(&app, documents).await;
    assert_eq!(
        app.outbox().await.len(),
        1,
        "nothing but the registration happened"
    );
}

#[tokio::test]
async fn where_a_person_works_is_for_themselves_and_the_marketplace() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let id = register(&app, Role::Seller, "batik-ratna").await;
    let ids = [user_id(Role::Seller).to_string()];
    let (query, variables) = harness::entities("User", "seller { id }", &ids);
    for (role, expected) in [
        (Role::Seller, json!({ "id": id })),
        (Role::Admin, json!({ "id": id })),
        (Role::Buyer, Value::Null),
        (Role::Anonymous, Value::Null),
    ] {
        let reply = app.client(role).run(&query, variables.clone()).await;
        assert_eq!(
            reply["data"]["_entities"][0]["seller"], expected,
            "{role:?}"
        );
        assert_eq!(reply["errors"].is_array(), expected.is_null(), "{role:?}");
    }
}
