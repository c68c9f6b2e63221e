//! Codes by SMS.

use harness::{Role, user_id};
use serde_json::json;

use super::{consume, event, fan_out, start, told, work};

const NUMBER: &str = "+6281234567890";

// T-USR-10: the code is asked for when the SMS is sent; nothing that is stored holds it.
#[tokio::test]
async fn a_code_goes_to_the_number_that_it_proves_and_nowhere_else() {
    let app = start().await;
    // The number of the contact is not verified: this SMS is what verifies it.
    let person = user_id(Role::Buyer);
    app.peers.answer_with("identity", move |call| {
        if call.variables.contains_key("id") {
            return json!({ "verificationMessage": { "email": null, "phone": NUMBER, "displayName": "Siti R.",
                "locale": "ID", "token": "048213", "expiresAt": "2026-01-01T00:10:00Z" } });
        }
        json!({ "userContacts": [{ "userId": person, "displayName": "Siti R.", "email": "siti@example.com",
            "isEmailVerified": true, "phone": NUMBER, "isPhoneVerified": false, "locale": "ID",
            "hasMarketingConsent": false }] })
    });
    let asked = json!({ "userId": person, "purpose": "PHONE_VERIFICATION" });
    consume(&app, &event("user.verification_requested", asked)).await;
    fan_out(&app).await;
    work(&app).await;
    let sent = super::letters(&app, "channel address subject text html").await;
    assert_eq!(
        sent,
        [
            json!({ "channel": "SMS", "address": NUMBER, "subject": "", "html": null,
            "text": "Pasar: 048213 adalah kodemu, berlaku sampai 1 Januari 2026 07.10 WIB. Jangan beri tahu \
                     siapa pun." })
        ]
    );
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
    let stored: String = sqlx::query_scalar(
        "select coalesce(string_agg(n::text, ''), '') || (select coalesce(string_agg(d::text, ''), '')
            from deliveries d) || (select coalesce(string_agg(o::text, ''), '') from outbox o) from notifications n",
    )
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert!(!stored.contains("048213"), "{stored}");
}
