use harness::{Role, access::assert_met, user_id};

use super::{about, ask, consume, start, work};

// T-RBAC: every root field, every role.
#[tokio::test]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let person = |code| {
        let out = "UNAUTHENTICATED";
        [out, code, code, code, code, code, out]
    };
    let admin = |code| {
        let (out, no) = ("UNAUTHENTICATED", "FORBIDDEN");
        [out, no, no, no, no, code, out]
    };
    let key = "{ type: WELCOME, channel: EMAIL, locale: ID }";
    let wording = "{ subject: \"x\", text: \"y\" }";
    let rows = [
        ("mutation { notificationMarkRead(input: { notificationId: \"notification_00000000000000000000000009\" }) { userErrors { code } } }".to_owned(), person("NOT_FOUND")),
        ("mutation { notificationMarkAllRead(input: { upToSeq: \"1\" }) { userErrors { code } } }".to_owned(), person("ok")),
        ("mutation { notificationPreferencesUpdate(input: { switches: [] }) { userErrors { code } } }".to_owned(), person("ok")),
        ("mutation { productWatch(input: { productId: \"product_00000000000000000000000009\", kinds: [PRICE_DROP] }) { userErrors { code } } }".to_owned(), person("NOT_FOUND")),
        ("mutation { productUnwatch(input: { productId: \"product_00000000000000000000000009\", kinds: [PRICE_DROP] }) { userErrors { code } } }".to_owned(), person("ok")),
        ("mutation { pushDeviceRegister(input: { token: \"\", platform: WEB }) { userErrors { code } } }".to_owned(), person("INVALID_VALUE")),
        ("mutation { pushDeviceRemove(input: { deviceId: \"device_00000000000000000000000009\" }) { userErrors { code } } }".to_owned(), person("NOT_FOUND")),
        (format!("mutation {{ notificationTemplateSet(input: {{ key: {key}, expectedVersion: 7, wording: {wording} }}) {{ userErrors {{ code }} }} }}"), admin("VERSION_CONFLICT")),
        (format!("mutation {{ notificationTemplateReset(input: {{ key: {key}, expectedVersion: 7 }}) {{ userErrors {{ code }} }} }}"), admin("VERSION_CONFLICT")),
        ("{ notificationDeliveries { nodes { id } } }".to_owned(), admin("ok")),
        ("{ notificationMailbox { nodes { id } } }".to_owned(), admin("ok")),
        ("{ notificationTemplates { version } }".to_owned(), admin("ok")),
        (format!("{{ notificationTemplatePreview(key: {key}, wording: {wording}) {{ text }} }}"), admin("ok")),
    ];
    let app = start().await;
    assert_met(&app, rows).await;
}

#[tokio::test]
async fn what_a_person_is_told_is_for_that_person_only() {
    let app = start().await;
    consume(&app, &about("user.registered", Role::Buyer)).await;
    work(&app).await;
    for (name, field) in [
        ("notifications", "notifications { nodes { title } }"),
        ("unreadNotificationCount", "unreadNotificationCount"),
        (
            "notificationPreferences",
            "notificationPreferences { hasMarketingConsent }",
        ),
        ("productWatches", "productWatches { nodes { id } }"),
        ("pushDevices", "pushDevices { id }"),
    ] {
        for role in Role::ALL {
            let reply = ask(&app.client(role), user_id(Role::Buyer), field).await;
            let (value, code) = (
                &reply["data"]["_entities"][0][name],
                &reply["errors"][0]["extensions"]["code"],
            );
            match role {
                Role::Buyer => assert!(!value.is_null() && code.is_null(), "{field}: {reply}"),
                Role::Anonymous | Role::Service => {
                    assert!(
                        value.is_null() && code == "UNAUTHENTICATED",
                        "{field} {role:?}: {reply}"
                    );
                }
                _ => assert!(
                    value.is_null() && code == "FORBIDDEN",
                    "{field} {role:?}: {reply}"
                ),
            }
        }
    }
}
