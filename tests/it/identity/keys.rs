use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    Signature, SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey, EncodePublicKey},
};
use harness::Subgraph;
use http_body_util::BodyExt;
use identity::keys;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{EMAIL, PASSWORD, register, start, try_login};

fn settings(pem: &str) -> Value {
    json!({ "issuer": "https://pasar.test/identity", "audience": "pasar", "signing_key_pem": pem })
}

fn public(pem: &str) -> VerifyingKey {
    SigningKey::from_pkcs8_pem(pem).unwrap().verifying_key()
}

/// The key named `kid`, as a verifier reads it from the set.
fn find(jwks: &Value, kid: &str) -> Option<VerifyingKey> {
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == kid)?;
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str()?).unwrap();
    Some(VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap())
}

// T-AUT-11, C7
#[tokio::test]
async fn an_access_token_is_checked_with_the_published_key() {
    let pem = keys::generate_pem().unwrap();
    let app = Subgraph::with_settings(&identity::SUBGRAPH, settings(&pem)).await;
    register(&app, EMAIL).await;
    let reply = try_login(&app, EMAIL, PASSWORD).await;
    let token = reply["accessToken"].as_str().unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let header = URL_SAFE_NO_PAD
        .decode(message.split_once('.').unwrap().0)
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let kid = header["kid"].as_str().unwrap();
    assert_eq!(
        header,
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid })
    );

    let response = app
        .routes()
        .oneshot(
            Request::get("/.well-known/jwks.json")
                .body(Body::empty())
                .unwrap(),
        )
        .await
        .unwrap();
    assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let jwks: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(jwks, keys::jwks(&settings(&pem)).unwrap());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    find(&jwks, kid)
        .unwrap()
        .verify_strict(message.as_bytes(), &signature)
        .unwrap();
    assert!(!jwks.to_string().contains("\"d\""), "no private part");
}

// RFC 8037 appendix A: key and thumbprint
#[test]
fn a_key_is_published_under_its_thumbprint() {
    let seed = URL_SAFE_NO_PAD
        .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
        .unwrap();
    let der = [
        &hex::decode("302e020100300506032b657004220420").unwrap()[..],
        &seed,
    ]
    .concat();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(der)
    );
    assert_eq!(
        keys::jwks(&settings(&pem)).unwrap(),
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        }] })
    );
}

#[test]
fn previous_keys_stay_published_while_their_tokens_live() {
    let (old, new) = (keys::generate_pem().unwrap(), keys::generate_pem().unwrap());
    assert_ne!(old, new);
    let mut settings_of_new = settings(&new);
    let old_pem = public(&old).to_public_key_pem(Default::default()).unwrap();
    settings_of_new["previous_keys"] = json!([old_pem]);
    let jwks = keys::jwks(&settings_of_new).unwrap();
    let old_kid = keys::jwks(&settings(&old)).unwrap()["keys"][0]["kid"].clone();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert_eq!(find(&jwks, old_kid.as_str().unwrap()), Some(public(&old)));
}

#[tokio::test]
async fn wrong_settings_stop_the_start_with_a_sentence_that_names_them_and_shows_no_key() {
    let pem = keys::generate_pem().unwrap();
    let app = start().await;
    let mut both = settings(&pem);
    both["previous_keys"] = json!([pem]);
    let mut typo = settings(&pem);
    typo["signing_key"] = json!("x");
    let rsa = pem.replace("PRIVATE KEY", "RSA PRIVATE KEY");
    let no_key = json!({ "issuer": "x", "audience": "pasar" });
    for (settings, word) in [
        (Value::Null, "signing_key_pem"),
        (json!({}), "issuer"),
        (json!({ "issuer": 1, "audience": "pasar" }), "issuer"),
        (no_key, "openssl genpkey -algorithm ed25519"),
        (settings("nonsense"), "PKCS#8"),
        (settings(&rsa), "PKCS#8"),
        (both, "previous_keys"),
        (typo, "nothing else"),
    ] {
        let mut deps = app.deps.clone();
        deps.settings = settings.clone();
        let Err(fault) = (identity::SUBGRAPH.start)(deps) else {
            panic!("started with {settings}");
        };
        let text = fault.chain();
        assert!(
            text.contains("the settings of identity") && text.contains(word),
            "{text}"
        );
        assert!(fault.public().contains(word), "the operator is told");
        assert!(!text.contains("BEGIN") && !text.contains("MC4C"), "{text}");
    }
}
