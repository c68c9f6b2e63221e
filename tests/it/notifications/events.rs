use harness::{Role, user_id};
use notifications::{domain::AudienceKind, queries};
use serde_json::{Value, json};

use super::{
    about, consume, deliver, event, fan_out, letters, own, product, shop_of, start, told, work,
    worker,
};

// T-NOT-T, L-NOT-E: the golden samples of the other subgraphs, as they publish them, are understood.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn each_event_is_told_to_whom_it_concerns() {
    let app = start().await;
    shop_of(&app, &[(Role::Seller, "OWNER"), (Role::Seller2, "STAFF")]);
    let product = product(&app).await;
    let of_product = json!({ "productId": product });
    let of_author = json!({ "productId": product, "authorId": user_id(Role::Buyer) });
    for (event, buyer, owner, staff) in [
        (
            about("user.registered", Role::Buyer),
            Some("WELCOME"),
            None,
            None,
        ),
        (
            about("user.password_changed", Role::Buyer),
            Some("SECURITY_ALERT"),
            None,
            None,
        ),
        (
            about("user.password_reset", Role::Buyer),
            Some("SECURITY_ALERT"),
            None,
            None,
        ),
        (
            about("user.deletion_requested", Role::Buyer),
            Some("ACCOUNT_CHANGED"),
            None,
            None,
        ),
        (
            about("user.deletion_cancelled", Role::Buyer),
            Some("ACCOUNT_CHANGED"),
            None,
            None,
        ),
        (
            event("inventory.low_stock", of_product.clone()),
            None,
            Some("LOW_STOCK"),
            Some("LOW_STOCK"),
        ),
        (
            event("inventory.out_of_stock", of_product.clone()),
            None,
            Some("OUT_OF_STOCK"),
            Some("OUT_OF_STOCK"),
        ),
        (
            event("review.created", of_author.clone()),
            None,
            Some("REVIEW_POSTED"),
            Some("REVIEW_POSTED"),
        ),
        (
            event("review.responded", of_author.clone()),
            Some("REVIEW_ANSWERED"),
            None,
            None,
        ),
        (
            event("review.rejected", of_author.clone()),
            Some("REVIEW_REJECTED"),
            None,
            None,
        ),
        (
            event("seller.verified", json!({})),
            None,
            Some("SHOP_VERIFIED"),
            None,
        ),
        (
            event("seller.rejected", json!({})),
            None,
            Some("SHOP_REJECTED"),
            None,
        ),
        (
            event("seller.suspended", json!({})),
            None,
            Some("SHOP_SUSPENDED"),
            None,
        ),
    ] {
        let before = [Role::Buyer, Role::Seller, Role::Seller2];
        let mut counts = Vec::new();
        for role in before {
            counts.push(told(&app, role).await.len());
        }
        consume(&app, &event).await;
        work(&app).await;
        for ((role, count), expected) in before.into_iter().zip(counts).zip([buyer, owner, staff]) {
            let now = told(&app, role).await;
            let new: Vec<_> = now[count..].iter().map(String::as_str).collect();
            assert_eq!(
                new,
                expected.into_iter().collect::<Vec<_>>(),
                "{} {role:?}",
                event.event_type
            );
        }
    }
}

#[tokio::test]
async fn a_review_that_is_held_back_is_told_when_it_is_approved() {
    let app = start().await;
    shop_of(&app, &[(Role::Seller, "OWNER")]);
    let product = product(&app).await;
    let held = json!({ "productId": product, "status": "PENDING" });
    consume(&app, &event("review.created", held)).await;
    work(&app).await;
    assert_eq!(told(&app, Role::Seller).await, Vec::<String>::new());
    consume(
        &app,
        &event("review.approved", json!({ "productId": product })),
    )
    .await;
    work(&app).await;
    assert_eq!(told(&app, Role::Seller).await, ["REVIEW_POSTED"]);
    // The same review, whose creation comes again with another id.
    consume(
        &app,
        &event("review.created", json!({ "productId": product })),
    )
    .await;
    work(&app).await;
    assert_eq!(told(&app, Role::Seller).await, ["REVIEW_POSTED"]);
}

// T-USR-9, T-AUT-4: the letter's link is made when it is sent; events and notifications hold no secret.
#[tokio::test]
async fn letters_with_a_token_get_it_from_identity_and_are_not_shown_in_the_app() {
    let app = start().await;
    let asked = event(
        "user.verification_requested",
        json!({ "userId": user_id(Role::Buyer) }),
    );
    let id = asked.payload["verificationId"].as_str().unwrap().to_owned();
    consume(&app, &asked).await;
    let reset = json!({
        "userId": user_id(Role::Buyer), "purpose": "PASSWORD_RESET",
        "verificationId": "verification_0000000000000000000000000v",
    });
    consume(&app, &event("user.verification_requested", reset)).await;
    work(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
    let found = letters(&app, "channel address subject text html").await;
    let texts: Vec<_> = found
        .iter()
        .map(|letter| letter["text"].as_str().unwrap())
        .collect();
    assert_eq!(found.len(), 2);
    let both = |line: &str| texts.iter().filter(|text| text.contains(line)).count();
    assert_eq!(
        both(&format!(
            "http://127.0.0.1:4000/verify-email?token=token-of-{id}"
        )),
        1
    );
    let link = "http://127.0.0.1:4000/reset-password?token=token-of-verification_0000000000000000000000000v";
    assert_eq!(both(link), 1);
    assert_eq!(both("2 January 2026 07:00 WIB"), 2, "{texts:?}");
    assert!(
        found
            .iter()
            .all(|letter| letter["address"] == "siti@example.com" && letter["channel"] == "EMAIL")
    );
    let html = found.iter().find_map(|l| {
        l["html"]
            .as_str()
            .filter(|html| html.contains("reset-password"))
    });
    assert!(
        html.unwrap()
            .contains(&format!("<a href=\"{}\"", link.replace('/', "&#x2f;"))),
        "{html:?}"
    );
    // Nothing of it in what events and tables say.
    let tables: String = sqlx::query_scalar(
        "select coalesce(string_agg(n::text, ''), '') || coalesce((select string_agg(d::text, '') from deliveries d), '')
            || coalesce((select string_agg(o::text, '') from outbox o), '') from notifications n",
    )
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert!(
        !tables.contains("token-of") && !tables.contains("siti@"),
        "{tables}"
    );
}

#[tokio::test]
async fn a_letter_whose_link_was_replaced_is_not_sent() {
    let app = start().await;
    let asked = event(
        "user.verification_requested",
        json!({ "userId": user_id(Role::Buyer) }),
    );
    consume(&app, &asked).await;
    fan_out(&app).await;
    let person = user_id(Role::Buyer);
    app.peers.answer_with("identity", move |call| {
        if call.variables.contains_key("id") {
            return json!({ "verificationMessage": null });
        }
        json!({ "userContacts": [{ "userId": person, "displayName": "Siti", "email": "siti@example.com",
            "isEmailVerified": false, "phone": null, "isPhoneVerified": false, "locale": "ID",
            "hasMarketingConsent": false }] })
    });
    deliver(&app).await;
    assert_eq!(letters(&app, "id").await, Vec::<Value>::new());
    let log = super::deliveries(&app, "type status reason").await;
    let expected = json!([{ "type": "VERIFY_EMAIL", "status": "CANCELLED",
        "reason": "the link or code was used, replaced or has expired" }]);
    assert_eq!(json!(log), expected);
}

// Duplicates and shuffles: what is told does not depend on how often and in which order events come.
#[tokio::test]
async fn duplicates_and_shuffles_tell_the_same_once() {
    let mut outcomes = Vec::new();
    for order in 0..4_usize {
        let app = start().await;
        shop_of(&app, &[(Role::Seller, "OWNER")]);
        let product = event("product.published", json!({}));
        let id = product.payload["productId"].clone();
        let mut profile = about("user.profile_updated", Role::Buyer);
        profile.version = 3;
        let mut closed = about("user.disabled", Role::Buyer2);
        closed.version = 2;
        let mut opened = about("user.enabled", Role::Buyer2);
        opened.version = 3;
        let mut all = vec![
            product,
            about("user.registered", Role::Buyer),
            profile,
            closed,
            opened,
            event("inventory.low_stock", json!({ "productId": id })),
            event("review.created", json!({ "productId": id })),
            event(
                "review.responded",
                json!({ "productId": id, "authorId": user_id(Role::Buyer) }),
            ),
            about("user.password_changed", Role::Buyer2),
        ];
        all.rotate_left(order * 2);
        if order % 2 == 1 {
            all.reverse();
        }
        for event in all.iter().chain(all.iter().rev()) {
            app.deliver(&super::topic(event), event).await.unwrap();
        }
        work(&app).await;
        let mut seen = Vec::new();
        for role in [Role::Buyer, Role::Buyer2, Role::Seller] {
            let mut types = told(&app, role).await;
            types.sort();
            seen.push(types);
        }
        let preferences = "notificationPreferences { hasMarketingConsent }";
        let consent = own(&app, Role::Buyer, preferences).await;
        let letters = letters(&app, "subject").await.len();
        outcomes.push(json!([seen, consent["notificationPreferences"], letters]));
    }
    let expected = json!([
        [["REVIEW_ANSWERED", "WELCOME"], ["SECURITY_ALERT"], ["LOW_STOCK", "REVIEW_POSTED"]],
        { "hasMarketingConsent": true },
        3,
    ]);
    assert_eq!(outcomes, vec![expected; 4]);
}

#[tokio::test]
async fn events_that_are_not_for_us_and_news_a_week_old_tell_nothing() {
    let app = start().await;
    let strange = [
        "user.role_granted",
        "user.verified",
        "inventory.stock_changed",
        "review.flagged",
        "seller.updated",
    ];
    for event_type in strange {
        consume(&app, &event(event_type, json!({}))).await;
    }
    consume(&app, &about("user.registered", Role::Buyer)).await;
    app.clock.advance(chrono::Duration::days(8));
    work(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
    let waiting: i64 = sqlx::query_scalar("select count(*) from announcements")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(waiting, 0);
}

#[tokio::test]
async fn an_event_without_the_fields_that_are_read_is_a_fault_and_leaves_nothing() {
    let app = start().await;
    let mut broken = about("user.registered", Role::Buyer);
    broken.payload = json!({ "userId": 7 });
    let fault = app.deliver("identity.user", &broken).await.unwrap_err();
    assert_eq!(fault.kind(), kernel::FaultKind::Internal);
    let inbox: i64 = sqlx::query_scalar("select count(*) from inbox")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(inbox, 0);
}

#[tokio::test]
async fn a_shop_that_cannot_be_asked_for_is_told_later() {
    let app = start().await;
    app.peers.fail("sellers");
    let product = product(&app).await;
    consume(
        &app,
        &event("inventory.low_stock", json!({ "productId": product })),
    )
    .await;
    work(&app).await;
    shop_of(&app, &[(Role::Seller, "OWNER")]);
    work(&app).await;
    assert_eq!(
        told(&app, Role::Seller).await,
        Vec::<String>::new(),
        "not before its time"
    );
    app.clock.advance(chrono::Duration::seconds(5));
    work(&app).await;
    assert_eq!(told(&app, Role::Seller).await, ["LOW_STOCK"]);
}

// Other topics may be faster than catalog's: the name of the product comes later.
#[tokio::test]
async fn news_of_a_product_wait_until_its_name_is_known() {
    let app = start().await;
    shop_of(&app, &[(Role::Seller, "OWNER")]);
    let catalog = event("product.published", json!({}));
    let id = catalog.payload["productId"].clone();
    consume(
        &app,
        &event("inventory.low_stock", json!({ "productId": id })),
    )
    .await;
    work(&app).await;
    let waiting = async || {
        let count = queries::count_announcements(&worker(&app), AudienceKind::Shop).await;
        count.unwrap()
    };
    assert_eq!(waiting().await, 1, "for operators");
    consume(&app, &catalog).await;
    app.clock.advance(chrono::Duration::seconds(5));
    work(&app).await;
    assert_eq!(waiting().await, 0);
    let user = own(
        &app,
        Role::Seller,
        "notifications { nodes { body product { id } } }",
    )
    .await;
    let expected = json!([{ "body": "Sisa stok Kangkung Segar: 4.", "product": { "id": id } }]);
    assert_eq!(user["notifications"]["nodes"], expected);
}
