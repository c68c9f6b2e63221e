use chrono::{DateTime, Duration, Utc};
use futures_util::future::join_all;
use harness::{Role, Subgraph};
use identity::domain::{Presented, RefreshToken, RevocationReason, Session};
use kernel::Id;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    EMAIL, REFRESH, change, claims, event_types, hold, login, refresh, refusal, register, start,
    wait_for_blocked,
};

fn token(payload: &Value) -> String {
    let token = payload["refreshToken"].as_str();
    token.unwrap_or_else(|| panic!("{payload}")).to_owned()
}

async fn logged_in(app: &Subgraph) -> String {
    register(app, EMAIL).await;
    login(app, EMAIL).await.refresh_token
}

// T-AUT-3
#[tokio::test]
async fn a_refresh_gives_the_next_pair_of_the_same_session() {
    let app = start().await;
    let first = logged_in(&app).await;
    app.clock.advance(Duration::minutes(14));
    let input = json!({ "input": { "refreshToken": first } });
    let mut reply = app.client(Role::Anonymous).run(REFRESH, input).await;
    let payload = &mut reply["data"]["tokenRefresh"];
    let access = payload["accessToken"].take();
    assert_ne!(payload["refreshToken"].take(), json!(first));
    assert_eq!(
        reply,
        json!({ "data": { "tokenRefresh": {
            "accessToken": null, "refreshToken": null,
            "expiresAt": "2026-01-01T00:29:00+00:00",
            "refreshExpiresAt": "2026-01-08T00:14:00+00:00",
            "user": { "id": "user_00000000000000000000000001" }, "userErrors": [],
        } } })
    );
    let claims = claims(access.as_str().unwrap());
    assert_eq!(claims["sid"], "session_00000000000000000000000005");
    assert_eq!(claims["jti"], "00000000-0000-0000-0000-000000000008");
    assert_eq!(
        event_types(&app).await,
        ["user.registered", "user.login"],
        "a refresh is no event"
    );
}

// RFC 9700 4.14.2
#[tokio::test]
async fn a_used_token_that_comes_back_ends_the_session_for_both_holders() {
    let app = start().await;
    let first = logged_in(&app).await;
    let second = token(&refresh(&app, &first).await);
    app.clock.advance(Duration::seconds(11));
    let replay = refresh(&app, &first).await;
    let refused = json!([{ "__typename": "Refusal", "code": "INVALID_TOKEN",
        "message": "the refresh token is not valid any more: log in again",
        "path": ["input", "refreshToken"] }]);
    assert_eq!(replay["userErrors"], refused);
    assert_eq!(refresh(&app, &second).await["userErrors"], refused);
    assert_eq!(
        event_types(&app).await,
        ["user.registered", "user.login", "user.session_revoked"],
        "recorded once"
    );
    assert_eq!(app.outbox().await[3]["payload"]["reason"], "TOKEN_REUSED");
    let other = login(&app, EMAIL).await.refresh_token;
    assert_eq!(
        refresh(&app, &other).await["userErrors"],
        json!([]),
        "other logins go on"
    );
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_for_ten_seconds() {
    let app = start().await;
    let first = logged_in(&app).await;
    let second = token(&refresh(&app, &first).await);
    app.clock.advance(Duration::seconds(10));
    let again = refresh(&app, &first).await;
    assert_eq!(token(&again), second, "the same token, not a second branch");
    assert_eq!(again["refreshExpiresAt"], "2026-01-08T00:00:00+00:00");
    assert_eq!(refresh(&app, &second).await["userErrors"], json!([]));
}

#[tokio::test]
async fn once_the_next_token_is_used_there_is_no_grace() {
    let app = start().await;
    let first = logged_in(&app).await;
    let second = token(&refresh(&app, &first).await);
    let third = token(&refresh(&app, &second).await);
    assert_eq!(refusal(&refresh(&app, &first).await), "INVALID_TOKEN");
    assert_eq!(refusal(&refresh(&app, &third).await), "INVALID_TOKEN");
}

#[tokio::test]
async fn refreshes_at_once_get_one_next_token() {
    let app = start().await;
    let first = logged_in(&app).await;
    let held = hold(&app, "sessions").await;
    let release = async {
        wait_for_blocked(&app, 6).await;
        held.rollback().await.unwrap();
    };
    let (replies, ()) = tokio::join!(join_all((0..6).map(|_| refresh(&app, &first))), release);
    let next = token(&replies[0]);
    assert!(
        replies.iter().all(|reply| token(reply) == next),
        "{replies:?}"
    );
    assert_eq!(refresh(&app, &next).await["userErrors"], json!([]));
    let rows: i64 = sqlx::query_scalar("select count(*) from refresh_tokens")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(rows, 3, "first, next and the one after");
}

#[tokio::test]
async fn a_chain_of_tokens_ends_when_unused_for_seven_days_and_after_thirty_in_any_case() {
    let app = start().await;
    let first = logged_in(&app).await;
    app.clock.advance(Duration::days(7));
    assert_eq!(refusal(&refresh(&app, &first).await), "INVALID_TOKEN");

    let mut last = login(&app, EMAIL).await.refresh_token;
    for _ in 0..4 {
        app.clock.advance(Duration::days(6));
        last = token(&refresh(&app, &last).await);
    }
    app.clock.advance(Duration::days(5));
    let reply = refresh(&app, &last).await;
    assert_eq!(
        reply["refreshExpiresAt"], "2026-02-07T00:00:00+00:00",
        "30 days after the login"
    );
    app.clock.advance(Duration::days(1));
    assert_eq!(
        refusal(&refresh(&app, &token(&reply)).await),
        "INVALID_TOKEN"
    );
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let app = start().await;
    register(&app, EMAIL).await;
    let reply = super::try_login(&app, EMAIL, super::PASSWORD).await;
    let access = reply["accessToken"].as_str().unwrap();
    let unknown = "A".repeat(43);
    for text in [
        "",
        "x",
        "💥",
        access,
        unknown.as_str(),
        &"A".repeat(100_000),
    ] {
        assert_eq!(refusal(&refresh(&app, text).await), "INVALID_TOKEN");
    }
}

// T-RBAC: permissions come from the roles at the time of issue
#[tokio::test]
async fn a_new_role_is_in_the_next_access_token() {
    let app = start().await;
    let first = logged_in(&app).await;
    let input = json!({ "userId": "user_00000000000000000000000001", "role": "seller" });
    change(
        &app.client(Role::Admin),
        "userRoleGrant",
        input,
        "user { id }",
    )
    .await;
    let reply = refresh(&app, &first).await;
    let claims = claims(reply["accessToken"].as_str().unwrap());
    assert_eq!(claims["roles"], json!(["customer", "seller"]));
    assert_eq!(
        claims["permissions"],
        json!([
            "create:products",
            "read:own_orders",
            "update:order_status",
            "update:own_products"
        ])
    );
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
}

proptest! {
    // A model of the chain: token `n` is fresh while it is the last; repeated while only the next was
    // made from it, not longer than ten seconds ago; else it ends the session.
    #[test]
    fn a_chain_of_tokens_behaves_like_its_model(steps in prop::collection::vec((0_usize..6, 0_i64..15), 1..30)) {
        let mut session =
            Session::begin(Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::nil()), None, at(0)).unwrap();
        let fresh = |number: usize, now: DateTime<Utc>, session: &Session| RefreshToken {
            hash: [u8::try_from(number).unwrap(); 32],
            session_id: session.id,
            expires_at: session.token_expiry(now),
            used_at: None,
            sealed_successor: None,
        };
        let mut chain = vec![fresh(0, at(0), &session)];
        let (mut now, mut dead) = (0, false);
        for (back, pause) in steps {
            now += pause;
            let number = chain.len().saturating_sub(1 + back);
            let found = chain[number].judge(&session, at(now));
            let last = chain.len() - 1;
            let expected = if dead {
                Presented::Dead
            } else if number == last {
                Presented::Fresh
            } else if number + 1 == last && chain[number].used_at.unwrap() + Duration::seconds(10) >= at(now) {
                Presented::Repeated([u8::try_from(last).unwrap(); 32])
            } else {
                Presented::Reused
            };
            prop_assert_eq!(found, expected);
            match found {
                Presented::Fresh => {
                    for token in &mut chain {
                        token.sealed_successor = None;
                    }
                    chain[number].used_at = Some(at(now));
                    chain[number].sealed_successor = Some([u8::try_from(chain.len()).unwrap(); 32]);
                    session.refreshed(at(now));
                    let next = fresh(chain.len(), at(now), &session);
                    chain.push(next);
                }
                Presented::Reused => {
                    prop_assert!(session.revoke(RevocationReason::TokenReused, at(now)));
                    dead = true;
                }
                Presented::Repeated(_) | Presented::Dead => {}
            }
        }
    }
}
