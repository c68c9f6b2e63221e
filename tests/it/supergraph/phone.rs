//! The code that proves a phone number, from end to end: an event of identity, the bus, notifications, and the
//! mailbox that keeps messages where no provider is configured.

use std::time::Duration;

use harness::{deployment::login, http::HttpClient};
use serde_json::{Value, json};

use super::{
    ADMIN, shop,
    writes::{PASSWORD, register, step},
};

const NUMBERS: [&str; 2] = ["+628119990001", "+628119990002"];

/// The text of the first SMS to a person, as soon as there is one.
async fn sms(admin: &HttpClient, of: &Value) -> String {
    const MAILBOX: &str =
        "query($of: ID!) { notificationMailbox(first: 1, channel: SMS, userId: $of) {
        nodes { address text } } }";
    for _ in 0..2_400 {
        let reply = step(admin, MAILBOX, json!({ "of": of })).await;
        let message = &reply["data"]["notificationMailbox"]["nodes"][0];
        if let Some(text) = message["text"].as_str() {
            assert!(NUMBERS.contains(&message["address"].as_str().unwrap()));
            return text.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no SMS came");
}

// T-USR-10, T-NOT-C
#[tokio::test]
async fn a_number_is_verified_by_an_sms_in_both_deployments() {
    const UPDATE: &str = "mutation($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
        user { phone } userErrors { code } } }";
    const ASK: &str = "mutation { phoneOtpRequest { user { id } userErrors { code } } }";
    const VERIFY: &str = "mutation($input: PhoneVerifyInput!) { phoneVerify(input: $input) {
        user { phone phoneVerifiedAt } userErrors { code } } }";
    for ((deployment, started), number) in shop().await.both().into_iter().zip(NUMBERS) {
        let email = format!("ponsel-{deployment}@pasar.example");
        let registered = register(&started.client(), &email).await;
        let id = &registered["data"]["userRegister"]["user"]["id"];
        let user = login(&started.client(), &email, PASSWORD).await;
        let input = json!({ "input": { "expectedVersion": 1, "phone": number } });
        step(&user, UPDATE, input).await;
        step(&user, ASK, json!({})).await;
        let text = sms(&started.login(ADMIN).await, id).await;
        let digits = text.split(|letter: char| !letter.is_ascii_digit());
        let code = digits.into_iter().find(|word| word.len() == 6);
        let input = json!({ "input": { "code": code } });
        let verified = step(&user, VERIFY, input).await;
        let shown = &verified["data"]["phoneVerify"]["user"];
        assert_eq!(shown["phone"], number, "{text}");
        assert!(shown["phoneVerifiedAt"].is_string(), "{verified}");
    }
}
