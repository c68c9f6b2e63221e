//! Proof of a phone number by the code of an SMS (T-USR-10).

use chrono::Duration;
use harness::{Client, Role, Subgraph};
use serde_json::{Value, json};

use super::{
    EMAIL, change, counted, decide, event_types, hash, login, person as newcomer, refusal,
    register, start, verification::letter,
};

const NUMBER: &str = "+6281234567890";

/// Sets the phone number of the caller; gives the user errors.
async fn try_number(client: &Client, number: &str) -> Value {
    let reply = client.run("{ me { version } }", json!({})).await;
    let version = &reply["data"]["me"]["version"];
    let input = json!({ "expectedVersion": version, "phone": number });
    change(client, "profileUpdate", input, "user { phone }").await["userErrors"].clone()
}

/// Sets the phone number of the caller.
async fn set_number(client: &Client, number: &str) {
    assert_eq!(try_number(client, number).await, json!([]));
}

/// A person with a phone number, logged in.
async fn person(app: &Subgraph, email: &str, number: &str) -> Client {
    register(app, email).await;
    let client = login(app, email).await.client;
    set_number(&client, number).await;
    client
}

/// Asks for a code; gives the user errors.
async fn ask(client: &Client) -> Value {
    let query = "mutation { phoneOtpRequest { user { phone } userErrors { code message
        ... on Cooldown { retryAt } } } }";
    client.run(query, json!({})).await["data"]["phoneOtpRequest"]["userErrors"].clone()
}

async fn prove(client: &Client, code: &str) -> Value {
    let input = json!({ "code": code });
    change(client, "phoneVerify", input, "user { phoneVerifiedAt }").await
}

/// The code that was asked for last.
async fn code(app: &Subgraph) -> String {
    letter(app).await["token"].as_str().unwrap().to_owned()
}

/// A code that is not `right`.
fn wrong(right: &str) -> &'static str {
    if right == "000000" {
        "000001"
    } else {
        "000000"
    }
}

async fn is_verified(client: &Client) -> bool {
    let reply = client.run("{ me { phoneVerifiedAt } }", json!({})).await;
    reply["data"]["me"]["phoneVerifiedAt"].is_string()
}

/// The phone number of the caller.
async fn number(client: &Client) -> Value {
    client.run("{ me { phone } }", json!({})).await["data"]["me"]["phone"].clone()
}

#[tokio::test]
async fn a_number_is_verified_by_the_code_of_an_sms_once_in_effect() {
    let app = start().await;
    let owner = person(&app, EMAIL, NUMBER).await;
    assert_eq!(ask(&owner).await, json!([]));
    let sent = letter(&app).await;
    assert_eq!(
        (&sent["purpose"], &sent["phone"], &sent["email"]),
        (&json!("PHONE_VERIFICATION"), &json!(NUMBER), &Value::Null)
    );
    assert_eq!(sent["expiresAt"], "2026-01-01T00:10:00+00:00");
    let code = sent["token"].as_str().unwrap();
    assert!(
        code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
        "{code}"
    );
    for table in ["verifications", "verification_requests", "outbox"] {
        let query = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query));
        let stored: String = query.fetch_one(&app.db).await.unwrap();
        let words = stored.split(|letter: char| !letter.is_ascii_alphanumeric());
        assert!(words.into_iter().all(|word| word != code), "{table}");
    }

    assert_eq!(refusal(&prove(&owner, wrong(code)).await), "INVALID_TOKEN");
    let done =
        json!({ "user": { "phoneVerifiedAt": "2026-01-01T00:00:00+00:00" }, "userErrors": [] });
    assert_eq!(prove(&owner, &format!(" {code} ")).await, done);
    assert_eq!(prove(&owner, code).await, done, "the same code again");
    let types = event_types(&app).await;
    let verified = types.iter().filter(|name| *name == "user.phone_verified");
    assert_eq!(verified.count(), 1, "{types:?}");
    app.assert_golden_events_except(&[
        "user.registered",
        "user.login",
        "user.profile_updated",
        "user.verification_requested",
    ])
    .await;
    let refused = ask(&owner).await;
    assert_eq!(refused[0]["code"], "INVALID_STATE");

    let contacts = "query($ids: [ID!]!) { userContacts(ids: $ids) { phone isPhoneVerified } }";
    let service = app.client(Role::Service);
    let ids = json!({ "ids": [sent["userId"]] });
    let reply = service.run(contacts, ids).await;
    assert_eq!(
        reply["data"]["userContacts"],
        json!([{ "phone": NUMBER, "isPhoneVerified": true }])
    );
}

#[tokio::test]
async fn another_number_is_not_verified_and_needs_a_code_of_its_own() {
    let app = start().await;
    register(&app, EMAIL).await;
    let owner = login(&app, EMAIL).await.client;
    assert_eq!(ask(&owner).await[0]["code"], "INVALID_STATE", "no number");
    set_number(&owner, NUMBER).await;
    ask(&owner).await;
    let first = code(&app).await;
    set_number(&owner, "+6281234567891").await;
    assert_eq!(letter(&app).await, Value::Null, "it is not sent any more");
    assert_eq!(refusal(&prove(&owner, &first).await), "INVALID_TOKEN");
    ask(&owner).await;
    let second = code(&app).await;
    assert_eq!(prove(&owner, &second).await["userErrors"], json!([]));
    set_number(&owner, NUMBER).await;
    assert!(!is_verified(&owner).await);
    set_number(&owner, "+6281234567891").await;
    assert_eq!(
        refusal(&prove(&owner, &second).await),
        "INVALID_TOKEN",
        "a code is good once"
    );
    assert!(!is_verified(&owner).await);
}

#[tokio::test]
async fn a_code_that_is_expired_replaced_or_of_somebody_else_verifies_nothing() {
    let app = start().await;
    let owner = person(&app, EMAIL, NUMBER).await;
    let other = person(&app, "budi@pembeli.example", "+6281234567891").await;
    ask(&owner).await;
    let first = code(&app).await;
    assert_eq!(refusal(&prove(&other, &first).await), "INVALID_TOKEN");
    ask(&owner).await;
    let second = code(&app).await;
    assert_ne!(first, second);
    assert_eq!(refusal(&prove(&owner, &first).await), "INVALID_TOKEN");
    app.clock.advance(Duration::minutes(10));
    assert_eq!(refusal(&prove(&owner, &second).await), "INVALID_TOKEN");
    assert_eq!(letter(&app).await, Value::Null, "it is not sent any more");
    assert!(!is_verified(&owner).await);
}

#[tokio::test]
async fn after_five_wrong_codes_also_the_right_one_is_refused() {
    let app = start().await;
    let owner = person(&app, EMAIL, NUMBER).await;
    ask(&owner).await;
    let right = code(&app).await;
    // At once, so that no guess is looked at before the others are counted.
    let guesses = (0..5).map(|_| prove(&owner, wrong(&right)));
    for reply in futures_util::future::join_all(guesses).await {
        assert_eq!(refusal(&reply), "INVALID_TOKEN");
    }
    assert_eq!(refusal(&prove(&owner, &right).await), "INVALID_TOKEN");
    ask(&owner).await;
    let new = code(&app).await;
    for _ in 0..4 {
        prove(&owner, wrong(&new)).await;
    }
    assert_eq!(prove(&owner, &new).await["userErrors"], json!([]));
}

// Whoever pays for messages is not to be made to send many of them.
#[tokio::test]
async fn three_codes_in_a_row_then_an_hour_of_silence_for_the_number_and_for_the_caller() {
    let app = start().await;
    let owner = person(&app, EMAIL, NUMBER).await;
    for _ in 0..3 {
        assert_eq!(ask(&owner).await, json!([]));
    }
    let refused = json!([{
        "code": "COOLDOWN", "retryAt": "2026-01-01T01:00:00+00:00",
        "message": "asked for too often: look into your messages, or wait and try again" }]);
    assert_eq!(ask(&owner).await, refused);
    set_number(&owner, "+6281234567891").await;
    assert_eq!(
        ask(&owner).await,
        refused,
        "another number of the same caller"
    );
    let other = person(&app, "budi@pembeli.example", NUMBER).await;
    assert_eq!(
        ask(&other).await,
        refused,
        "the same number of another caller"
    );
    app.clock.advance(Duration::hours(1));
    assert_eq!(ask(&other).await, json!([]));
}

#[tokio::test]
async fn of_a_deleted_account_no_number_is_left_but_its_pause() {
    let app = start().await;
    let owner = person(&app, EMAIL, NUMBER).await;
    for _ in 0..3 {
        assert_eq!(ask(&owner).await, json!([]));
    }
    let me = owner.run("{ me { id } }", json!({})).await;
    let id = me["data"]["me"]["id"].as_str().unwrap();
    assert!(counted(&app).await.contains(&hash(id)));
    decide(&app, "userDelete", id.parse().unwrap()).await;
    let left: i64 = sqlx::query_scalar("select count(*) from verifications")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(counted(&app).await, [hash(NUMBER)], "nothing of the caller");
    // Else whoever makes and deletes accounts could have messages sent to a stranger without end.
    let next = person(&app, "lain@pasar.example", NUMBER).await;
    assert_eq!(ask(&next).await[0]["code"], "COOLDOWN");
}

#[tokio::test]
async fn many_who_ask_at_once_after_a_pause_do_not_wait_for_each_other_in_a_circle() {
    let app = start().await;
    let mut people = Vec::new();
    for number in 0..8 {
        let email = format!("ramai-{number}@pasar.example");
        people.push(person(&app, &email, &format!("+628120000000{number}")).await);
    }
    // Old counts of all of them are swept by all of them.
    for _ in 0..5 {
        let asked = futures_util::future::join_all(people.iter().map(ask)).await;
        assert!(asked.iter().all(|errors| *errors == json!([])), "{asked:?}");
        app.clock.advance(Duration::hours(2));
    }
}

// Else whoever enters a stranger's number keeps it from them (T-USR-10, T-USR-11).
#[tokio::test]
async fn a_number_belongs_to_who_has_proved_it() {
    let app = start().await;
    let other = person(&app, "budi@pembeli.example", NUMBER).await;
    let owner = person(&app, EMAIL, NUMBER).await;
    ask(&owner).await;
    let first = code(&app).await;
    ask(&other).await;
    assert_eq!(letter(&app).await["phone"], NUMBER);
    let done = prove(&owner, &first).await;
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(number(&owner).await, NUMBER);
    assert_eq!(number(&other).await, Value::Null, "it was taken away");
    let unsent = letter(&app).await;
    assert_eq!(unsent, Value::Null, "no SMS to whoever lost the number");
    let types = event_types(&app).await;
    let last = types.iter().rev().take(2).collect::<Vec<_>>();
    assert_eq!(last, ["user.profile_updated", "user.phone_verified"]);

    let taken = json!([{ "__typename": "Refusal", "code": "ALREADY_EXISTS",
        "message": "another account has verified this phone number", "path": ["input", "phone"] }]);
    assert_eq!(try_number(&other, NUMBER).await, taken);
    let mut input = newcomer("cici@pembeli.example");
    input["phone"] = json!(NUMBER);
    let anybody = app.client(Role::Anonymous);
    let refused = change(&anybody, "userRegister", input.clone(), "user { id }").await;
    assert_eq!(refused["userErrors"], taken);

    set_number(&owner, "+6281234567891").await;
    set_number(&other, NUMBER).await;
    let registered = change(&anybody, "userRegister", input, "user { phone }").await;
    assert_eq!(registered["user"]["phone"], NUMBER, "nobody has proved it");
}

#[tokio::test]
async fn whoever_kept_a_number_that_somebody_proved_cannot_prove_it_too() {
    let app = start().await;
    let other = person(&app, "budi@pembeli.example", NUMBER).await;
    let owner = person(&app, EMAIL, NUMBER).await;
    ask(&owner).await;
    let first = code(&app).await;
    ask(&other).await;
    let second = code(&app).await;
    // An account that something else happens to is not waited for.
    let mut busy = app.db.begin().await.unwrap();
    sqlx::query("select from users where email = 'budi@pembeli.example' for update")
        .execute(&mut *busy)
        .await
        .unwrap();
    assert_eq!(prove(&owner, &first).await["userErrors"], json!([]));
    drop(busy);
    assert_eq!(number(&other).await, NUMBER);
    assert_eq!(letter(&app).await, Value::Null, "the owner gets no SMS");
    let refused = prove(&other, &second).await;
    let message = "another account has verified this phone number";
    let taken = json!([{ "__typename": "Refusal", "code": "ALREADY_EXISTS",
        "message": message, "path": null }]);
    assert_eq!(refused["userErrors"], taken);
    let refused = json!([{ "code": "ALREADY_EXISTS", "message": message }]);
    assert_eq!(ask(&other).await, refused, "the owner gets no SMS");
    assert!(is_verified(&owner).await && !is_verified(&other).await);
}

#[tokio::test]
async fn of_two_who_prove_one_number_at_once_one_has_it() {
    let app = start().await;
    let (a, b) = tokio::join!(
        person(&app, EMAIL, NUMBER),
        person(&app, "budi@pembeli.example", NUMBER)
    );
    ask(&a).await;
    let first = code(&app).await;
    ask(&b).await;
    let second = code(&app).await;
    tokio::join!(prove(&a, &first), prove(&b, &second));
    let verified = (is_verified(&a).await, is_verified(&b).await);
    assert!(verified.0 != verified.1, "{verified:?}");
}
