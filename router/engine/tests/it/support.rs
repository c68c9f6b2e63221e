//! A mock subgraph: it validates what it is asked against its SDL and answers from JSON.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use apollo_compiler::{ExecutableDocument, Schema, validation::Valid};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use kernel::{CallContext, GraphqlCall, Principal};
use router_engine::{
    Engine, EngineSettings, EventStream, GraphqlResponse, Supergraph, Transport, TransportError,
};
use serde_json::{Value, json};

use crate::{
    executor::{Resolver, Run},
    feed::{Feeds, Subscription},
};

/// How a subgraph behaves.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Answers from its resolver.
    Works,
    /// Answers with this text.
    Says(String),
    /// Does not answer: connection refused.
    Down,
    /// Answers with this HTTP status.
    Status(u16),
    /// Answers after this time.
    Slow(Duration),
}

/// A subgraph.
pub(crate) struct Mock {
    name: &'static str,
    schema: Valid<Schema>,
    resolver: Resolver,
    behaviour: Mutex<Behaviour>,
    calls: Mutex<Vec<GraphqlCall>>,
    pub(crate) feeds: Feeds,
    log: Arc<Mutex<Vec<String>>>,
}

/// The way to a mock.
struct ToMock(Arc<Mock>);

impl Transport for ToMock {
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        Box::pin(async move {
            let answer = match self.0.receive(&call) {
                Behaviour::Works => self.0.answer(&call, &json!({})),
                Behaviour::Says(text) => return Ok(Bytes::from(text)),
                Behaviour::Down => {
                    return Err(TransportError::Unreachable("connection refused".into()));
                }
                Behaviour::Status(status) => return Err(TransportError::Status(status)),
                Behaviour::Slow(time) => {
                    tokio::time::sleep(time).await;
                    self.0.answer(&call, &json!({}))
                }
            };
            Ok(answer.to_string().into())
        })
    }

    fn subscribe<'a>(
        &'a self,
        call: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        Box::pin(async move {
            match self.0.receive(&call) {
                Behaviour::Works => {}
                Behaviour::Status(status) => return Err(TransportError::Status(status)),
                Behaviour::Slow(time) => tokio::time::sleep(time).await,
                Behaviour::Says(_) | Behaviour::Down => {
                    return Err(TransportError::Unreachable("connection refused".into()));
                }
            }
            let mock = Arc::clone(&self.0);
            self.0
                .feeds
                .open(move |source| mock.answer(&call, source).to_string())
        })
    }
}

impl Mock {
    fn receive(&self, call: &GraphqlCall) -> Behaviour {
        let line = format!("{} {}", self.name, call.query);
        self.log.lock().unwrap().push(line);
        self.calls.lock().unwrap().push(call.clone());
        self.behaviour.lock().unwrap().clone()
    }

    fn answer(&self, call: &GraphqlCall, source: &Value) -> Value {
        let query = call.query.to_string();
        let document = ExecutableDocument::parse_and_validate(&self.schema, &query, "call")
            .unwrap_or_else(|failed| panic!("{} was sent {query}\n{}", self.name, failed.errors));
        let operation = document.operations.get(None).unwrap().clone();
        for name in call.variables.keys() {
            let declared = operation
                .variables
                .iter()
                .any(|found| found.name.as_str() == name);
            assert!(
                declared,
                "{} was sent ${name} for nothing: {query}",
                self.name
            );
        }
        let run = Run {
            schema: &self.schema,
            resolver: self.resolver,
            document: &document,
            variables: &call.variables,
        };
        let root = operation.object_type().as_str();
        let data = run.object(root, source, &[&operation.selection_set]);
        json!({ "data": data })
    }
}

/// An engine with mock subgraphs.
pub(crate) struct Setup {
    pub(crate) engine: Engine,
    pub(crate) mocks: HashMap<&'static str, Arc<Mock>>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Setup {
    /// An engine over `supergraph` with a mock for each of `subgraphs`: name, SDL, resolver.
    pub(crate) fn new(
        supergraph: &str,
        subgraphs: &[(&'static str, &str, Resolver)],
        settings: EngineSettings,
    ) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut mocks = HashMap::new();
        let mut transports: HashMap<String, Arc<dyn Transport>> = HashMap::new();
        for (name, sdl, resolver) in subgraphs {
            let mock = Arc::new(Mock {
                name,
                schema: Schema::parse_and_validate(*sdl, format!("{name}.graphql")).unwrap(),
                resolver: *resolver,
                behaviour: Mutex::new(Behaviour::Works),
                calls: Mutex::new(Vec::new()),
                feeds: Feeds::default(),
                log: Arc::clone(&log),
            });
            let transport = Arc::new(ToMock(Arc::clone(&mock)));
            transports.insert((*name).to_owned(), transport);
            mocks.insert(*name, mock);
        }
        let supergraph = Supergraph::parse(supergraph).unwrap();
        Self {
            engine: Engine::new(supergraph, transports, settings).unwrap(),
            mocks,
            log,
        }
    }

    /// Makes a subgraph behave in some way from now on.
    pub(crate) fn behave(&self, subgraph: &str, behaviour: Behaviour) -> &Self {
        *self.mocks[subgraph].behaviour.lock().unwrap() = behaviour;
        self
    }

    /// Makes a subgraph answer everything with this JSON.
    pub(crate) fn says(&self, subgraph: &str, answer: &Value) -> &Self {
        self.behave(subgraph, Behaviour::Says(answer.to_string()))
    }

    /// Runs an operation without variables.
    pub(crate) async fn run(&self, document: &str) -> Value {
        self.run_with(document, json!({})).await
    }

    /// Runs an operation.
    pub(crate) async fn run_with(&self, document: &str, variables: Value) -> Value {
        self.run_in(document, variables, context()).await
    }

    /// Runs an operation in a context.
    pub(crate) async fn run_in(
        &self,
        document: &str,
        variables: Value,
        context: CallContext,
    ) -> Value {
        let text = variables.to_string();
        let variables = serde_json::from_str(&text).unwrap();
        let response = match self.engine.prepare(document, None) {
            Ok(prepared) => self.engine.execute(&prepared, variables, context).await,
            Err(errors) => GraphqlResponse::refused(errors),
        };
        read(&response)
    }

    /// Begins a subscription, or gives back why it does not begin.
    pub(crate) async fn subscribe(
        &self,
        document: &str,
        variables: Value,
    ) -> Result<Subscription, Value> {
        let variables = serde_json::from_str(&variables.to_string()).unwrap();
        let prepared = match self.engine.prepare(document, None) {
            Ok(prepared) => prepared,
            Err(errors) => return Err(read(&GraphqlResponse::refused(errors))),
        };
        let begun = self.engine.subscribe(prepared, variables, context()).await;
        begun.map(Subscription).map_err(|refused| read(&refused))
    }

    /// Forgets the queries so far.
    pub(crate) fn forget(&self) {
        self.log.lock().unwrap().clear();
    }

    /// All queries so far, in order, each after the name of the subgraph it went to.
    pub(crate) fn queries(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Variables of all calls to a subgraph.
    pub(crate) fn variables(&self, subgraph: &str) -> Vec<Value> {
        let calls = self.mocks[subgraph].calls.lock().unwrap();
        let variables = |call: &GraphqlCall| Value::Object(call.variables.clone());
        calls.iter().map(variables).collect()
    }

    /// Contexts of all calls to a subgraph.
    pub(crate) fn contexts(&self, subgraph: &str) -> Vec<CallContext> {
        let calls = self.mocks[subgraph].calls.lock().unwrap();
        calls.iter().map(|call| call.context.clone()).collect()
    }
}

/// A response as clients read it.
pub(crate) fn read(response: &GraphqlResponse) -> Value {
    let text = response.to_bytes();
    let value: Value = serde_json::from_slice(&text).expect("responses are JSON");
    // No key twice, no blank: reading and writing it changes nothing.
    assert_eq!(value.to_string().as_bytes(), text);
    value
}

/// Nobody's request.
pub(crate) fn context() -> CallContext {
    CallContext {
        principal: Arc::new(Principal::anonymous()),
        request_id: "request-1".into(),
        traceparent: None,
        deadline: None,
    }
}

/// A response with one line for the data and one for each error; a list with a line for each item.
pub(crate) fn show(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    let items = |name: &str, items: &Value| {
        let items = items.as_array().into_iter().flatten();
        items.map(|item| format!("{name}{item}")).collect()
    };
    let lines: Vec<String> = match &value {
        Value::Array(_) => items("", &value),
        Value::Object(answer) if answer.contains_key("data") || answer.contains_key("errors") => {
            let data = answer.get("data").map(|data| format!("data: {data}"));
            let errors: Vec<_> = items("error: ", &value["errors"]);
            data.into_iter().chain(errors).collect()
        }
        other => vec![other.to_string()],
    };
    lines.join("\n")
}
