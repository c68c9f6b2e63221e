//! Runs a plan: a recursive match over its nodes.
//!
//! Fetches of a `Parallel` node run at the same time in one task. The data is locked only to build
//! a request and to merge an answer, never while waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apollo_compiler::validation::Valid;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use kernel::CallContext;

use super::{
    entities::Batch,
    errors::{ErrorLog, SubgraphError},
    fetch::{self, Answer, Failure, Variables},
    merge::merge,
    nulls::Keys,
    path, rewrites,
};
use crate::{
    engine::{Shared, Subgraph},
    error::{ErrorCode, GraphqlError, PathSegment},
    plan::{EntityFetch, EntityGroup, Fetch, PlanNode, Request},
    settings::EngineSettings,
    value::{Object, Value, to_json_object},
};

/// What a run brings together.
pub(crate) struct State {
    pub(crate) data: Value,
    pub(crate) errors: ErrorLog,
}

impl State {
    pub(crate) fn new(shared: &Shared, request_id: Arc<str>) -> Self {
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
    plan: &PlanNode,
    variables: &Valid<Object>,
    context: CallContext,
) -> State {
    let variables = to_json_object(variables);
    let run = Run::new(shared, &variables, context);
    run.node(plan).await;
    run.into_state()
}

/// Takes `event` for an answer to `source`, and runs the rest of the plan on it.
pub(super) async fn run_event(
    shared: &Shared,
    (source, rest): (&Fetch, &[PlanNode]),
    variables: &Variables,
    context: CallContext,
    event: Answer,
) -> State {
    let run = Run::new(shared, variables, context);
    run.merge_root(source, &[Vec::new()], Ok(event));
    for node in rest {
        run.node(node).await;
    }
    run.into_state()
}

/// Those of the operation's variables that `request` uses, added to `variables`. One without value and
/// default is not sent: that differs from null.
pub(super) fn add_used(request: &Request, all: &Variables, variables: &mut Variables) {
    for name in &request.variables {
        if let Some(value) = all.get(name.as_ref()) {
            variables.insert(name.as_ref().to_owned(), value.clone());
        }
    }
}

struct Run<'a> {
    shared: &'a Shared,
    variables: &'a Variables,
    context: CallContext,
    state: Mutex<State>,
}

impl<'a> Run<'a> {
    fn new(shared: &'a Shared, variables: &'a Variables, context: CallContext) -> Self {
        let state = State::new(shared, Arc::clone(&context.request_id));
        Self {
            shared,
            variables,
            context,
            state: Mutex::new(state),
        }
    }

    fn into_state(self) -> State {
        self.state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

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
        }
    }

    async fn fetch(&self, fetch: &Fetch) {
        let places = self.root_places(fetch);
        if places.is_empty() {
            return;
        }
        let answer = self.send(&fetch.request, Variables::new()).await;
        self.merge_root(fetch, &places, answer);
    }

    fn merge_root(&self, fetch: &Fetch, places: &[Vec<u32>], answer: Result<Answer, Failure>) {
        let state = &mut *self.lock();
        match answer {
            Ok(answer) => {
                for error in answer.errors {
                    self.root_error(state, fetch, places, error);
                }
                let mut data = answer.data;
                rewrites::apply(&mut data, &fetch.output_rewrites);
                if let Value::Object(data) = data {
                    for positions in places {
                        if let Some(target) = path::find(&mut state.data, &fetch.path, positions) {
                            merge(target, data.clone(), &self.shared.interfaces);
                        }
                    }
                }
            }
            Err(failure) => {
                let error = failure.to_error(self.subgraph(&fetch.request), self.settings());
                let objects = response_paths(&state.data, fetch, places);
                state.errors.fail(error, missing(objects, &fetch.keys));
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
        if !state.errors.admits() {
            return;
        }
        let path = error.path.clone();
        let subgraph = self.subgraph(&fetch.request);
        let shown = state.errors.shown(subgraph, self.settings(), error);
        let objects = response_paths(&state.data, fetch, places);
        if path.is_empty() {
            // It is about the whole call.
            return state.errors.fail(shown, missing(objects, &fetch.keys));
        }
        for mut object in objects {
            object.extend_from_slice(&path);
            state.errors.push(shown.clone().at(object));
        }
    }

    async fn entities(&self, fetch: &EntityFetch) {
        let groups: Vec<(&EntityGroup, Batch)> = {
            let state = &mut *self.lock();
            let collect = |group| (group, Batch::collect(&state.data, group));
            let groups: Vec<_> = fetch.groups.iter().map(collect).collect();
            for (group, batch) in &groups {
                for object in batch.places(&state.data, group, |asked| asked.is_none()) {
                    state.errors.fail_after(object, &group.keys);
                }
            }
            groups
        };
        let asked: usize = groups.iter().map(|(_, batch)| batch.len()).sum();
        if asked == 0 {
            return;
        }
        if let Some(error) = self.too_many(asked) {
            return fail_groups(&mut self.lock(), &groups, error);
        }
        let mut variables = Variables::new();
        for (group, batch) in &groups {
            variables.insert(group.variable.as_ref().to_owned(), batch.variable());
        }
        let answer = self.send(&fetch.request, variables).await;
        let state = &mut *self.lock();
        match answer {
            Ok(answer) => self.merge_entities(state, fetch, &groups, answer),
            Err(failure) => {
                let error = failure.to_error(self.subgraph(&fetch.request), self.settings());
                fail_groups(state, &groups, error);
            }
        }
    }

    /// Refuses a call for more entities than one call may ask for: the product of nested lists grows
    /// beyond what a subgraph can answer in time.
    fn too_many(&self, asked: usize) -> Option<GraphqlError> {
        let limit = self.settings().limits.representations;
        let setting = "limits.representations";
        (asked > limit).then(|| {
            let message = format!(
                "a part of the answer needs {asked} entities of one subgraph at once; at most {limit} are allowed ({setting}): ask for shorter lists"
            );
            GraphqlError::new(ErrorCode::LimitExceeded, message)
                .with("limit", limit)
                .with("actual", asked)
                .with("setting", setting)
        })
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
            let merged = batch.merge(&mut state.data, group, entities, interfaces);
            let (why, objects) = match merged {
                Ok(nonsense) if nonsense.is_empty() => continue,
                Ok(nonsense) => ("an entity is not an object", nonsense),
                Err(why) => (
                    why,
                    batch.places(&state.data, group, |asked| asked.is_some()),
                ),
            };
            let subgraph = self.subgraph(&fetch.request);
            let failure = Failure::Malformed(why);
            tracing::warn!(subgraph = &*subgraph.name, error = %failure, "unusable entities");
            let error = failure.to_error(subgraph, self.settings());
            state.errors.fail(error, missing(objects, &group.keys));
        }
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
        if !state.errors.admits() {
            return;
        }
        let path = error.path.clone();
        let subgraph = self.subgraph(request);
        let shown = state.errors.shown(subgraph, self.settings(), error);
        let named = |(group, _): &&(&EntityGroup, Batch)| {
            let key = PathSegment::Field(Arc::clone(&group.response_key));
            path.first() == Some(&key)
        };
        let rest = path.get(1..).unwrap_or_default();
        match (groups.iter().find(named), rest) {
            (Some((group, batch)), [PathSegment::Index(index), rest @ ..])
                if batch.contains(*index) =>
            {
                let objects = batch.places(&state.data, group, |asked| asked == Some(*index));
                match rest {
                    [] => state.errors.fail(shown, missing(objects, &group.keys)),
                    _ => {
                        for mut object in objects {
                            object.extend_from_slice(rest);
                            state.errors.push(shown.clone().at(object));
                        }
                    }
                }
            }
            (Some((group, batch)), [PathSegment::Field(key), ..]) if group.keys.contains(key) => {
                let objects = batch.places(&state.data, group, |asked| asked.is_some());
                let keys: Keys = [Arc::clone(key)].into();
                state.errors.fail(shown, missing(objects, &keys));
            }
            (Some(group), _) => fail_groups(state, std::slice::from_ref(group), shown),
            (None, _) => fail_groups(state, groups, shown),
        }
    }

    async fn send(&self, request: &Request, mut variables: Variables) -> Result<Answer, Failure> {
        add_used(request, self.variables, &mut variables);
        let subgraph = self.subgraph(request);
        fetch::fetch(subgraph, self.settings(), request, variables, &self.context).await
    }

    fn settings(&self) -> &EngineSettings {
        &self.shared.settings
    }

    fn subgraph(&self, request: &Request) -> &Subgraph {
        self.shared.subgraph(request.subgraph)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where root fields were merged, in the response.
fn response_paths(data: &Value, fetch: &Fetch, places: &[Vec<u32>]) -> Vec<Vec<PathSegment>> {
    let path = |positions: &Vec<u32>| path::response_path(data, &fetch.path, positions);
    places.iter().map(path).collect()
}

/// Notes that nothing came of what these groups asked for.
fn fail_groups(state: &mut State, groups: &[(&EntityGroup, Batch)], error: GraphqlError) {
    let mut all = Vec::new();
    for (group, batch) in groups {
        let objects = batch.places(&state.data, group, |asked| asked.is_some());
        all.extend(missing(objects, &group.keys));
    }
    state.errors.fail(error, all);
}

/// The same fields of several objects.
fn missing(
    objects: Vec<Vec<PathSegment>>,
    keys: &Keys,
) -> impl Iterator<Item = (Vec<PathSegment>, Keys)> {
    let objects = objects.into_iter();
    objects.map(|object| (object, Arc::clone(keys)))
}
