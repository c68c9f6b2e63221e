//! The code that proves a phone number, from end to end: an event of identity, the bus, notifications, and the
//! mailbox that keeps messages where no provider is configured.

use chrono::DateTime;
use harness::{deployment::login, http::HttpClient, wait::found};
use serde_json::{Value, json};
use uuid::Uuid;

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

/// Whether a log has `code` somewhere, with no digit beside it. Times, durations and ids are left out: six digits of
/// these may be those of a code.
fn tells(log: &str, code: &str) -> bool {
    let is_duration = |word: &str| {
        let number = word.trim_end_matches(['n', 'µ', 'm', 's']).parse();
        number.is_ok_and(|number: f64| number.fract() != 0.0)
    };
    let says_nothing = |word: &&str| {
        let is_time = DateTime::parse_from_rfc3339(word).is_ok() || is_duration(word);
        is_time || Uuid::parse_str(word).is_ok()
    };
    let words = log.split([' ', '=', '\n']);
    let mut words = words.filter(|word| !says_nothing(word));
    words.any(|word| {
        word.split(|letter: char| !letter.is_ascii_digit())
            .any(|run| run == code)
    })
}

#[test]
fn a_code_is_found_but_not_in_a_time_nor_in_an_id() {
    for line in [
        "elapsed=1.234567ms elapsed_secs=0.001234567",
        "elapsed=2.234567s",
        "2026-11-21T19:10:15.234567Z  INFO",
        "request_id=0198c0de-0000-7000-8000-ab234567cdef",
        "db.statement=1234567",
    ] {
        assert!(!tells(line, "234567"), "{line}");
    }
    for line in [
        "code=234567",
        "text=\"Kode: 234567.\"",
        "otp:234567 x",
        "\n234567",
    ] {
        assert!(tells(line, "234567"), "{line}");
    }
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
            assert!(!tells(&log, code), "{code}: {process}");
        }
    }
}
