//! Building a subgraph's schema, running requests on it, and its SDL.

use std::sync::Arc;

use async_graphql::{
    EmptySubscription, ObjectType, Request, SDLExportOptions, Schema, SchemaBuilder,
    ValidationMode, Variables, parser::types::ExecutableDocument,
};
use bytes::Bytes;
use kernel::GraphqlCall;
use moka::sync::Cache;

/// How deep a subgraph lets a document nest. The router's own limit is lower; fetches for entities
/// and connections add levels.
const MAX_DEPTH: usize = 32;
/// How many documents a subgraph keeps parsed. The router sends the same few hundred texts again.
const PARSED_DOCUMENTS: u64 = 2_000;

/// A schema of a subgraph with the documents it has parsed.
pub struct Executor<Q, M> {
    schema: Schema<Q, M, EmptySubscription>,
    parsed: Cache<Arc<str>, Arc<ExecutableDocument>>,
}

// By hand: a derive would ask the root types to be `Clone`, and the schema shares them.
impl<Q, M> Clone for Executor<Q, M> {
    fn clone(&self) -> Self {
        Self {
            schema: self.schema.clone(),
            parsed: self.parsed.clone(),
        }
    }
}

/// Starts the schema of a subgraph with the settings that all share. The router has validated what it
/// sends, so the rules that repeat its work are left out; the limits stay.
pub fn builder<Q, M>(query: Q, mutation: M) -> SchemaBuilder<Q, M, EmptySubscription>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    Schema::build(query, mutation, EmptySubscription)
        .enable_federation()
        .validation_mode(ValidationMode::Fast)
        .limit_depth(MAX_DEPTH)
        .limit_recursive_depth(MAX_DEPTH)
        .disable_suggestions()
}

/// The federation SDL of a schema, in a stable order.
#[must_use]
pub fn sdl<Q, M>(schema: &Schema<Q, M, EmptySubscription>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
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

impl<Q, M> Executor<Q, M>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    /// Runs requests on `schema`.
    #[must_use]
    pub fn new(schema: Schema<Q, M, EmptySubscription>) -> Self {
        Self {
            schema,
            parsed: Cache::new(PARSED_DOCUMENTS),
        }
    }

    /// Runs one request. `prepare` puts what the resolvers need into the request.
    pub async fn execute(
        &self,
        call: GraphqlCall,
        prepare: impl FnOnce(Request) -> Request,
    ) -> Bytes {
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
        let response = self.schema.execute(prepare(request)).await;
        serde_json::to_vec(&response)
            .expect("responses are plain data")
            .into()
    }
}
