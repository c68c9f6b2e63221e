use chrono::Duration;
use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{about, ask, change, consume, fan_out, own, start};

/// Tells the buyer of three changes of their password, an hour apart.
async fn three(app: &Subgraph) {
    for _ in 0..3 {
        let mut event = about("user.password_changed", Role::Buyer);
        event.event_time = app.clock.now();
        consume(app, &event).await;
        fan_out(app).await;
        app.clock.advance(Duration::hours(1));
    }
}

const LIST: &str = "notifications { nodes { seq type title body link isRead readAt occurredAt createdAt
    product { id } seller { id } review { id } } pageInfo { hasNextPage } } unreadNotificationCount";

// T-NOT-1, T-NOT-2
#[tokio::test]
async fn what_a_person_was_told_is_listed_newest_first_in_their_language() {
    let app = start().await;
    three(&app).await;
    let user = own(&app, Role::Buyer, LIST).await;
    let seqs: Vec<_> = user["notifications"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["seq"].clone())
        .collect();
    assert_eq!(seqs, ["3", "2", "1"]);
    assert_eq!(user["unreadNotificationCount"], 3);
    assert_eq!(
        user["notifications"]["nodes"][2],
        json!({
            "seq": "1", "type": "SECURITY_ALERT", "title": "Peringatan keamanan akun",
            "body": "Kata sandi akunmu diubah pada 1 Januari 2026 07.00 WIB. Bukan kamu? Segera atur ulang kata sandi.",
            "link": null, "isRead": false, "readAt": null,
            "occurredAt": "2026-01-01T00:00:00+00:00", "createdAt": "2026-01-01T00:00:00+00:00",
            "product": null, "seller": null, "review": null,
        })
    );
    let mut english = about("user.profile_updated", Role::Buyer);
    english.version = 9;
    consume(&app, &english).await;
    let user = own(&app, Role::Buyer, LIST).await;
    assert_eq!(
        user["notifications"]["nodes"][2]["body"],
        "The password of your account was changed on 1 January 2026 07:00 WIB. Not you? Reset your password now."
    );
}

#[tokio::test]
async fn pages_follow_each_other() {
    let app = start().await;
    three(&app).await;
    let page = |after: Option<&str>| {
        let after = after.map_or(String::new(), |after| format!(", after: \"{after}\""));
        format!(
            "notifications(first: 2{after}) {{ nodes {{ seq }} pageInfo {{ hasNextPage endCursor }} }}"
        )
    };
    let first = own(&app, Role::Buyer, &page(None)).await["notifications"].clone();
    assert_eq!(first["nodes"], json!([{ "seq": "3" }, { "seq": "2" }]));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
    let second = own(&app, Role::Buyer, &page(Some(cursor))).await["notifications"].clone();
    assert_eq!(second["nodes"], json!([{ "seq": "1" }]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let reply = ask(
        &app.client(Role::Buyer),
        harness::user_id(Role::Buyer),
        &page(Some("x")),
    )
    .await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

// T-NOT-3
#[tokio::test]
async fn reading_one_is_remembered_once_and_only_by_its_owner() {
    let app = start().await;
    three(&app).await;
    let list = own(&app, Role::Buyer, "notifications { nodes { id } }").await;
    let id = list["notifications"]["nodes"][1]["id"].clone();
    let read = |role| {
        let (client, input) = (app.client(role), json!({ "notificationId": id }));
        async move {
            change(
                &client,
                "notificationMarkRead",
                input,
                "notification { seq isRead readAt }",
            )
            .await
        }
    };
    let done = json!({ "notification": { "seq": "2", "isRead": true, "readAt": "2026-01-01T03:00:00+00:00" },
        "userErrors": [] });
    assert_eq!(read(Role::Buyer).await, done);
    app.clock.advance(Duration::hours(1));
    assert_eq!(
        read(Role::Buyer).await,
        done,
        "again is fine and changes nothing"
    );
    let other = read(Role::Buyer2).await;
    assert_eq!(other["notification"], Value::Null);
    assert_eq!(other["userErrors"][0]["code"], "NOT_FOUND");
    let user = own(
        &app,
        Role::Buyer,
        "unreadNotificationCount notifications(unreadOnly: true) { nodes { seq } }",
    )
    .await;
    assert_eq!(
        user,
        json!({ "__typename": "User", "unreadNotificationCount": 2,
        "notifications": { "nodes": [{ "seq": "3" }, { "seq": "1" }] } })
    );
}

// T-NOT-4: what has come since the person looked stays unread.
#[tokio::test]
async fn reading_all_stops_where_the_person_has_looked() {
    let app = start().await;
    three(&app).await;
    let client = app.client(Role::Buyer);
    let read = |seq: &str| {
        let (client, input) = (client.clone(), json!({ "upToSeq": seq }));
        async move {
            change(
                &client,
                "notificationMarkAllRead",
                input,
                "user { unreadNotificationCount }",
            )
            .await
        }
    };
    let left = |count| json!({ "user": { "unreadNotificationCount": count }, "userErrors": [] });
    assert_eq!(read("2").await, left(1));
    assert_eq!(read("2").await, left(1));
    assert_eq!(read("9").await, left(0));
    let wrong = change(
        &client,
        "notificationMarkAllRead",
        json!({ "upToSeq": "x" }),
        "user { id }",
    )
    .await;
    assert_eq!(wrong, "BAD_USER_INPUT");
}
