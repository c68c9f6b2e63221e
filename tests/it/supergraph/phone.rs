//! The code that proves a phone number, from end to end: an event of identity, the bus, notifications, and the
//! mailbox that keeps messages where no provider is configured.

use chrono::DateTime;
use harness::{deployment::login, http::HttpClient, wait::found};
use serde_json::{Value, json};

use super::{
    ADMIN, shop,
    writes::{PASSWORD, register, step},
};

const NUMBERS: [&str; 2] = ["+628119990001", "+628119990002"];

/// The first SMS to a person, as soon as there is one: its address and its text.
async fn sms(admin: &HttpClient, of: &Value) -> (String, String) {
    const MAILBOX: &str =
        "query($of: ID!) { notificationMailbox(first: 1, channel: SMS, userId: $of) {
        nodes { address text } } }";
    found("an SMS has come", async || {
        let reply = step(admin, MAILBOX, json!({ "of": of })).await;
        let message = &reply["data"]["notificationMailbox"]["nodes"][0];
        let text = |field: &str| message[field].as_str().map(str::to_owned);
        text("address").zip(text("text")).ok_or(reply)
    })
    .await
}

/// A log without times and durations: six digits of these may be those of a code.
fn without_times(log: &str) -> String {
    let is_duration = |word: &str| word.parse().is_ok_and(|number: f64| number.fract() != 0.0);
    let is_time = |word: &str| DateTime::parse_from_rfc3339(word).is_ok() || is_duration(word);
    let words = log.split([' ', '=', '\n']).filter(|word| !is_time(word));
    words.collect::<Vec<_>>().join(" ")
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
        let (address, text) = sms(&started.login(ADMIN).await, id).await;
        assert_eq!(address, number);
        let digits = text.split(|letter: char| !letter.is_ascii_digit());
        let code = digits.into_iter().find(|word| word.len() == 6).unwrap();
        let input = json!({ "input": { "code": code } });
        let verified = step(&user, VERIFY, input).await;
        let shown = &verified["data"]["phoneVerify"]["user"];
        assert_eq!(shown["phone"], number, "{text}");
        assert!(shown["phoneVerifiedAt"].is_string(), "{verified}");
        // Neither is in the log of any process, of statements included.
        for process in &started.processes {
            let log = process.log();
            assert!(!log.contains(number) && !log.contains(&text), "{process}");
            assert!(!without_times(&log).contains(code), "{code}: {process}");
        }
    }
}
