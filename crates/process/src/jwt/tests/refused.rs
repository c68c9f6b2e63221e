//! The whole matrix of tokens that must be refused, and the few that must not.

use kernel::PrincipalKind;

use super::*;

#[tokio::test]
async fn a_good_token_speaks_for_its_user() {
    let world = world();
    let principal = world.verifier.verify(&world.good()).await.unwrap();
    assert_eq!(principal.kind, PrincipalKind::User(world.user));
    assert_eq!(principal.session_id, Some(world.session));
    assert_eq!(principal.roles, ["buyer"]);
    assert!(principal.can("write:reviews"));

    let mut claims = world.claims();
    claims["aud"] = json!(["other", "pasar"]);
    let header = json!({"alg": "EdDSA", "typ": "application/at+JWT", "kid": "key-1"});
    assert!(
        world
            .verifier
            .verify(&world.token(&header, &claims))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn unsigned_and_wrongly_signed_tokens_are_refused() {
    let world = world();
    let claims = world.claims();
    for algorithm in ["none", "None", "HS256", "ES256", "RS512", "PS256"] {
        assert_eq!(
            world.with_header("alg", json!(algorithm)).await,
            TokenError::Algorithm
        );
    }
    let none = message(
        &json!({"alg": "none", "typ": "at+jwt"}).to_string(),
        &claims.to_string(),
    );
    assert_eq!(
        world.refusal(&format!("{none}.")).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.refusal(&format!("{none}.AA")).await,
        TokenError::Algorithm
    );

    // The classic: the public key, known to all, as the secret of an HMAC.
    let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": "key-1"});
    let message = message(&header.to_string(), &claims.to_string());
    let public = jsonwebtoken::EncodingKey::from_secret(world.key.verifying_key().as_bytes());
    let algorithm = jsonwebtoken::Algorithm::HS256;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &public, algorithm).unwrap();
    assert_eq!(
        world.refusal(&format!("{message}.{signature}")).await,
        TokenError::Algorithm
    );

    // RS256 is accepted from issuers configured for it; our own is not.
    assert_eq!(
        world.with_header("alg", json!("RS256")).await,
        TokenError::Algorithm
    );

    let stranger = World {
        key: SigningKey::from_bytes(&[8; 32]),
        ..self::world()
    };
    assert_eq!(world.refusal(&stranger.good()).await, TokenError::Signature);

    let good = world.good();
    let (message, _) = good.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let signature = good.rsplit_once('.').unwrap().1;
    let mut admin = claims;
    admin["permissions"] = json!(["all:*"]);
    let forged = format!(
        "{header}.{}.{signature}",
        URL_SAFE_NO_PAD.encode(admin.to_string())
    );
    assert_eq!(world.refusal(&forged).await, TokenError::Signature);
}

#[tokio::test]
async fn headers_that_bring_keys_or_other_kinds_are_refused() {
    let world = world();
    let url = json!("https://evil.example/keys");
    for (name, value) in [
        ("jku", url.clone()),
        ("x5u", url),
        ("jwk", json!({"kty": "OKP"})),
        ("x5c", json!([])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
    ] {
        assert_eq!(
            world.with_header(name, value).await,
            TokenError::Header,
            "{name}"
        );
    }
    for kind in [
        json!("JWT"),
        json!("rt+jwt"),
        json!("principal+jwt"),
        json!(""),
        json!(1),
    ] {
        assert_eq!(world.with_header("typ", kind).await, TokenError::Type);
    }
    assert_eq!(
        world.with_header("kid", json!(null)).await,
        TokenError::UnknownKey
    );
}

#[tokio::test]
async fn claims_for_others_or_other_times_are_refused() {
    let world = world();
    assert_eq!(
        world.with_claim("iss", json!("https://evil.example")).await,
        TokenError::Issuer
    );
    assert_eq!(world.without_claim("iss").await, TokenError::Issuer);
    for audience in [
        json!("other"),
        json!(["other"]),
        json!([]),
        json!(1),
        json!(null),
    ] {
        assert_eq!(
            world.with_claim("aud", audience).await,
            TokenError::Audience
        );
    }
    assert_eq!(world.without_claim("aud").await, TokenError::Audience);
    assert_eq!(
        world.with_claim("exp", json!(NOW - 30)).await,
        TokenError::Expired
    );
    assert_eq!(world.without_claim("exp").await, TokenError::Malformed);
    assert_eq!(
        world.with_claim("exp", json!("tomorrow")).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.with_claim("exp", json!(1e300)).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.with_claim("exp", json!(i64::MAX)).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.with_claim("nbf", json!(NOW + 31)).await,
        TokenError::NotYetValid
    );
    assert_eq!(
        world.with_claim("iat", json!(NOW + 31)).await,
        TokenError::NotYetValid
    );
    assert_eq!(world.without_claim("sub").await, TokenError::Subject);
    let session_as_user = json!(world.session.to_string());
    assert_eq!(
        world.with_claim("sub", session_as_user).await,
        TokenError::Subject
    );
    assert_eq!(
        world.with_claim("sid", json!("x")).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.with_claim("permissions", json!("all:*")).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.with_claim("roles", json!([1])).await,
        TokenError::Malformed
    );
}

#[tokio::test]
async fn the_leeway_is_thirty_seconds_each_way() {
    let world = world();
    let mut claims = world.claims();
    claims["nbf"] = json!(NOW + 30);
    claims["exp"] = json!(NOW - 29);
    let token = world.token(&World::header(), &claims);
    assert!(world.verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn garbage_is_refused() {
    let world = world();
    let good = world.good();
    let padded = format!("{good}=");
    for garbage in ["", ".", "..", "...", "a.b.c", "Bearer x", "\u{0}"] {
        assert_eq!(
            world.refusal(garbage).await,
            TokenError::Malformed,
            "{garbage:?}"
        );
    }
    assert_eq!(world.refusal(&padded).await, TokenError::Signature);
    assert_eq!(
        world.refusal(&format!("{good}.x")).await,
        TokenError::Malformed
    );
    assert_eq!(
        world.refusal(&"x".repeat(8 * 1024 + 1)).await,
        TokenError::TooLong
    );
    assert_eq!(
        world.refusal(&world.signed("[]", "{}")).await,
        TokenError::Malformed
    );
}

#[tokio::test]
async fn a_claim_or_header_given_twice_is_refused() {
    let world = world();
    let (header, claims) = (World::header().to_string(), world.claims().to_string());
    let twice = claims.replacen('{', r#"{"sub":"user_00000000000000000000000000","#, 1);
    assert_eq!(
        world.refusal(&world.signed(&header, &twice)).await,
        TokenError::Malformed
    );
    let twice = header.replacen('{', r#"{"alg":"none","#, 1);
    assert_eq!(
        world.refusal(&world.signed(&twice, &claims)).await,
        TokenError::Malformed
    );
}
