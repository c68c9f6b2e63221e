use harness::{Client, Role};
use kernel::Named as _;
use notifications::domain::NotificationType;
use serde_json::{Value, json};

use super::{about, change, consume, letters, start, told, work};

fn key(kind: &str, channel: &str, locale: &str) -> Value {
    json!({ "type": kind, "channel": channel, "locale": locale })
}

async fn set(client: &Client, key: Value, version: i32, wording: Value) -> Value {
    let input = json!({ "key": key, "expectedVersion": version, "wording": wording });
    change(
        client,
        "notificationTemplateSet",
        input,
        "template { subject text html isDefault version }",
    )
    .await
}

// A wording with a missing or unknown value is refused when it is saved (issue 4, faults).
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn a_wording_that_could_not_be_told_is_refused_when_it_is_saved() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let long = "x".repeat(10_001);
    let nested = |depth| {
        let (open, close) = ("{% if link %}".repeat(depth), "{% endif %}".repeat(depth));
        format!("{{{{ link }}}}{open}{close}")
    };
    let (deep, deepest) = (nested(200), nested(4_000));
    for (subject, text, html, field, message) in [
        (
            "Reset",
            "Hi {{ nickname }} {{ link }}",
            None,
            "text",
            "must not name `nickname`: the values of this type are link, valid_until, name, site",
        ),
        (
            "Reset",
            "Choose a new password",
            None,
            "text",
            "must show {{ link }} in any case, or the subject must",
        ),
        (
            "Reset",
            "{% if valid_until %}{{ link }}{% endif %}",
            None,
            "text",
            "must show {{ link }} in any case, or the subject must",
        ),
        (
            "Reset",
            "{% if valid_until %}until {{ valid_until }}{% else %}{{ link }}{% endif %}",
            None,
            "text",
            "must show {{ link }} in any case, or the subject must",
        ),
        (
            "Reset",
            "{{ link }}",
            Some(
                "{% if name %}{% if site %}hello{% else %}{{ link }}{% endif %}{% else %}{{ link }}{% endif %}",
            ),
            "html",
            "must show {{ link }} in any case",
        ),
        (
            "Reset",
            "{{ link }}",
            Some("<a>here</a>"),
            "html",
            "must show {{ link }} in any case",
        ),
        (
            "{{ product_name }}",
            "{{ link }}",
            None,
            "subject",
            "must not name `product_name`",
        ),
        (
            "Reset",
            "{{ link | upper }}",
            None,
            "text",
            "must not name `link | upper`",
        ),
        (
            "Reset",
            "{{ link.token }}",
            None,
            "text",
            "must not name `link.token`",
        ),
        (
            "Reset",
            "{{ 1 / 0 }} {{ link }}",
            None,
            "text",
            "must not name `1 / 0`",
        ),
        (
            "Reset",
            "{% for x in link %}{% endfor %}{{ link }}",
            None,
            "text",
            "only if, elif, else and endif",
        ),
        (
            "Reset",
            "{% include 'x' %}{{ link }}",
            None,
            "text",
            "only if, elif, else and endif",
        ),
        (
            "Reset",
            "{% if link %}{{ link }}",
            None,
            "text",
            "must close each {% if %} with {% endif %}",
        ),
        (
            "Reset",
            "{{ link }}{% endif %}",
            None,
            "text",
            "must close each {% if %} with {% endif %}",
        ),
        (
            "Reset",
            "{{ link",
            None,
            "text",
            "must close each {{ with }}",
        ),
        (
            "Reset",
            "{% if link",
            None,
            "text",
            "must close each {% with %}",
        ),
        (
            "Reset",
            "{{ link }}{# note #}",
            None,
            "text",
            "must not hold comments",
        ),
        (
            "Reset",
            deep.as_str(),
            None,
            "text",
            "at most 100 within each other",
        ),
        (
            "Reset",
            "{{ link }}",
            Some(deepest.as_str()),
            "html",
            "at most 100 within each other",
        ),
        (
            "",
            "{{ link }}",
            None,
            "subject",
            "must be a line of 1 to 200 characters",
        ),
        (
            "Reset\nBcc: x",
            "{{ link }}",
            None,
            "subject",
            "must be a line of 1 to 200 characters",
        ),
        ("Reset", "", None, "text", "must have 1 to 10000 characters"),
        (
            "Reset",
            long.as_str(),
            None,
            "text",
            "must have 1 to 10000 characters",
        ),
        (
            "Reset",
            "{{ link }}",
            Some(" "),
            "html",
            "must have 1 to 100000 characters, or be left out",
        ),
    ] {
        let wording = json!({ "subject": subject, "text": text, "html": html });
        let payload = set(&admin, key("PASSWORD_RESET", "EMAIL", "EN"), 0, wording).await;
        assert_eq!(payload["template"], Value::Null, "{text}");
        let error = &payload["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["path"]),
            (&json!("INVALID_VALUE"), &json!(["input", field])),
            "{text}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(message),
            "{text}: {error}"
        );
    }
    let sms = set(
        &admin,
        key("SECURITY_ALERT", "SMS", "ID"),
        0,
        json!({ "subject": "x", "text": "y" }),
    )
    .await;
    assert_eq!(sms["userErrors"][0]["path"], json!(["input", "subject"]));
    let html = set(
        &admin,
        key("SECURITY_ALERT", "SMS", "ID"),
        0,
        json!({ "text": "y", "html": "<p>y" }),
    )
    .await;
    assert_eq!(html["userErrors"][0]["path"], json!(["input", "html"]));
    let never = set(
        &admin,
        key("PASSWORD_RESET", "SMS", "ID"),
        0,
        json!({ "text": "{{ link }}" }),
    )
    .await;
    assert_eq!(never["userErrors"][0]["path"], json!(["input", "channel"]));
    let rows: i64 = sqlx::query_scalar("select count(*) from templates")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn a_changed_wording_is_told_from_then_on_and_can_be_taken_back() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let wording = json!({ "subject": "Hi {{ name }}", "text": "Look: {{ site }} & more",
        "html": "<p>{{ name }}{% if not link %}!{% endif %}</p>" });
    let changed = set(&admin, key("WELCOME", "EMAIL", "EN"), 0, wording.clone()).await;
    assert_eq!(changed["template"]["version"], 1);
    assert_eq!(changed["template"]["isDefault"], false);
    let stale = set(&admin, key("WELCOME", "EMAIL", "EN"), 0, wording).await;
    assert_eq!(stale["userErrors"][0]["code"], "VERSION_CONFLICT");
    let in_app = json!({ "subject": "Hai", "text": "Sudah siap." });
    set(&admin, key("WELCOME", "IN_APP", "ID"), 0, in_app).await;

    super::reachable(&app, json!({ "displayName": "<b>Siti</b>\r\nBcc: x" }));
    consume(&app, &about("user.registered", Role::Buyer)).await;
    work(&app).await;
    let found = letters(&app, "subject text html").await;
    assert_eq!(
        json!(found),
        json!([{
            "subject": "Hi <b>Siti</b> Bcc: x", "text": "Look: http://127.0.0.1:4000 & more",
            "html": "<p>&lt;b&gt;Siti&lt;&#x2f;b&gt;\r\nBcc: x</p>",
        }])
    );
    let list = "notifications { nodes { title body } }";
    let shown = |user: Value| user["notifications"]["nodes"][0].clone();
    let user = super::own(&app, Role::Buyer, list).await;
    assert_eq!(
        shown(user),
        json!({ "title": "Hai", "body": "Sudah siap." })
    );

    let reset = json!({ "key": key("WELCOME", "IN_APP", "ID"), "expectedVersion": 1 });
    let selection = "template { text isDefault version }";
    let back = change(&admin, "notificationTemplateReset", reset, selection).await;
    let own_text = "Akunmu sudah siap. Selamat berbelanja!";
    assert_eq!(
        back["template"],
        json!({ "text": own_text, "isDefault": true, "version": 2 })
    );
    let user = super::own(&app, Role::Buyer, list).await;
    assert_eq!(shown(user)["body"], own_text);
}

#[tokio::test]
async fn wordings_are_listed_with_what_they_may_show() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let query = "query($type: NotificationType) { notificationTemplates(type: $type) { id type channel locale
        subject isDefault version updatedAt variables { name isRequired } } }";
    let all = admin.run(query, json!({})).await["data"]["notificationTemplates"].clone();
    let expected: usize = NotificationType::all()
        .map(|kind| kind.rule().channels.len() * 2)
        .sum();
    assert_eq!(all.as_array().unwrap().len(), expected);
    set(
        &admin,
        key("PASSWORD_RESET", "EMAIL", "EN"),
        0,
        json!({ "subject": "New", "text": "{{ link }}" }),
    )
    .await;
    let some = admin.run(query, json!({ "type": "PASSWORD_RESET" })).await;
    let variables = json!([
        { "name": "link", "isRequired": true }, { "name": "valid_until", "isRequired": false },
        { "name": "name", "isRequired": false }, { "name": "site", "isRequired": false },
    ]);
    let one = |locale: &str, id: Value, subject: &str, version: i32, updated: Value| {
        json!({ "id": id, "type": "PASSWORD_RESET", "channel": "EMAIL", "locale": locale, "subject": subject,
            "isDefault": version == 0, "version": version, "updatedAt": updated, "variables": variables })
    };
    let id = some["data"]["notificationTemplates"][1]["id"].clone();
    assert!(id.as_str().unwrap().starts_with("template_"));
    let updated = json!("2026-01-01T00:00:00+00:00");
    assert_eq!(
        some["data"]["notificationTemplates"],
        json!([
            one("ID", Value::Null, "Atur ulang kata sandi", 0, Value::Null),
            one("EN", id, "New", 1, updated)
        ])
    );
}

#[tokio::test]
async fn a_wording_can_be_looked_at_before_it_is_saved() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let query = "query($key: NotificationTemplateKeyInput!, $wording: NotificationWordingInput!) {
        notificationTemplatePreview(key: $key, wording: $wording) { subject text html } }";
    let wording = json!({ "subject": "{{ product_name }}", "text": "{{ new_price }}!" });
    let look = |key: Value, wording: Value| {
        let admin = admin.clone();
        async move {
            admin
                .run(query, json!({ "key": key, "wording": wording }))
                .await
        }
    };
    let seen = look(key("PRICE_DROP", "PUSH", "ID"), wording.clone()).await;
    let expected = json!({ "subject": "Kangkung Segar", "text": "Rp 89.000!", "html": null });
    assert_eq!(seen["data"]["notificationTemplatePreview"], expected);
    let refused = look(key("WELCOME", "EMAIL", "ID"), wording).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert!(
        refused["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("`product_name`")
    );
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
}
