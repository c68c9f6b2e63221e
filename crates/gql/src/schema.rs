//! Building a subgraph's schema, running requests on it, and its SDL.

use std::sync::Arc;

use async_graphql::{
    EmptySubscription, ObjectType, Request, Response, SDLExportOptions, Schema, SchemaBuilder,
    ServerError, SubscriptionType, ValidationMode, Variables,
    parser::types::{ExecutableDocument, OperationType, Selection},
};
use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use kernel::GraphqlCall;
use moka::sync::Cache;

use crate::{ErrorCode, batch};

/// How deep a subgraph lets a document nest. The router's own limit is lower; fetches for entities
/// and connections add levels.
const MAX_DEPTH: usize = 32;
/// How many documents a subgraph keeps parsed. The router sends the same few hundred texts again.
const PARSED_DOCUMENTS: u64 = 2_000;

/// A schema of a subgraph with the documents it has parsed.
pub struct Executor<Q, M, S = EmptySubscription> {
    schema: Schema<Q, M, S>,
    parsed: Cache<Arc<str>, Arc<ExecutableDocument>>,
}

// By hand: a derive would ask the root types to be `Clone`, and the schema shares them.
impl<Q, M, S> Clone for Executor<Q, M, S> {
    fn clone(&self) -> Self {
        Self {
            schema: self.schema.clone(),
            parsed: self.parsed.clone(),
        }
    }
}

/// Starts the schema of a subgraph without subscriptions.
pub fn builder<Q, M>(query: Q, mutation: M) -> SchemaBuilder<Q, M, EmptySubscription>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    builder_with(query, mutation, EmptySubscription)
}

/// Starts the schema of a subgraph with the settings that all share. The router has validated what it
/// sends, so the rules that repeat its work are left out; the limits stay.
pub fn builder_with<Q, M, S>(query: Q, mutation: M, subscription: S) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    Schema::build(query, mutation, subscription)
        .enable_federation()
        .enable_subscription_in_federation()
        .validation_mode(ValidationMode::Fast)
        .limit_depth(MAX_DEPTH)
        .limit_recursive_depth(MAX_DEPTH)
        .disable_suggestions()
}

/// The federation SDL of a schema, in a stable order.
#[must_use]
pub fn sdl<Q, M, S>(schema: &Schema<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let options = SDLExportOptions::new()
        .federation()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident();
    let text = schema.sdl_with_options(options);
    let mut lines: String = text
        .lines()
        .flat_map(|line| [line.trim_end(), "\n"])
        .collect();
    lines.truncate(lines.trim_end().len());
    lines.push('\n');
    lines
}

impl<Q, M, S> Executor<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Runs requests on `schema`.
    #[must_use]
    pub fn new(schema: Schema<Q, M, S>) -> Self {
        Self {
            schema,
            parsed: Cache::new(PARSED_DOCUMENTS),
        }
    }

    /// Runs one query or mutation. `prepare` puts what the resolvers need into the request.
    pub async fn execute(
        &self,
        call: GraphqlCall,
        prepare: impl FnOnce(Request) -> Request,
    ) -> Bytes {
        let mut request = match self.request(call) {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
        let several = request.parsed_query().is_ok_and(several_mutations);
        let run = self.schema.execute(prepare(request));
        text(if several {
            batch::forgetting(run).await
        } else {
            run.await
        })
    }

    /// Runs one subscription: a text per event. `prepare` puts what the resolvers need into the request;
    /// the batches among it forget what they have found, so that every event is told from what is true
    /// then.
    pub fn subscribe(
        &self,
        call: GraphqlCall,
        prepare: impl FnOnce(Request) -> Request,
    ) -> BoxStream<'static, Bytes> {
        match self.request(call) {
            Ok(request) => {
                let events = self.schema.execute_stream(prepare(request));
                batch::forgetting_stream(events).map(text).boxed()
            }
            Err(refusal) => stream::once(async { refusal }).boxed(),
        }
    }

    fn request(&self, call: GraphqlCall) -> Result<Request, Bytes> {
        if call.query.contains("\\u0000") || call.variables.values().any(has_nul) {
            return Err(nul_refused());
        }
        let mut request = Request::new(call.query.as_ref()).variables(Variables::from_json(
            serde_json::Value::Object(call.variables),
        ));
        request.operation_name = call.operation_name.as_deref().map(str::to_owned);
        if let Some(document) = self.parsed.get(&call.query) {
            request.set_parsed_query(document.as_ref().clone());
        } else if let Ok(document) = request.parsed_query() {
            self.parsed
                .insert(Arc::clone(&call.query), Arc::new(document.clone()));
        }
        Ok(request)
    }
}

/// Whether one mutation runs after another, so that what was found for the one may be old for the other.
fn several_mutations(document: &ExecutableDocument) -> bool {
    document.operations.iter().any(|(_, operation)| {
        let operation = &operation.node;
        let root = &operation.selection_set.node.items;
        let one_field = matches!(&root[..], [only] if matches!(only.node, Selection::Field(_)));
        operation.ty == OperationType::Mutation && !one_field
    })
}

fn text(mut response: Response) -> Bytes {
    response.errors.iter_mut().for_each(blame_caller);
    serde_json::to_vec(&response)
        .expect("responses are plain data")
        .into()
}

/// PostgreSQL keeps no NUL character, so none may reach a statement.
fn has_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(has_nul),
        serde_json::Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

fn nul_refused() -> Bytes {
    let mut error = ServerError::new("a text holds the character NUL: remove it", None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", ErrorCode::BAD_USER_INPUT);
    serde_json::to_vec(&Response::from_errors(vec![error]))
        .expect("responses are plain data")
        .into()
}

/// An input that does not fit its type or breaks a `validator(…)` is the caller's fault, but
/// `async-graphql` gives such errors no code; without one, clients would read "internal error".
fn blame_caller(error: &mut ServerError) {
    let is_about_input = ["Failed to parse \"", "Expected input type \""]
        .iter()
        .any(|beginning| error.message.starts_with(beginning));
    if is_about_input {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", ErrorCode::BAD_USER_INPUT);
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, Object};
    use kernel::{CallContext, Principal};
    use serde_json::{Value, json};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn count(&self, #[graphql(validator(max_items = 2))] of: Vec<i32>) -> usize {
            of.len()
        }

        async fn broken(&self) -> async_graphql::Result<usize> {
            Err("a defect".into())
        }
    }

    async fn run(query: &str, variables: Value) -> Value {
        let executor = Executor::new(builder(Query, EmptyMutation).finish());
        let variables = variables.as_object().unwrap().clone();
        let context = CallContext {
            principal: Arc::new(Principal::anonymous()),
            request_id: "test".into(),
            traceparent: None,
            deadline: None,
        };
        let call = GraphqlCall {
            query: query.into(),
            operation_name: None,
            variables,
            context,
        };
        serde_json::from_slice(&executor.execute(call, |request| request).await).unwrap()
    }

    #[tokio::test]
    async fn an_input_that_breaks_a_rule_is_the_callers_fault_and_a_defect_is_not() {
        let query = "query($of: [Int!]!) { count(of: $of) }";
        assert_eq!(
            run(query, json!({ "of": [1, 2] })).await["data"]["count"],
            2
        );
        for wrong in [json!([1, 2, 3]), json!(["x"]), json!("x")] {
            let answer = run(query, json!({ "of": wrong })).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(code, "BAD_USER_INPUT", "{answer}");
        }
        let answer = run("{ broken }", json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, &Value::Null, "{answer}");
    }
}
