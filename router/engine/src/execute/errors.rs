//! Errors of one response: which of a subgraph's errors clients may read, and where they belong.

use std::{collections::HashSet, sync::Arc};

use apollo_compiler::Name;

use super::nulls::{Explained, Failures, Keys};
use crate::{
    engine::Subgraph,
    error::{ErrorCode, GraphqlError, PathSegment},
    prepare::RENAMED,
    settings::EngineSettings,
    value::{Object, Value},
};

/// An error as a subgraph reports it.
pub(super) struct SubgraphError {
    pub(super) message: String,
    pub(super) code: Option<String>,
    pub(super) path: Vec<PathSegment>,
}

impl SubgraphError {
    /// Reads an entry of `errors`; whatever it is, it is an error.
    pub(super) fn read(value: &Value) -> Self {
        let empty = Object::new();
        let object = value.as_object().unwrap_or(&empty);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let path = object.get("path").and_then(Value::as_array);
        Self {
            message: text(object.get("message")).unwrap_or_else(|| "no message".to_owned()),
            code: text(object.get("extensions").and_then(|found| found.get("code"))),
            path: path.into_iter().flatten().map_while(segment).collect(),
        }
    }
}

fn segment(value: &Value) -> Option<PathSegment> {
    match value {
        Value::String(name) => Some(PathSegment::Field(name.as_str().into())),
        Value::Number(index) => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            index.map(PathSegment::Index)
        }
        _ => None,
    }
}

/// Collects the errors of one response, up to a limit.
pub(crate) struct ErrorLog {
    errors: Vec<GraphqlError>,
    left_out: usize,
    limit: usize,
    explained: Explained,
    failures: Failures,
    request_id: Arc<str>,
    /// Needed to undo the renaming of aliases.
    field_names: Arc<HashSet<Name>>,
}

impl ErrorLog {
    pub(crate) fn new(limit: usize, request_id: Arc<str>, field_names: Arc<HashSet<Name>>) -> Self {
        Self {
            errors: Vec::new(),
            left_out: 0,
            limit,
            explained: Explained::default(),
            failures: Failures::default(),
            request_id,
            field_names,
        }
    }

    /// Whether there is room for one more of a subgraph's errors; if not, it is counted. Asked before
    /// any work is done for it: a subgraph may report thousands.
    pub(super) fn admits(&mut self) -> bool {
        let room = self.errors.len() + self.failures.len() < self.limit;
        self.left_out += usize::from(!room);
        room
    }

    /// Adds an error. Nulls at its path are explained by it.
    pub(super) fn push(&mut self, mut error: GraphqlError) {
        if let Some(path) = &mut error.path {
            restore_aliases(&self.field_names, path);
            self.explained.add(path);
        }
        if self.errors.len() < self.limit {
            self.errors.push(error);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds an error of a fetch that should have brought fields of objects. It is shown where one of
    /// them turns out to be null.
    pub(super) fn fail(
        &mut self,
        error: GraphqlError,
        objects: impl IntoIterator<Item = (Vec<PathSegment>, Keys)>,
    ) {
        let names = Arc::clone(&self.field_names);
        let objects = objects.into_iter().map(|(mut path, keys)| {
            restore_aliases(&names, &mut path);
            (path, keys)
        });
        self.failures.add(error, objects);
    }

    /// Notes that `keys` of an object were not asked for because something of it is missing.
    pub(super) fn fail_after(&mut self, mut object: Vec<PathSegment>, keys: &Keys) {
        restore_aliases(&self.field_names, &mut object);
        self.failures.extend(&object, keys);
    }

    /// Whether any fetch has failed.
    pub(super) fn has_failures(&self) -> bool {
        self.failures.len() > 0
    }

    /// Shows the error of the fetch that should have brought the null at `object` and `key`.
    pub(super) fn show_failure(
        &mut self,
        mut object: Vec<PathSegment>,
        data_key: &str,
        key: &Arc<str>,
    ) {
        if let Some(error) = self.failures.find(&object, data_key) {
            object.push(PathSegment::Field(Arc::clone(key)));
            self.push(error.at(object));
        }
    }

    /// Whether an error already says why there is a null at `path`.
    pub(super) fn explains(&self, path: &[PathSegment]) -> bool {
        self.explained.contains(path)
    }

    /// What clients may read of an error that a subgraph reported. The rest is logged.
    pub(super) fn shown(
        &self,
        subgraph: &Subgraph,
        settings: &EngineSettings,
        error: SubgraphError,
    ) -> GraphqlError {
        let safe = error
            .code
            .as_deref()
            .and_then(ErrorCode::safe_from_subgraph);
        let code = safe.unwrap_or(ErrorCode::InternalServerError);
        metrics::counter!(
            "router_graphql_errors_total",
            "code" => code.as_str(), "subgraph" => Arc::clone(&subgraph.name)
        )
        .increment(1);
        let mut shown = if safe.is_some() {
            GraphqlError::new(code, error.message)
        } else {
            tracing::error!(
                subgraph = &*subgraph.name,
                request_id = &*self.request_id,
                code = error.code,
                message = error.message,
                "a subgraph reported an error that clients must not see"
            );
            let message = if settings.expose_subgraph_errors {
                error.message
            } else {
                "internal error".to_owned()
            };
            let shown = GraphqlError::new(code, message);
            shown.with("requestId", &*self.request_id)
        };
        if settings.expose_subgraph_names {
            shown = shown.with("service", &*subgraph.name);
        }
        shown
    }

    pub(crate) fn into_errors(mut self) -> Vec<GraphqlError> {
        for error in std::mem::take(&mut self.failures).into_unshown() {
            self.push(error);
        }
        if self.left_out > 0 {
            let message = format!("{} more errors were left out", self.left_out);
            self.errors
                .push(GraphqlError::new(ErrorCode::LimitExceeded, message));
        }
        self.errors
    }
}

fn restore_aliases(field_names: &HashSet<Name>, path: &mut [PathSegment]) {
    for segment in path {
        if let PathSegment::Field(name) = segment
            && let Some(alias) = name.strip_prefix(RENAMED)
            && field_names.contains(alias)
        {
            *segment = PathSegment::Field(alias.into());
        }
    }
}
