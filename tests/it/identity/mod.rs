//! Tests of the `identity` subgraph.

mod access;
mod admin;
mod deletion;
mod entities;
mod keys;
mod lockout;
mod login;
mod password;
mod phone;
mod profile;
mod refresh;
mod register;
mod sessions;
mod users;
mod verification;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use harness::{Client, Role, Subgraph, wait::eventually};
use kernel::{Principal, SessionId, UserId};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Postgres, Transaction};

/// A password that keeps every rule.
pub(crate) const PASSWORD: &str = "Kopi-Gayo-77";
pub(crate) const EMAIL: &str = "siti@pembeli.example";

pub(crate) const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
    accessToken refreshToken expiresAt refreshExpiresAt user { id email roles permissions }
    userErrors { __typename code message path ... on AccountLocked { lockedUntil } } } }";
pub(crate) const REFRESH: &str =
    "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) {
    accessToken refreshToken expiresAt refreshExpiresAt user { id }
    userErrors { __typename code message path } } }";

/// What the marketplace looks at of an account.
pub(crate) const USER: &str = "user { id status roles permissions version }";

pub(crate) async fn start() -> Subgraph {
    let settings = json!({
        "issuer": "https://pasar.test/identity",
        "audience": "pasar",
        "signing_key_pem": identity::keys::generate_pem().unwrap(),
    });
    Subgraph::with_settings(&identity::SUBGRAPH, settings).await
}

/// Runs a mutation and gives what is under its field, or the top-level errors.
pub(crate) async fn change(client: &Client, field: &str, input: Value, selection: &str) -> Value {
    let input_type = match field {
        "userRoleGrant" | "userRoleRevoke" => "UserRoleInput".to_owned(),
        "userDisable" | "userEnable" | "userDelete" => "UserInput".to_owned(),
        _ => {
            let (first, rest) = field.split_at(1);
            format!("{}{rest}Input", first.to_uppercase())
        }
    };
    let query = format!(
        "mutation($input: {input_type}!) {{ {field}(input: $input) {{ {selection} \
         userErrors {{ __typename code message path ... on AccountLocked {{ lockedUntil }} \
         ... on WeakPassword {{ missing }} ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    unwrap(&client.run(&query, json!({ "input": input })).await, field)
}

/// Disables, enables or deletes an account, as the marketplace does.
pub(crate) async fn decide(app: &Subgraph, field: &str, id: UserId) -> Value {
    let payload = try_decide(app, field, id).await;
    assert_eq!(payload["userErrors"], json!([]), "{field}: {payload}");
    payload
}

/// The same where it may be refused.
pub(crate) async fn try_decide(app: &Subgraph, field: &str, id: UserId) -> Value {
    let input = json!({ "userId": id });
    change(&app.client(Role::Admin), field, input, USER).await
}

fn unwrap(reply: &Value, field: &str) -> Value {
    if reply["errors"].is_null() {
        reply["data"][field].clone()
    } else {
        reply["errors"].clone()
    }
}

/// The code of the only user error.
#[track_caller]
pub(crate) fn refusal(payload: &Value) -> &str {
    let errors = payload["userErrors"].as_array();
    assert_eq!(errors.map(Vec::len), Some(1), "{payload}");
    payload["userErrors"][0]["code"].as_str().unwrap()
}

pub(crate) fn person(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "firstName": "Siti", "lastName": "Rahmawati" })
}

/// Registers an account; gives its id.
pub(crate) async fn register(app: &Subgraph, email: &str) -> UserId {
    let anybody = app.client(Role::Anonymous);
    let payload = change(&anybody, "userRegister", person(email), "user { id }").await;
    let id = payload["user"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{payload}")).parse().unwrap()
}

/// Registers an account with more roles; gives its id.
pub(crate) async fn bootstrap(app: &Subgraph, email: &str, roles: &[&str]) -> UserId {
    let mut input = person(email);
    input["roles"] = json!(roles);
    let service = app.client(Role::Service);
    let payload = change(&service, "userBootstrap", input, "user { id }").await;
    let id = payload["user"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{payload}")).parse().unwrap()
}

/// A login as its owner sees it.
pub(crate) struct Login {
    pub(crate) client: Client,
    pub(crate) session_id: SessionId,
    pub(crate) refresh_token: String,
}

/// Logs in as the owner of `email`.
pub(crate) async fn login(app: &Subgraph, email: &str) -> Login {
    let payload = try_login(app, email, PASSWORD).await;
    let access_token = payload["accessToken"].as_str();
    let claims = claims(access_token.unwrap_or_else(|| panic!("{payload}")));
    let session_id: SessionId = claims["sid"].as_str().unwrap().parse().unwrap();
    let principal = Principal::user(
        claims["sub"].as_str().unwrap().parse().unwrap(),
        session_id,
        serde_json::from_value(claims["roles"].clone()).unwrap(),
        serde_json::from_value(claims["permissions"].clone()).unwrap(),
    );
    Login {
        client: app.client_as(principal),
        session_id,
        refresh_token: payload["refreshToken"].as_str().unwrap().to_owned(),
    }
}

/// The payload of a login.
pub(crate) async fn try_login(app: &Subgraph, email: &str, password: &str) -> Value {
    let input =
        json!({ "input": { "email": email, "password": password, "deviceName": "Ponsel" } });
    let reply = app.client(Role::Anonymous).run(LOGIN, input).await;
    unwrap(&reply, "login")
}

/// Of two new passwords that were set at once one was taken, and is the one that lets in.
pub(crate) async fn assert_one_is_set(app: &Subgraph, replies: [(&str, Value); 2]) {
    let done = |(_, reply): &&(&str, Value)| reply["userErrors"] == json!([]);
    let done: Vec<_> = replies.iter().filter(done).collect();
    assert_eq!(done.len(), 1, "{replies:?}");
    let reply = try_login(app, EMAIL, done[0].0).await;
    assert_eq!(reply["userErrors"], json!([]));
}

/// The payload of a refresh.
pub(crate) async fn refresh(app: &Subgraph, token: &str) -> Value {
    let input = json!({ "input": { "refreshToken": token } });
    let reply = app.client(Role::Anonymous).run(REFRESH, input).await;
    unwrap(&reply, "tokenRefresh")
}

/// The claims of an access token, unchecked.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The types of all events so far, apart from the letters that registration asks for.
pub(crate) async fn event_types(app: &Subgraph) -> Vec<String> {
    let events = app.outbox().await;
    let types = events
        .iter()
        .map(|event| event["eventType"].as_str().unwrap().to_owned());
    types
        .filter(|name| name != "user.verification_requested")
        .collect()
}

/// Locks all rows of a table until the transaction ends, so that requests stop at a known place.
pub(crate) async fn hold(app: &Subgraph, table: &str) -> Transaction<'static, Postgres> {
    let mut held = app.db.begin().await.unwrap();
    let query = format!("select 1 from {table} for update");
    sqlx::query(AssertSqlSafe(query))
        .execute(&mut *held)
        .await
        .unwrap();
    held
}

/// Returns once so many requests wait for a lock. A test has eight connections.
pub(crate) async fn wait_for_blocked(app: &Subgraph, requests: i64) {
    let blocked = "select count(*) from pg_stat_activity \
                   where datname = current_database() and wait_event_type = 'Lock'";
    eventually("requests wait for a lock", async || {
        let waiting: i64 = sqlx::query_scalar(blocked)
            .fetch_one(&app.db)
            .await
            .unwrap();
        waiting >= requests
    })
    .await;
}

/// Whose requests for letters and codes are counted, as hashes.
pub(crate) async fn counted(app: &Subgraph) -> Vec<Vec<u8>> {
    sqlx::query_scalar("select whose_hash from verification_requests order by whose_hash")
        .fetch_all(&app.db)
        .await
        .unwrap()
}

/// How requests of `whose` are counted: of an address, a number or an account.
pub(crate) fn hash(whose: &str) -> Vec<u8> {
    Sha256::digest(whose).to_vec()
}
