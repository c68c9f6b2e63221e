//! The subgraphs' own endpoints answer the router and nobody else, and the router gives nothing away
//! that is meant for the parts of Pasar only.

use harness::{Role, deployment::INTERNAL_SECRET, http::HttpClient};
use http::{Method, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use kernel::{Clock, Principal};
use process::{
    assertion::{self, AssertionKey},
    config::Secret,
};
use serde_json::{Value, json};

use super::{BUYER, codes, shop};

const REFUSAL: &str =
    "this endpoint answers the router only: the principal header is missing or not valid";

fn signed(secret: &str, principal: &Principal, clock: &Clock) -> String {
    let key = AssertionKey::new(&Secret::new(secret.to_owned())).unwrap();
    assertion::sign(&key, principal, clock).unwrap()
}

async fn ask(url: &str, path: &str, assertion: Option<&str>, body: &str) -> (StatusCode, Value) {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(assertion.map(|assertion| ("x-pasar-principal", assertion)));
    let reply = HttpClient::new(url)
        .send(Method::POST, path, &headers, body.to_owned().into())
        .await;
    (reply.status, reply.json())
}

/// Assertions that are none; the first is missing.
fn forged(admin: &Principal, genuine: &str, user_token: String) -> [Option<String>; 10] {
    let hour_ago = Clock::fixed(Clock::System.now() - chrono::TimeDelta::hours(1));
    let in_an_hour = Clock::fixed(Clock::System.now() + chrono::TimeDelta::hours(1));
    let (message, signature) = genuine.rsplit_once('.').unwrap();
    let none = message.split_once('.').unwrap().1;
    let hs512 = {
        let key = EncodingKey::from_secret(INTERNAL_SECRET.as_bytes());
        crypto::sign(message.as_bytes(), &key, Algorithm::HS512).unwrap()
    };
    [
        None,
        Some(String::new()),
        Some("garbage".to_owned()),
        Some(signed(
            "another secret of at least thirty-two bytes",
            admin,
            &Clock::System,
        )),
        Some(signed(INTERNAL_SECRET, admin, &hour_ago)),
        Some(signed(INTERNAL_SECRET, admin, &in_an_hour)),
        Some(format!(
            "eyJhbGciOiJub25lIiwidHlwIjoicHJpbmNpcGFsK2p3dCJ9.{none}."
        )),
        Some(format!("{message}.{hs512}")),
        Some(format!("{message}x.{signature}")),
        Some(user_token),
    ]
}

#[tokio::test]
async fn a_subgraph_refuses_callers_without_a_valid_assertion() {
    let shop = shop().await;
    let user_token = shop.split.login(BUYER).await.token().unwrap().to_owned();
    let admin = Role::Admin.principal();
    let genuine = signed(INTERNAL_SECRET, &admin, &Clock::System);
    let forged = forged(&admin, &genuine, user_token);
    for subgraph in pasar::subgraphs::ALL {
        let url = &shop.split.subgraph(subgraph.name).url;
        let path = format!("/{}/graphql", subgraph.name);
        for assertion in &forged {
            let (status, body) = ask(
                url,
                &path,
                assertion.as_deref(),
                r#"{"query":"{__typename}"}"#,
            )
            .await;
            let extensions = json!({ "code": "UNAUTHENTICATED" });
            assert_eq!(
                status,
                StatusCode::UNAUTHORIZED,
                "{} with {assertion:?}",
                subgraph.name
            );
            assert_eq!(
                body,
                json!({ "errors": [{ "message": REFUSAL, "extensions": extensions }] })
            );
        }
        let (status, body) = ask(url, &path, Some(&genuine), r#"{"query":"{__typename}"}"#).await;
        assert_eq!(
            (status, body),
            (StatusCode::OK, json!({ "data": { "__typename": "Query" } }))
        );
        for garbage in [
            "",
            "{",
            "[]",
            "null",
            r#"{"query":1}"#,
            r#"{"query":"{a}","variables":[]}"#,
        ] {
            let (status, body) = ask(url, &path, Some(&genuine), garbage).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{garbage}");
            assert_eq!(codes(&body), ["BAD_USER_INPUT"]);
        }
    }
}

/// Root fields that subgraphs keep for each other.
fn inaccessible_fields() -> Vec<String> {
    let all = pasar::subgraphs::ALL
        .into_iter()
        .flat_map(crate::contracts::root_fields);
    all.filter(|field| field.is_inaccessible)
        .map(|field| field.name)
        .collect()
}

#[tokio::test]
async fn what_subgraphs_keep_for_each_other_cannot_be_reached_through_the_router() {
    let hidden = inaccessible_fields();
    for known in [
        "sellerMemberRole",
        "revokedSessions",
        "productOwners",
        "variantOwners",
    ] {
        assert!(
            hidden.iter().any(|field| field == known),
            "{known} is not among {hidden:?}"
        );
    }
    for (deployment, started) in shop().await.both() {
        let admin = started.login(super::ADMIN).await;
        for field in hidden
            .iter()
            .map(String::as_str)
            .chain(["_service", "_entities"])
        {
            let reply = admin.graphql(&format!("{{ {field} }}"), json!({})).await;
            assert_eq!(
                codes(&reply),
                ["GRAPHQL_VALIDATION_FAILED"],
                "{deployment} {field}: {reply}"
            );
            assert_eq!(reply.get("data"), None);
        }
        let reply = admin
            .graphql("{ __schema { types { name fields { name } } } }", json!({}))
            .await;
        let schema = reply.to_string();
        for field in hidden
            .iter()
            .map(String::as_str)
            .chain(["_service", "_Entity", "_Any", "join__"])
        {
            assert!(
                !schema.contains(&format!("\"{field}\"")),
                "{field} is shown"
            );
        }
    }
}
