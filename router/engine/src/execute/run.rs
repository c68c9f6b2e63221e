//! Runs a plan: a recursive match over its nodes.
//!
//! Fetches of a `Parallel` node run at the same time in one task. The data is locked only to build
//! a request and to merge an answer, never while waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apollo_compiler::validation::Valid;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use kernel::CallContext;

use super::{
    entities::{Batch, common_prefix},
    errors::{ErrorLog, SubgraphError},
    fetch::{self, Answer, Failure, Variables},
    merge::merge,
    path, rewrites,
};
use crate::{
    engine::{Shared, Subgraph},
    error::PathSegment,
    plan::{EntityFetch, EntityGroup, Fetch, PlanNode, Request},
    prepare::Prepared,
    value::{Object, Value, to_json_object},
};

/// What a run brings together.
pub(crate) struct State {
    pub(crate) data: Value,
    pub(crate) errors: ErrorLog,
}

impl State {
    pub(crate) fn new(shared: &Shared, _prepared: &Prepared, request_id: Arc<str>) -> Self {
        Self {
            data: Value::Object(Object::new()),
            errors: ErrorLog::new(
                shared.settings.limits.errors,
                request_id,
                Arc::clone(&shared.field_names),
            ),
        }
    }
}

/// Runs `plan` to its end.
pub(super) async fn run(
    shared: &Shared,
    prepared: &Prepared,
    plan: &PlanNode,
    variables: &Valid<Object>,
    context: CallContext,
) -> State {
    let state = State::new(shared, prepared, Arc::clone(&context.request_id));
    let run = Run {
        shared,
        variables: to_json_object(variables),
        context,
        state: Mutex::new(state),
    };
    run.node(plan).await;
    run.state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
}

struct Run<'a> {
    shared: &'a Shared,
    variables: Variables,
    context: CallContext,
    state: Mutex<State>,
}

impl Run<'_> {
    fn node<'b>(&'b self, node: &'b PlanNode) -> BoxFuture<'b, ()> {
        match node {
            PlanNode::Fetch(fetch) => self.fetch(fetch).boxed(),
            PlanNode::Entities(fetch) => self.entities(fetch).boxed(),
            PlanNode::Sequence(nodes) => async move {
                for node in nodes {
                    self.node(node).await;
                }
            }
            .boxed(),
            PlanNode::Parallel(nodes) => {
                let all = join_all(nodes.iter().map(|node| self.node(node)));
                all.map(|_| ()).boxed()
            }
            PlanNode::Condition(condition) => {
                let value = self.variables.get(condition.variable.as_ref());
                let branch = if value == Some(&serde_json::Value::Bool(true)) {
                    &condition.if_true
                } else {
                    &condition.if_false
                };
                match branch {
                    Some(node) => self.node(node),
                    None => futures_util::future::ready(()).boxed(),
                }
            }
        }
    }

    async fn fetch(&self, fetch: &Fetch) {
        let places = self.root_places(fetch);
        if places.is_empty() {
            return;
        }
        let answer = self.send(&fetch.request, Variables::new()).await;
        let subgraph = self.subgraph(&fetch.request);
        let mut state = self.lock();
        let state = &mut *state;
        match answer {
            Ok(answer) => {
                for error in answer.errors {
                    self.root_error(state, fetch, &places, error);
                }
                let mut data = answer.data;
                rewrites::apply(&mut data, &fetch.output_rewrites);
                if let Value::Object(data) = data {
                    for positions in &places {
                        if let Some(target) = path::find(&mut state.data, &fetch.path, positions) {
                            merge(target, data.clone(), &self.shared.interfaces);
                        }
                    }
                }
            }
            Err(failure) => {
                let prefix = root_prefix(&state.data, fetch, &places);
                for key in &fetch.keys {
                    let mut path = prefix.clone();
                    path.push(PathSegment::Field(Arc::clone(key)));
                    let error = failure.to_error(subgraph, &self.shared.settings);
                    state.errors.push(error.at(path));
                }
            }
        }
    }

    /// Where a fetch of root fields is merged: at the root, or wherever a field leads back to it.
    fn root_places(&self, fetch: &Fetch) -> Vec<Vec<u32>> {
        if fetch.path.is_empty() {
            return vec![Vec::new()];
        }
        let mut places = Vec::new();
        path::visit(&self.lock().data, &fetch.path, &mut |_, positions| {
            places.push(positions.to_vec());
        });
        places
    }

    fn root_error(
        &self,
        state: &mut State,
        fetch: &Fetch,
        places: &[Vec<u32>],
        error: SubgraphError,
    ) {
        let prefix = root_prefix(&state.data, fetch, places);
        let mut path = prefix.clone();
        path.extend_from_slice(&error.path);
        let mut shown = (!path.is_empty()).then_some(path);
        if error.path.is_empty() {
            // It is about the whole call, so about every field of it.
            for key in &fetch.keys {
                let mut path = prefix.clone();
                path.push(PathSegment::Field(Arc::clone(key)));
                if fetch.keys.len() == 1 {
                    shown = Some(path.clone());
                }
                state.errors.explain(path);
            }
        }
        let subgraph = self.subgraph(&fetch.request);
        state
            .errors
            .push_from(subgraph, &self.shared.settings, error, shown);
    }

    async fn entities(&self, fetch: &EntityFetch) {
        let batches: Vec<Batch> = {
            let state = self.lock();
            let collect = |group| Batch::collect(&state.data, group);
            fetch.groups.iter().map(collect).collect()
        };
        if batches.iter().all(Batch::is_empty) {
            return;
        }
        let mut variables = Variables::new();
        for (group, batch) in fetch.groups.iter().zip(&batches) {
            variables.insert(group.variable.as_ref().to_owned(), batch.variable());
        }
        let answer = self.send(&fetch.request, variables).await;
        let mut state = self.lock();
        let groups: Vec<_> = fetch.groups.iter().zip(batches).collect();
        match answer {
            Ok(answer) => self.merge_entities(&mut state, fetch, &groups, answer),
            Err(failure) => {
                for (group, batch) in &groups {
                    self.group_failed(&mut state, &fetch.request, group, batch, &failure);
                }
            }
        }
    }

    fn merge_entities(
        &self,
        state: &mut State,
        fetch: &EntityFetch,
        groups: &[(&EntityGroup, Batch)],
        answer: Answer,
    ) {
        let reported = !answer.errors.is_empty();
        for error in answer.errors {
            self.entity_error(state, &fetch.request, groups, error);
        }
        let mut data = match answer.data {
            Value::Object(data) => data,
            _ => Object::new(),
        };
        for (group, batch) in groups {
            let entities = data.remove(group.response_key.as_ref()).unwrap_or_default();
            if entities.is_null() && (reported || batch.is_empty()) {
                continue;
            }
            let interfaces = &self.shared.interfaces;
            match batch.merge(&mut state.data, group, entities, interfaces) {
                Ok(nonsense) => {
                    for path in nonsense {
                        let failure = Failure::Malformed("an entity is not an object");
                        let subgraph = self.subgraph(&fetch.request);
                        let error = failure.to_error(subgraph, &self.shared.settings);
                        state.errors.push(error.at(path));
                    }
                }
                Err(why) => {
                    let failure = Failure::Malformed(why);
                    let subgraph = &*self.subgraph(&fetch.request).name;
                    tracing::warn!(subgraph, error = %failure, "entities are not usable");
                    self.group_failed(state, &fetch.request, group, batch, &failure);
                }
            }
        }
    }

    fn group_failed(
        &self,
        state: &mut State,
        request: &Request,
        group: &EntityGroup,
        batch: &Batch,
        failure: &Failure,
    ) {
        if batch.is_empty() {
            return;
        }
        let path = batch.common_path(&state.data, group);
        let error = failure.to_error(self.subgraph(request), &self.shared.settings);
        state.errors.push(error.at(path));
    }

    /// Places an error of an entity fetch. `["_entities", 3, "name"]` is about the fourth
    /// representation; without a number (async-graphql gives none) it is about the whole fetch.
    fn entity_error(
        &self,
        state: &mut State,
        request: &Request,
        groups: &[(&EntityGroup, Batch)],
        error: SubgraphError,
    ) {
        let named = |(group, _): &&(&EntityGroup, Batch)| {
            let key = PathSegment::Field(Arc::clone(&group.response_key));
            error.path.first() == Some(&key)
        };
        let rest = error.path.get(1..).unwrap_or_default();
        let path = match (groups.iter().find(named), rest) {
            (Some((group, batch)), [PathSegment::Index(index), rest @ ..]) => {
                let mut places = batch.places(&state.data, group, *index);
                for place in &mut places {
                    place.extend_from_slice(rest);
                    state.errors.explain(place.clone());
                }
                places.into_iter().next()
            }
            (Some((group, batch)), rest) => {
                let mut path = batch.common_path(&state.data, group);
                if batch.targets() == 1 {
                    path.extend_from_slice(rest);
                }
                Some(path)
            }
            (None, _) => {
                let paths = groups.iter().filter(|(_, batch)| !batch.is_empty());
                Some(common_prefix(paths.map(|(group, batch)| {
                    let path = batch.common_path(&state.data, group);
                    state.errors.explain(path.clone());
                    path
                })))
            }
        };
        let path = path.filter(|path| !path.is_empty());
        let subgraph = self.subgraph(request);
        state
            .errors
            .push_from(subgraph, &self.shared.settings, error, path);
    }

    async fn send(&self, request: &Request, mut variables: Variables) -> Result<Answer, Failure> {
        for name in &request.variables {
            // A variable without value and default is not sent: that differs from null.
            if let Some(value) = self.variables.get(name.as_ref()) {
                variables.insert(name.as_ref().to_owned(), value.clone());
            }
        }
        let subgraph = self.subgraph(request);
        let settings = &self.shared.settings;
        fetch::fetch(subgraph, settings, request, variables, &self.context).await
    }

    fn subgraph(&self, request: &Request) -> &Subgraph {
        self.shared.subgraph(request.subgraph)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn root_prefix(data: &Value, fetch: &Fetch, places: &[Vec<u32>]) -> Vec<PathSegment> {
    let place = |positions: &Vec<u32>| path::response_path(data, &fetch.path, positions);
    common_prefix(places.iter().map(place))
}
