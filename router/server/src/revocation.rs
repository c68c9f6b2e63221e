//! Following the list of revoked sessions, so that a logout works before the token expires.

use std::{collections::HashSet, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use kernel::{Clock, Principal, SessionId};
use process::{
    assertion::{self, AssertionKey},
    client::Client,
    jwt::TokenVerifier,
};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

/// Why the list could not be obtained.
type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// Obtains the sessions that were revoked in the last minutes.
pub type FetchRevoked =
    Arc<dyn Fn() -> BoxFuture<'static, Result<HashSet<SessionId>, FetchError>> + Send + Sync>;

const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// About 100,000 sessions.
const MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct Feed {
    sessions: HashSet<SessionId>,
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

/// The list as identity publishes it at `url`, asked for as the service `router`.
#[must_use]
pub fn revoked_from_url(
    url: String,
    client: Client,
    key: AssertionKey,
    clock: Clock,
) -> FetchRevoked {
    Arc::new(move || {
        let (url, client) = (url.clone(), client.clone());
        let signed = assertion::sign(&key, &Principal::service("router"), &clock);
        Box::pin(async move {
            let request = Request::get(&url)
                .header(header::ACCEPT, "application/json")
                .header(assertion::HEADER, HeaderValue::from_str(&signed?)?)
                .body(Full::new(Bytes::new()))?;
            let response = client.send(request, FETCH_TIMEOUT, MAX_BYTES).await?;
            if !response.status().is_success() {
                return Err(format!("{url} answered {}", response.status()).into());
            }
            let feed: Feed = serde_json::from_slice(response.body())?;
            Ok(feed.sessions)
        })
    })
}
