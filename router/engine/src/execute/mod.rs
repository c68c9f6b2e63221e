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
mod subscription;

use std::{borrow::Cow, sync::Arc};

use apollo_compiler::{introspection, request::coerce_variable_values, validation::Valid};
use kernel::CallContext;

use crate::{
    engine::Shared,
    error::{ErrorCode, GraphqlError},
    plan::PlanNode,
    prepare::{Choices, OperationKind, Prepared, Refusal, validate::request_error},
    response::GraphqlResponse,
    supergraph::labels::Draw,
    value::{Object, Value},
};

pub(crate) use subscription::subscribe;

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
            "a subscription has no single answer: ask for a stream of events",
        )]);
    }
    let variables = match coerce(shared, prepared, variables) {
        Ok(variables) => variables,
        Err(refusal) => return GraphqlResponse::refused(refusal),
    };
    let introspection = match introspect(shared, prepared, &variables) {
        Ok(introspection) => introspection,
        Err(refusal) => return GraphqlResponse::refused(refusal),
    };
    let is_true = is_true(&variables);
    let state = match plan(shared, prepared, &is_true) {
        Ok(Some(plan)) => run::run(shared, &plan, &variables, context).await,
        Ok(None) => run::State::new(shared, Arc::clone(&context.request_id)),
        Err(refusal) => return GraphqlResponse::refused(refusal),
    };
    let conditions = conditions(prepared, &is_true);
    respond(prepared, &conditions, introspection.as_deref(), state)
}

/// The values of the operation's variables, with defaults.
fn coerce(
    shared: &Shared,
    prepared: &Prepared,
    variables: &Object,
) -> Result<Valid<Object>, Refusal> {
    coerce_variable_values(&shared.supergraph.api, &prepared.operation, variables).map_err(
        |error| {
            let code = ErrorCode::BadUserInput;
            vec![request_error(&error, &prepared.document, code)]
        },
    )
}

/// Whether a variable is true.
fn is_true(variables: &Object) -> impl Fn(&str) -> bool {
    |name| matches!(variables.get(name), Some(Value::Bool(true)))
}

/// The plan for one request.
fn plan(
    shared: &Shared,
    prepared: &Prepared,
    is_true: &dyn Fn(&str) -> bool,
) -> Result<Option<Arc<PlanNode>>, Refusal> {
    let draw = Draw::new();
    prepared.plan(
        &shared.supergraph,
        &shared.field_names,
        &shared.settings,
        &Choices { is_true, draw },
    )
}

/// Which of the conditions of the projection hold.
fn conditions(prepared: &Prepared, is_true: &impl Fn(&str) -> bool) -> Vec<bool> {
    let rules = prepared.projection.conditions.iter();
    rules.map(|rule| rule.holds(is_true)).collect()
}

/// What the client gets of what a run has brought together.
fn respond(
    prepared: &Prepared,
    conditions: &[bool],
    introspection: Option<&Object>,
    mut state: run::State,
) -> GraphqlResponse {
    let data = project::project(
        &prepared.projection,
        conditions,
        &state.data,
        introspection,
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
