//! One subgraph under test, in this process, on a database of its own.

use std::{future::Future, sync::Arc};

use chrono::{DateTime, Utc};
use kernel::{CallContext, Clock, GraphqlCall, Ids, Principal};
use serde_json::{Value, json};
use service::{Delivery, Deps, Event, Live, Peers, Running, consumer};
use sqlx::{PgPool, Row};

use crate::{Role, StubPeers, count_statements, database};

/// A running subgraph.
pub struct Subgraph {
    /// Its database.
    pub db: PgPool,
    /// Its clock: 2026-01-01T00:00:00Z until it is moved.
    pub clock: Clock,
    /// What the other subgraphs answer.
    pub peers: StubPeers,
    /// What it was started with.
    pub deps: Deps,
    definition: service::Subgraph,
    running: Running,
    // Dropped last: removes the database.
    _database: database::Database,
}

impl Subgraph {
    /// Starts a subgraph without settings.
    pub async fn start(definition: &service::Subgraph) -> Self {
        Self::with_settings(definition, Value::Null).await
    }

    /// Starts a subgraph with its own section of the configuration.
    pub async fn with_settings(definition: &service::Subgraph, settings: Value) -> Self {
        crate::statements::listen();
        let database = database::Database::create(definition).await;
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let (clock, peers) = (Clock::fixed(start), StubPeers::default());
        let deps = Deps {
            db: database.pool().clone(),
            clock: clock.clone(),
            ids: Ids::counted(),
            peers: Peers::new(definition.name, peers.wire()),
            live: Live::local(),
            settings,
        };
        let running = (definition.start)(deps.clone()).unwrap();
        Self {
            db: database.pool().clone(),
            clock,
            peers,
            deps,
            definition: *definition,
            running,
            _database: database,
        }
    }

    /// A client in that role.
    #[must_use]
    pub fn client(&self, role: Role) -> Client {
        self.client_as(role.principal())
    }

    /// A client with that principal.
    #[must_use]
    pub fn client_as(&self, principal: Principal) -> Client {
        Client {
            running: self.running.clone(),
            principal: Arc::new(principal),
        }
    }

    /// The HTTP routes besides GraphQL.
    pub fn routes(&self) -> axum::Router {
        self.running.routes.clone()
    }

    /// What the subgraph runs beside its requests.
    #[must_use]
    pub const fn running(&self) -> &Running {
        &self.running
    }

    /// Delivers `event` to every consumer of the topic, as the bus would.
    pub async fn deliver(
        &self,
        topic: &str,
        event: &Event,
    ) -> Result<Vec<Delivery>, kernel::Fault> {
        let mut deliveries = Vec::new();
        for consumer in &self.running.consumers {
            if consumer.topics.contains(&topic) {
                let name = self.definition.name;
                let delivery = consumer::deliver(&self.deps, name, consumer, topic, event);
                deliveries.push(delivery.await?);
            }
        }
        Ok(deliveries)
    }

    /// All events so far, oldest first, as the envelopes that consumers will see.
    pub async fn outbox(&self) -> Vec<Value> {
        let rows = sqlx::query("select * from outbox order by position")
            .fetch_all(&self.db)
            .await
            .unwrap();
        rows.iter().map(envelope).collect()
    }

    /// Asserts that every event so far equals its golden sample in `schema/events/`. Use it in one
    /// test per kind of event, which fixes what the sample shows.
    pub async fn assert_golden_events(&self) {
        self.assert_golden_events_except(&[]).await;
    }

    /// The same, leaving out kinds of event whose sample another test fixes.
    pub async fn assert_golden_events_except(&self, others: &[&str]) {
        let contracts = (self.definition.events)();
        for event in self.outbox().await {
            if !others.contains(&event["eventType"].as_str().unwrap_or_default()) {
                crate::assert_golden_event(&contracts, &event);
            }
        }
    }

    /// Runs `work` and counts the SQL statements it sends.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, usize) {
        count_statements(work).await
    }
}

fn envelope(row: &sqlx::postgres::PgRow) -> Value {
    let time: DateTime<Utc> = row.get("event_time");
    let id: uuid::Uuid = row.get("event_id");
    json!({
        "eventId": kernel::EventId::from_uuid(id),
        "eventType": row.get::<String, _>("event_type"),
        "eventTime": time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "aggregateType": row.get::<String, _>("aggregate_type"),
        "aggregateId": row.get::<String, _>("aggregate_id"),
        "version": row.get::<i32, _>("version"),
        "payload": row.get::<Value, _>("payload"),
        "actor": row.get::<String, _>("actor"),
        "traceparent": row.get::<Option<String>, _>("traceparent"),
    })
}

/// Somebody who sends GraphQL to the subgraph.
#[derive(Clone)]
pub struct Client {
    running: Running,
    principal: Arc<Principal>,
}

impl Client {
    /// Runs one request and gives the whole answer.
    pub async fn run(&self, query: &str, variables: Value) -> Value {
        let Value::Object(variables) = variables else {
            panic!("variables must be an object")
        };
        let call = GraphqlCall {
            query: query.into(),
            operation_name: None,
            variables,
            context: CallContext {
                principal: Arc::clone(&self.principal),
                request_id: "test".into(),
                traceparent: None,
                deadline: None,
            },
        };
        let bytes = (self.running.execute)(call).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}

/// The `_entities` query for representations of `type_name` with these ids.
#[must_use]
pub fn entities(type_name: &str, selection: &str, ids: &[String]) -> (String, Value) {
    let query = format!(
        "query($representations: [_Any!]!) {{ _entities(representations: $representations) \
         {{ __typename ... on {type_name} {{ {selection} }} }} }}"
    );
    let representations: Vec<_> = ids
        .iter()
        .map(|id| json!({ "__typename": type_name, "id": id }))
        .collect();
    (query, json!({ "representations": representations }))
}
