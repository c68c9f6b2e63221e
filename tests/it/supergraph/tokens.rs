//! Access tokens that are not what they claim: each is refused, by name, and never taken for nobody.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signer as _, SigningKey, pkcs8::DecodePrivateKey as _};
use harness::{deployment::signing_key, http::HttpClient};
use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::{ADMIN, BUYER, shop};

/// A token in its parts.
#[derive(Clone)]
struct Token {
    header: Value,
    claims: Value,
}

impl Token {
    fn read(text: &str) -> Self {
        let mut parts = text.split('.').map(|part| {
            let bytes = BASE64.decode(part).unwrap_or_default();
            serde_json::from_slice(&bytes).unwrap_or_default()
        });
        Self {
            header: parts.next().unwrap(),
            claims: parts.next().unwrap(),
        }
    }

    fn header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(claim);
        self
    }

    fn message(&self) -> String {
        let encode = |part: &Value| BASE64.encode(part.to_string());
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }

    fn signed_by(&self, key: &SigningKey) -> String {
        let message = self.message();
        let signature = key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", BASE64.encode(signature))
    }

    /// Signed with the key of this deployment, as only identity can.
    fn signed(&self) -> String {
        self.signed_by(&own_key())
    }

    fn signed_with_secret(&self, secret: &[u8]) -> String {
        let message = self.clone().header("alg", json!("HS256")).message();
        let key = EncodingKey::from_secret(secret);
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }
}

fn own_key() -> SigningKey {
    SigningKey::from_pkcs8_pem(signing_key()).unwrap()
}

async fn send(client: &HttpClient, authorization: &str) -> (u16, Value, Option<String>) {
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", "r"),
        ("authorization", authorization),
    ];
    let body = r#"{"query":"{ me { email } }"}"#;
    let reply = client
        .send(Method::POST, "/graphql", &headers, body.into())
        .await;
    let challenge = reply
        .headers
        .get("www-authenticate")
        .map(|value| value.to_str().unwrap().to_owned());
    (reply.status.as_u16(), reply.json(), challenge)
}

/// Tokens, each with the reason for which it is refused.
#[expect(clippy::too_many_lines, reason = "a table")]
fn forged(real: &str) -> Vec<(String, &'static str)> {
    let token = Token::read(real);
    let with = |name: &str, value: Value| token.clone().claim(name, value).signed();
    let now = token.claims["iat"].as_i64().unwrap();
    let public = own_key().verifying_key();
    let stranger = SigningKey::from_bytes(&[7; 32]);
    let signature = real.rsplit_once('.').unwrap().1;
    let raised = token.clone().claim("permissions", json!(["all:*"]));
    let unsigned = |name: &str| token.clone().header("alg", json!(name)).message();
    let own_jwk =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(stranger.verifying_key()) });
    vec![
        (
            with("exp", json!(now - 3_600)),
            "the access token has expired",
        ),
        (
            with("iat", json!(now + 3_600)),
            "the access token is not valid yet",
        ),
        (
            with("nbf", json!(now + 3_600)),
            "the access token is not valid yet",
        ),
        (
            with("aud", json!("elsewhere")),
            "the access token is meant for another audience",
        ),
        (
            token.clone().without("aud").signed(),
            "the access token is meant for another audience",
        ),
        (
            with("iss", json!("https://evil.example")),
            "the access token comes from an unknown issuer",
        ),
        (
            with("sub", json!("product_00000000000000000000000001")),
            "the access token does not name a user",
        ),
        (
            with("permissions", json!("all:*")),
            "the access token is malformed",
        ),
        (
            token.clone().without("exp").signed(),
            "the access token is malformed",
        ),
        (
            format!("{}.{signature}", unsigned("none")),
            "the access token is signed with an algorithm that is not accepted",
        ),
        (
            format!("{}.{signature}", unsigned("NONE")),
            "the access token is signed with an algorithm that is not accepted",
        ),
        (
            format!("{}.", unsigned("none")),
            "the access token is malformed",
        ),
        (unsigned("none"), "the access token is malformed"),
        (
            token.signed_with_secret(public.as_bytes()),
            "the access token is signed with an algorithm that is not accepted",
        ),
        (
            token.signed_with_secret(BASE64.encode(public).as_bytes()),
            "the access token is signed with an algorithm that is not accepted",
        ),
        (
            token.clone().header("kid", json!("unknown")).signed(),
            "the access token is signed with an unknown key",
        ),
        (
            token.signed_by(&stranger),
            "the signature of the access token is wrong",
        ),
        (
            format!("{}.{signature}", raised.message()),
            "the signature of the access token is wrong",
        ),
        (
            token.clone().header("jwk", own_jwk).signed_by(&stranger),
            "the access token has a header that is not accepted",
        ),
        (
            token
                .clone()
                .header("jku", json!("https://evil.example/keys"))
                .signed_by(&stranger),
            "the access token has a header that is not accepted",
        ),
        (
            token.clone().header("typ", json!("JWT")).signed(),
            "this is not an access token",
        ),
        ("garbage".to_owned(), "the access token is malformed"),
        ("a.b.c".to_owned(), "the access token is malformed"),
        (
            format!("{real}x"),
            "the signature of the access token is wrong",
        ),
        (
            format!("{real}.{signature}"),
            "the access token is malformed",
        ),
        ("x".repeat(20_000), "the access token is too long"),
    ]
}

// T-AUT-1, T-AUT-10
#[tokio::test]
async fn a_token_that_is_not_genuine_is_refused_with_its_reason() {
    for (deployment, started) in shop().await.both() {
        let buyer = started.login(BUYER).await;
        let real = buyer.token().unwrap();
        let (status, reply, _) = send(&started.client(), &format!("Bearer {real}")).await;
        assert_eq!(
            (status, reply),
            (200, json!({ "data": { "me": { "email": BUYER } } }))
        );
        for (token, reason) in forged(real) {
            let outcome = send(&started.client(), &format!("Bearer {token}")).await;
            let extensions = json!({ "code": "UNAUTHENTICATED", "requestId": "r" });
            let body = json!({ "errors": [{ "message": reason, "extensions": extensions }] });
            let challenge = format!(
                r#"Bearer realm="pasar", error="invalid_token", error_description="{reason}""#
            );
            assert_eq!(
                outcome,
                (401, body, Some(challenge)),
                "{deployment}: {token}"
            );
        }
    }
}

#[tokio::test]
async fn an_authorization_that_is_no_bearer_token_is_refused() {
    let client = shop().await.up.client();
    for authorization in ["Basic c2l0aTpzaXRp", "Bearer", "bearer", "", "Token abc"] {
        let (status, reply, _) = send(&client, authorization).await;
        let message = &reply["errors"][0]["message"];
        assert_eq!(status, 401, "{authorization}");
        assert_eq!(message, "send `Authorization: Bearer <access token>`, once");
    }
}

#[tokio::test]
async fn a_genuine_token_cannot_be_made_to_say_more() {
    let shop = shop().await;
    let users = "{ users(first: 1) { nodes { id } } }";
    let admin = shop.up.login(ADMIN).await;
    let allowed = admin.graphql(users, json!({})).await;
    assert_eq!(
        allowed["data"]["users"]["nodes"].as_array().unwrap().len(),
        1,
        "{allowed}"
    );
    // The permissions are those of the token that identity signed, in both deployments.
    for (_, started) in shop.both() {
        let buyer = started.login(BUYER).await;
        let refused = buyer.graphql(users, json!({})).await;
        assert_eq!(refused["data"], json!({ "users": null }));
        assert_eq!(super::codes(&refused), ["FORBIDDEN"]);
    }
}
