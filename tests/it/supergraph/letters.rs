//! What people are written by e-mail, from end to end: an event of identity, the bus, notifications, and
//! the mailbox that keeps letters where no mail server is configured.

use harness::{
    deployment::{Deployment, login},
    http::HttpClient,
    wait::found,
};
use serde_json::{Value, json};

use super::{
    ADMIN, shop,
    writes::{PASSWORD, register, step},
};

const MAILBOX: &str =
    "query($of: ID!) { notificationMailbox(first: 20, channel: EMAIL, userId: $of) {
    nodes { address subject text } } }";

/// The letters with a token to a person, the newest first, as soon as there are `count`.
async fn letters(admin: &HttpClient, of: &Value, count: usize) -> Vec<Value> {
    found("the letters have come", async || {
        let reply = step(admin, MAILBOX, json!({ "of": of })).await;
        let nodes = &reply["data"]["notificationMailbox"]["nodes"];
        let mut letters = nodes.as_array().unwrap().clone();
        letters.retain(|letter| letter["text"].as_str().unwrap().contains("token="));
        if letters.len() >= count {
            return Ok(letters);
        }
        Err(letters)
    })
    .await
}

/// The token in the newest letter that has one.
fn token(letters: &[Value]) -> &str {
    letters
        .iter()
        .find_map(|letter| letter["text"].as_str()?.split_once("token="))
        .map(|(_, rest)| rest.split_whitespace().next().unwrap())
        .unwrap_or_else(|| panic!("no token in {letters:?}"))
}

async fn newcomer(started: &Deployment, tag: &str) -> (String, Value) {
    let email = format!("surat-{tag}@pasar.example");
    let registered = register(&started.client(), &email).await;
    let id = registered["data"]["userRegister"]["user"]["id"].clone();
    (email, id)
}

// T-USR-9, T-NOT-T: register, get the letter, prove the address.
#[tokio::test]
async fn a_newcomer_proves_the_address_by_the_letter_in_both_deployments() {
    const VERIFY: &str = "mutation($input: EmailVerifyInput!) { emailVerify(input: $input) {
        user { id } userErrors { code } } }";
    for (deployment, started) in shop().await.both() {
        let (email, id) = newcomer(started, deployment).await;
        let admin = started.login(ADMIN).await;
        let letters = letters(&admin, &id, 1).await;
        assert!(letters.iter().all(|letter| letter["address"] == email));
        let nobody = started.client();
        let input = json!({ "input": { "token": token(&letters) } });
        let verified = step(&nobody, VERIFY, input).await;
        assert_eq!(verified["data"]["emailVerify"]["user"]["id"], id);
        let user = login(&nobody, &email, PASSWORD).await;
        let me = step(&user, "{ me { emailVerifiedAt } }", json!({})).await;
        assert!(me["data"]["me"]["emailVerifiedAt"].is_string(), "{me}");
    }
}

// T-AUT-4/5: forget the password, get the letter, set a new one.
#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_the_letter_in_both_deployments() {
    const FORGOT: &str =
        "mutation($input: PasswordResetRequestInput!) { passwordResetRequest(input: $input) {
        userErrors { code } } }";
    const RESET: &str = "mutation($input: PasswordResetInput!) { passwordReset(input: $input) {
        user { id } userErrors { code } } }";
    for (deployment, started) in shop().await.both() {
        let (email, id) = newcomer(started, &format!("lupa-{deployment}")).await;
        let admin = started.login(ADMIN).await;
        letters(&admin, &id, 1).await;
        let nobody = started.client();
        step(&nobody, FORGOT, json!({ "input": { "email": email } })).await;
        let letters = letters(&admin, &id, 2).await;
        let token = token(&letters);
        let input = json!({ "input": { "token": token, "newPassword": "Teh-Manis-88!" } });
        step(&nobody, RESET, input).await;
        let user = login(&nobody, &email, "Teh-Manis-88!").await;
        let me = step(&user, "{ me { id } }", json!({})).await;
        assert_eq!(me["data"]["me"]["id"], id);
        // Neither is in the log, of statements included.
        for process in &started.processes {
            let log = process.log();
            assert!(!log.contains(token) && !log.contains(&email), "{process}");
        }
    }
}
