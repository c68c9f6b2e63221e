use harness::{Role, user_id};
use serde_json::json;

use super::{about, change, consume, deliver, fan_out, product, start, told, watch, work};

// user.deleted: nothing of the person stays, whatever comes later.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn a_deleted_account_leaves_nothing_but_its_tombstone() {
    let app = start().await;
    let product = product(&app).await;
    for role in [Role::Buyer, Role::Buyer2] {
        consume(&app, &about("user.registered", role)).await;
        watch(&app, role, &product, json!(["PRICE_DROP"])).await;
        let switches = json!({ "switches": [{ "type": "CHAT_MESSAGE", "channel": "EMAIL", "isEnabled": true }],
            "quietHours": { "from": "22:00", "until": "07:00", "timeZone": "WIT" } });
        change(
            &app.client(role),
            "notificationPreferencesUpdate",
            switches,
            "user { id }",
        )
        .await;
        let device = json!({ "token": format!("token-{role:?}"), "platform": "IOS" });
        change(
            &app.client(role),
            "pushDeviceRegister",
            device,
            "device { id }",
        )
        .await;
    }
    work(&app).await;
    // Something is announced, and something on its way.
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    fan_out(&app).await;
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    consume(&app, &about("user.deleted", Role::Buyer)).await;
    let id = user_id(Role::Buyer).uuid();
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns \
         where table_schema = 'public' and column_name = 'user_id' order by 1",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    assert_eq!(
        tables,
        [
            "announcements",
            "deliveries",
            "devices",
            "mailbox",
            "notifications",
            "people",
            "preferences",
            "product_watches"
        ]
    );
    for table in &tables {
        let count = |id: uuid::Uuid| {
            let query =
                sqlx::AssertSqlSafe(format!("select count(*) from {table} where user_id = $1"));
            let db = app.db.clone();
            async move {
                sqlx::query_scalar::<_, i64>(query)
                    .bind(id)
                    .fetch_one(&db)
                    .await
                    .unwrap()
            }
        };
        assert_eq!(count(id).await, i64::from(table == "people"), "{table}");
        let other = count(user_id(Role::Buyer2).uuid()).await;
        assert!(
            table == "announcements" || other > 0,
            "{table} of somebody else"
        );
    }
    // What comes late finds nobody, and a token that still works changes nothing.
    for late in [
        "user.registered",
        "user.profile_updated",
        "user.password_changed",
    ] {
        let mut event = about(late, Role::Buyer);
        event.version = 99;
        consume(&app, &event).await;
    }
    work(&app).await;
    assert_eq!(deliver(&app).await, 0);
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
    let tombstone: String = sqlx::query_scalar(
        "select (to_jsonb(p) - 'user_id' - 'created_at')::text from people p where user_id = $1",
    )
    .bind(id)
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&tombstone).unwrap(),
        json!({ "last_seq": 0, "locale": "ID", "has_marketing_consent": false, "is_closed": false, "is_erased": true,
            "account_version": 0, "quiet_from": null, "quiet_until": null, "quiet_zone": null })
    );
    let client = app.client(Role::Buyer);
    for (field, input) in [
        (
            "productWatch",
            json!({ "productId": product, "kinds": ["PRICE_DROP"] }),
        ),
        (
            "pushDeviceRegister",
            json!({ "token": "t", "platform": "WEB" }),
        ),
        ("notificationPreferencesUpdate", json!({ "switches": [] })),
    ] {
        assert_eq!(
            change(&client, field, input, "__typename").await,
            "UNAUTHENTICATED",
            "{field}"
        );
    }
}

// An account that is closed by the marketplace is told nothing until it is opened.
#[tokio::test]
async fn a_closed_account_is_told_nothing() {
    let app = start().await;
    let mut closed = about("user.disabled", Role::Buyer);
    closed.version = 2;
    consume(&app, &closed).await;
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
    let mut opened = about("user.enabled", Role::Buyer);
    opened.version = 3;
    consume(&app, &opened).await;
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, ["SECURITY_ALERT"]);
}
