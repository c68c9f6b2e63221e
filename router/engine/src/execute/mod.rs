//! Runs a prepared operation: fetch, merge, project. Knows transports only as a trait.

mod entities;
pub(crate) mod errors;
mod fetch;
mod merge;
mod nulls;
mod path;
mod project;
mod rewrites;
mod run;

use std::{borrow::Cow, sync::Arc};

use apollo_compiler::{introspection, request::coerce_variable_values, validation::Valid};
use kernel::CallContext;

use crate::{
    engine::Shared,
    error::{ErrorCode, GraphqlError},
    prepare::{OperationKind, Prepared, Refusal, validate::request_error},
    response::GraphqlResponse,
    value::{Object, Value},
};

/// Runs `prepared` with these variables.
pub(crate) async fn execute(
    shared: &Shared,
    prepared: &Prepared,
    variables: &Object,
    context: CallContext,
) -> GraphqlResponse {
    if prepared.kind() == OperationKind::Subscription {
        return GraphqlResponse::refused(vec![GraphqlError::new(
            ErrorCode::SubscriptionsNotSupported,
            "subscriptions are not served yet; ask with a query instead",
        )]);
    }
    let coerced = coerce_variable_values(&shared.supergraph.api, &prepared.operation, variables);
    let variables = match coerced {
        Ok(variables) => variables,
        Err(error) => {
            let error = request_error(&error, &prepared.document, ErrorCode::BadUserInput);
            return GraphqlResponse::refused(vec![error]);
        }
    };
    let introspection = match introspect(shared, prepared, &variables) {
        Ok(introspection) => introspection,
        Err(refusal) => return GraphqlResponse::refused(refusal),
    };
    let is_true = |name: &str| matches!(variables.get(name), Some(Value::Bool(true)));
    let (supergraph, names) = (&shared.supergraph, &shared.field_names);
    let mut state = match prepared.plan(supergraph, names, &shared.settings, &is_true) {
        Ok(Some(plan)) => run::run(shared, &plan, &variables, context).await,
        Ok(None) => run::State::new(shared, Arc::clone(&context.request_id)),
        Err(refusal) => return GraphqlResponse::refused(refusal),
    };
    let conditions: Vec<bool> = prepared
        .projection
        .conditions
        .iter()
        .map(|rule| rule.holds(&is_true))
        .collect();
    let data = project::project(
        &prepared.projection,
        &conditions,
        &state.data,
        introspection.as_deref(),
        &mut state.errors,
    );
    GraphqlResponse {
        data: Some(data.into()),
        errors: state.errors.into_errors(),
        extensions: serde_json::Map::new(),
    }
}

/// The answer to `__schema` and `__type`, by response key.
fn introspect<'a>(
    shared: &Shared,
    prepared: &'a Prepared,
    variables: &Valid<Object>,
) -> Result<Option<Cow<'a, Object>>, Refusal> {
    if !prepared.introspects {
        return Ok(None);
    }
    if let Some(kept) = prepared.introspection.get() {
        return Ok(Some(Cow::Borrowed(kept)));
    }
    let supergraph = &shared.supergraph;
    let answer = introspection::partial_execute(
        &supergraph.api,
        &shared.api_implementers,
        &prepared.document,
        &prepared.operation,
        variables,
    )
    .map_err(|error| {
        vec![request_error(
            &error,
            &prepared.document,
            ErrorCode::BadUserInput,
        )]
    })?;
    let data = answer.data.unwrap_or_default();
    if prepared.operation.variables.is_empty() {
        return Ok(Some(Cow::Borrowed(
            prepared.introspection.get_or_init(|| data),
        )));
    }
    Ok(Some(Cow::Owned(data)))
}
