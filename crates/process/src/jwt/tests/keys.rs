//! Keys that change, sessions that end, issuers that are down.

use std::collections::HashSet;

use chrono::Duration;
use rsa::{BigUint, RsaPrivateKey, pkcs1v15, sha2::Sha256, signature::SignatureEncoding as _};

use super::*;

#[tokio::test]
async fn a_remembered_token_still_expires_and_can_be_revoked() {
    let world = world();
    let token = world.good();
    assert!(world.verifier.verify(&token).await.is_ok());
    world
        .verifier
        .set_revoked_sessions(HashSet::from([world.session]));
    assert_eq!(world.refusal(&token).await, TokenError::Revoked);
    world.verifier.set_revoked_sessions(HashSet::new());
    world.clock.advance(Duration::seconds(929));
    assert!(world.verifier.verify(&token).await.is_ok());
    world.clock.advance(Duration::seconds(1));
    assert_eq!(world.refusal(&token).await, TokenError::Expired);
}

#[tokio::test]
async fn unknown_keys_are_asked_for_but_not_too_often() {
    let world = world();
    assert!(world.verifier.verify(&world.good()).await.is_ok());
    assert_eq!(world.asked.load(Ordering::SeqCst), 1);

    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "key-2"});
    let rotated = world.token(&header, &world.claims());
    for kid in ["symmetric", "for-encryption", "key-2"] {
        assert_eq!(
            world.with_header("kid", json!(kid)).await,
            TokenError::UnknownKey
        );
    }
    assert_eq!(
        world.asked.load(Ordering::SeqCst),
        1,
        "10 s have not passed"
    );

    *world.published.lock().unwrap() = Some(jwks("key-2", &world.key));
    world.clock.advance(Duration::seconds(10));
    assert!(world.verifier.verify(&rotated).await.is_ok());
    assert_eq!(world.asked.load(Ordering::SeqCst), 2);
    assert_eq!(
        world.refusal(&world.good()).await,
        TokenError::UnknownKey,
        "key-1 is gone"
    );
}

#[tokio::test]
async fn a_withdrawn_key_stops_working_but_an_outage_changes_nothing() {
    let world = world();
    let token = world.good();
    assert!(world.verifier.verify(&token).await.is_ok());

    *world.published.lock().unwrap() = None;
    world.clock.advance(Duration::seconds(301));
    assert!(
        world.verifier.verify(&token).await.is_ok(),
        "identity is down"
    );
    assert_eq!(world.asked.load(Ordering::SeqCst), 2);

    *world.published.lock().unwrap() = Some(jwks("key-2", &world.key));
    world.clock.advance(Duration::seconds(11));
    assert_eq!(world.refusal(&token).await, TokenError::UnknownKey);
}

#[tokio::test]
async fn without_any_keys_it_is_our_failure() {
    let world = world();
    *world.published.lock().unwrap() = None;
    assert_eq!(
        world.refusal(&world.good()).await,
        TokenError::KeysUnavailable
    );
    *world.published.lock().unwrap() = Some("not json".to_owned());
    world.clock.advance(Duration::seconds(10));
    assert_eq!(
        world.refusal(&world.good()).await,
        TokenError::KeysUnavailable
    );
    *world.published.lock().unwrap() = Some(jwks("key-1", &world.key));
    world.clock.advance(Duration::seconds(10));
    assert!(world.verifier.verify(&world.good()).await.is_ok());
}

// The key of RFC 7515, appendix A.2: published, and therefore nobody's secret.
const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RSA_D: &str = "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";

#[tokio::test]
async fn rs256_is_accepted_from_an_issuer_that_is_configured_for_it() {
    let world = world();
    let settings = AuthSettings {
        issuer: "https://login.example".to_owned(),
        ..AuthSettings::default()
    };
    let x = URL_SAFE_NO_PAD.encode(world.key.verifying_key().as_bytes());
    let mut verifier = TokenVerifier::new(
        &settings,
        KeySource::Fixed(
            json!({"keys": [
                {"kty": "RSA", "kid": "rsa", "n": RSA_N, "e": "AQAB"},
                {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": x},
                {"kty": "RSA", "kid": "weak", "n": RSA_N.get(..170), "e": "AQAB"},
            ]})
            .to_string(),
        ),
        &Client::new(&ClientSettings::default()),
        world.clock.clone(),
    );
    verifier.accept_only("https://login.example", Algorithm::Rs256);

    let number = |text: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text).unwrap());
    let private =
        RsaPrivateKey::from_components(number(RSA_N), 65_537_u32.into(), number(RSA_D), vec![])
            .unwrap();
    let signer = pkcs1v15::SigningKey::<Sha256>::new(private);
    let mut claims = world.claims();
    claims["iss"] = json!("https://login.example");
    let sign = |kid: &str| {
        let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": kid});
        let message = message(&header.to_string(), &claims.to_string());
        let signature = signer.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    assert!(verifier.verify(&sign("rsa")).await.is_ok());
    assert_eq!(
        verifier.verify(&sign("weak")).await,
        Err(TokenError::UnknownKey)
    );

    assert_eq!(
        verifier.verify(&sign("ed")).await,
        Err(TokenError::Algorithm),
        "a key serves one algorithm"
    );

    let mut broken = sign("rsa");
    broken.replace_range(broken.len() - 8.., "AAAAAAAA");
    assert_eq!(verifier.verify(&broken).await, Err(TokenError::Signature));
    let eddsa = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "rsa"});
    let mixed = world.token(&eddsa, &claims);
    assert_eq!(verifier.verify(&mixed).await, Err(TokenError::Algorithm));
}
