//! Health of a process: what load balancers, orchestrators and people ask for.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use axum::{Json, Router, extract::State, routing::get};
use http::StatusCode;
use serde::Serialize;

/// Shared state of a process's health. Cheap to clone.
///
/// Live means that the process answers; ready means that it may be sent requests: nothing has
/// reported a reason against it.
#[derive(Debug, Clone)]
pub struct Health(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service: String,
    version: &'static str,
    started: Instant,
    reasons: RwLock<BTreeMap<&'static str, String>>,
}

/// The answer to `/health`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `ok` or `not ready`.
    pub status: &'static str,
    /// Which service this is.
    pub service: String,
    /// Its version.
    pub version: &'static str,
    /// Seconds since it started.
    pub uptime: u64,
    /// What keeps it from being ready, by component.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<&'static str, String>,
}

impl Health {
    /// A process that is ready as long as nothing speaks against it.
    #[must_use]
    pub fn new(service: impl Into<String>, version: &'static str) -> Self {
        Self(Arc::new(Inner {
            service: service.into(),
            version,
            started: Instant::now(),
            reasons: RwLock::default(),
        }))
    }

    /// `component` is fine again.
    pub fn set_ready(&self, component: &'static str) {
        let mut reasons = self
            .0
            .reasons
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if reasons.remove(component).is_some() {
            tracing::info!(component, "ready: {component}");
        }
    }

    /// `component` keeps the process from serving, for this reason.
    pub fn set_not_ready(&self, component: &'static str, reason: impl Into<String>) {
        let reason = reason.into();
        tracing::info!(component, %reason, "not ready: {component}: {reason}");
        self.0
            .reasons
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(component, reason);
    }

    /// The state of this moment.
    #[must_use]
    pub fn report(&self) -> Report {
        let reasons = self
            .0
            .reasons
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Report {
            status: if reasons.is_empty() {
                "ok"
            } else {
                "not ready"
            },
            service: self.0.service.clone(),
            version: self.0.version,
            uptime: self.0.started.elapsed().as_secs(),
            reasons,
        }
    }

    /// `/health` and `/health/live` always answer 200; `/health/ready` answers 503 with the reasons
    /// while something speaks against it.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .route("/health", get(overview))
            .route("/health/live", get(live))
            .route("/health/ready", get(ready))
            .with_state(self.clone())
    }
}

async fn overview(State(health): State<Health>) -> Json<Report> {
    Json(health.report())
}

#[derive(Serialize)]
struct Live {
    status: &'static str,
}

async fn live() -> Json<Live> {
    Json(Live { status: "ok" })
}

async fn ready(State(health): State<Health>) -> (StatusCode, Json<Report>) {
    let report = health.report();
    let status = if report.reasons.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn get(health: &Health, path: &str) -> (StatusCode, serde_json::Value) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = health.routes::<()>().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn readiness_lists_its_reasons_and_comes_back() {
        let health = Health::new("catalog", "0.1.0");
        let (status, body) = get(&health, "/health").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            body,
            serde_json::json!({"status": "ok", "service": "catalog", "version": "0.1.0", "uptime": 0})
        );

        health.set_not_ready("database", "no connection");
        health.set_not_ready("shutdown", "draining");
        let (status, body) = get(&health, "/health/ready").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["reasons"]["database"], "no connection");
        assert_eq!(get(&health, "/health/live").await.0, StatusCode::OK);
        let (status, body) = get(&health, "/health").await;
        assert_eq!(
            (status, &body["status"]),
            (StatusCode::OK, &"not ready".into())
        );

        health.set_ready("database");
        assert_eq!(
            get(&health, "/health/ready").await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );
        health.set_ready("shutdown");
        assert_eq!(get(&health, "/health/ready").await.0, StatusCode::OK);
    }
}
