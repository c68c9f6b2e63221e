use futures_util::future::join_all;
use harness::{Role, Subgraph};
use serde_json::json;

use super::{REGISTER, change, register, shop};

// T-SEL, L-SEL-E, L-SEL-V seller.registered
#[tokio::test]
async fn a_new_shop_is_unverified_and_its_registration_is_an_event() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let reply = app
        .client(Role::Seller)
        .run(REGISTER, shop("batik-ratna", "k1"))
        .await;
    assert_eq!(
        reply,
        json!({ "data": { "sellerRegister": {
            "seller": {
                "id": "seller_00000000000000000000000001", "slug": "batik-ratna",
                "shopName": "Batik Ratna", "description": "Batik tulis dari Pekalongan.",
                "city": "Kota Pekalongan", "province": "Jawa Tengah",
                "status": "UNVERIFIED", "isVerified": false, "version": 1,
                "createdAt": "2026-01-01T00:00:00+00:00", "updatedAt": "2026-01-01T00:00:00+00:00",
            },
            "userErrors": [],
        } } })
    );
    app.assert_golden_events().await;
    assert_eq!(app.outbox().await.len(), 1);
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_gives_the_first_answer_and_refuses_another_input() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let seller = app.client(Role::Seller);
    let first = seller.run(REGISTER, shop("batik-ratna", "k1")).await;
    let id = first["data"]["sellerRegister"]["seller"]["id"].clone();
    let update = json!({ "sellerId": id, "expectedVersion": 1, "shopName": "Batik Ratna Baru" });
    assert_eq!(
        change(&seller, "sellerUpdate", update).await["seller"]["version"],
        2
    );

    assert_eq!(seller.run(REGISTER, shop("batik-ratna", "k1")).await, first);
    let other = seller.run(REGISTER, shop("batik-lain", "k1")).await;
    assert_eq!(
        other["data"]["sellerRegister"]["userErrors"][0]["code"],
        "IDEMPOTENCY_KEY_REUSED"
    );
    assert_eq!(
        app.outbox().await.len(),
        2,
        "one registration and one update"
    );
    app.assert_golden_events_except(&["seller.registered"])
        .await;
}

#[tokio::test]
async fn ten_registrations_at_once_with_one_key_make_one_shop() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let seller = app.client(Role::Seller);
    let replies = join_all((0..10).map(|_| seller.run(REGISTER, shop("batik-ratna", "k1")))).await;
    assert!(
        replies.iter().all(|reply| *reply == replies[0]),
        "{replies:?}"
    );
    assert_eq!(app.outbox().await.len(), 1);
}

#[tokio::test]
async fn of_many_people_who_want_one_slug_exactly_one_gets_it() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let roles = [
        Role::Buyer,
        Role::Buyer2,
        Role::Seller,
        Role::Seller2,
        Role::Admin,
    ];
    let replies = join_all(roles.map(|role| {
        let client = app.client(role);
        async move { client.run(REGISTER, shop("batik-ratna", "k1")).await }
    }))
    .await;
    let codes: Vec<_> = replies
        .iter()
        .filter_map(|reply| reply["data"]["sellerRegister"]["userErrors"][0]["code"].as_str())
        .collect();
    assert_eq!(codes, ["ALREADY_EXISTS"; 4]);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_path_and_leaves_nothing() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    let seller = app.client(Role::Seller);
    for (field, value, message) in [
        (
            "slug",
            json!("Batik Ratna"),
            "`slug` must have 3 to 60 lower-case letters, digits and single hyphens between them",
        ),
        (
            "slug",
            json!("-a-"),
            "`slug` must have 3 to 60 lower-case letters, digits and single hyphens between them",
        ),
        (
            "shopName",
            json!("ab"),
            "`shopName` must have 3 to 60 characters",
        ),
        (
            "shopName",
            json!("tab\there"),
            "`shopName` must have 3 to 60 characters",
        ),
        (
            "description",
            json!("x".repeat(2_001)),
            "`description` must have at most 2000 characters",
        ),
        ("city", json!(""), "`city` must have 2 to 80 characters"),
        (
            "province",
            json!(""),
            "`province` must have 2 to 80 characters",
        ),
    ] {
        let mut variables = shop("batik-ratna", "k1");
        variables["input"][field] = value;
        let reply = seller.run(REGISTER, variables).await;
        assert_eq!(
            reply["data"]["sellerRegister"],
            json!({ "seller": null, "userErrors": [{ "__typename": "Refusal",
                "code": "INVALID_VALUE", "message": message, "path": ["input", field] }] })
        );
    }
    for key in [String::new(), "x".repeat(256)] {
        let reply = seller.run(REGISTER, shop("batik-ratna", &key)).await;
        assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    assert!(app.outbox().await.is_empty());
    let rows: i64 = sqlx::query_scalar("select count(*) from idempotency_keys")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(rows, 0, "a refused command leaves no key behind");
}

#[tokio::test]
async fn a_person_owns_one_shop() {
    let app = Subgraph::start(&sellers::SUBGRAPH).await;
    register(&app, Role::Seller, "batik-ratna").await;
    let reply = app
        .client(Role::Seller)
        .run(REGISTER, shop("batik-dua", "k2"))
        .await;
    assert_eq!(
        reply["data"]["sellerRegister"]["userErrors"][0]["code"],
        "ALREADY_EXISTS"
    );
}
