//! Following the list of revoked sessions, so that a logout works before the token expires.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use kernel::{CallContext, GraphqlCall, Principal, SessionId};
use process::jwt::TokenVerifier;
use router_engine::Transport;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

/// Why the list could not be obtained.
type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// Obtains the sessions that were revoked in the last minutes.
pub type FetchRevoked =
    Arc<dyn Fn() -> BoxFuture<'static, Result<HashSet<SessionId>, FetchError>> + Send + Sync>;

const FETCH_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    revoked_sessions: HashSet<SessionId>,
}

/// Asks for the list every `interval` until `shutdown`. While it cannot be obtained the last one
/// stays in force: a token lives for minutes only.
pub async fn follow_revocations(
    fetch: FetchRevoked,
    verifier: Arc<TokenVerifier>,
    interval: Duration,
    shutdown: CancellationToken,
) {
    let mut every = tokio::time::interval(interval);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = every.tick() => {}
        }
        match fetch().await {
            Ok(sessions) => {
                verifier.set_revoked_sessions(sessions);
                failing = false;
            }
            // Said once, not every two seconds.
            Err(error) if !failing => {
                tracing::warn!(
                    error,
                    "cannot obtain the revoked sessions; the last list stays in force"
                );
                failing = true;
            }
            Err(_) => {}
        }
    }
}

/// The list as the identity subgraph gives it, asked for as the service `router`.
#[must_use]
pub fn revoked_from_identity(identity: Arc<dyn Transport>) -> FetchRevoked {
    Arc::new(move || {
        let identity = Arc::clone(&identity);
        Box::pin(async move {
            let call = GraphqlCall {
                query: "{ revokedSessions }".into(),
                operation_name: None,
                variables: serde_json::Map::new(),
                context: CallContext {
                    principal: Arc::new(Principal::service("router")),
                    request_id: "revoked-sessions".into(),
                    traceparent: None,
                    deadline: Some(Instant::now() + FETCH_TIMEOUT),
                },
            };
            let answer = tokio::time::timeout(FETCH_TIMEOUT, identity.call(call)).await??;
            let answer: Answer = serde_json::from_slice(&answer)?;
            Ok(answer.data.revoked_sessions)
        })
    })
}
