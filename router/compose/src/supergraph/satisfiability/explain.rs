//! What the walk reports: fields out of reach, with the shortest query for them and the hop that
//! fails, and shared fields whose subgraphs cannot give the same objects.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::Walk;
use super::reach::{Entry, Given, Held, Labels, Scope};
use crate::code;
use crate::diagnostic::Report;
use crate::subgraph::fieldset::{FieldSet, Selection};
use crate::subgraph::model::Kind;
use crate::supergraph::check::locate;
use crate::supergraph::model::{GraphIndex, MergedField};
use crate::text::list;

/// Steps from the root that an example query shows.
const LONGEST_QUERY: usize = 32;

impl<'a> Walk<'a> {
    fn name(&self, graph: GraphIndex) -> &'a str {
        let subgraphs = self.reach.subgraphs;
        subgraphs.get(graph).map_or("", |subgraph| &subgraph.name)
    }

    fn names(&self, graphs: impl IntoIterator<Item = GraphIndex>) -> String {
        let graphs: BTreeSet<GraphIndex> = graphs.into_iter().collect();
        list(graphs.into_iter().map(|graph| self.name(graph)))
    }

    /// Reports a field that no subgraph can be asked for.
    pub(super) fn fail(
        &self,
        index: usize,
        (name, field): (&'a str, &'a MergedField),
        labels: &Labels<'a>,
        report: &mut Report,
    ) {
        let Some(position) = self.positions.get(index) else {
            return;
        };
        let ty = position.ty;
        let scope = Scope::new(labels, &position.contexts);
        let around = self.reach.all(ty, &position.held, &scope);
        let owners = self.owners(ty, name, field, labels);
        let mut reasons = Vec::new();
        let mut advice = BTreeSet::new();
        for (graph, local) in &owners {
            let here = around
                .iter()
                .find(|held| held.graph == *graph && held.ty == *local);
            let (reason, remedy) = match here {
                Some(held) => self.missing_requirement(ty, name, held, &scope),
                None => self.missing_key(ty, (*graph, local), &around, &scope),
            };
            reasons.push(reason);
            advice.insert(remedy);
        }
        let advice: Vec<String> = advice.into_iter().collect();
        let message = format!(
            "`{ty}.{name}` cannot be fetched by a query like `{}`{}: `{ty}` comes from {}, and {}. \
             {}.",
            self.example(index, name, field),
            outcomes(labels),
            self.names(position.held.iter().map(|held| held.graph)),
            reasons.join("; "),
            advice.join(". "),
        );
        let mut at = locate(self.reach.subgraphs, ty, Some(name), None);
        if at.is_empty() {
            for (_, local) in &owners {
                at.extend(locate(self.reach.subgraphs, local, Some(name), None));
            }
            at.sort();
            at.dedup();
        }
        report.error(code::SATISFIABILITY_ERROR, message, at);
    }

    /// The subgraphs that resolve a field, and what they call the type.
    fn owners(
        &self,
        ty: &'a str,
        name: &str,
        field: &'a MergedField,
        labels: &Labels<'a>,
    ) -> Vec<(GraphIndex, &'a str)> {
        let is_on = |field: &MergedField, graph: &GraphIndex| {
            let label = field.labels.get(graph);
            label.is_none_or(|(label, wanted)| {
                labels
                    .get(label.as_str())
                    .is_none_or(|outcome| outcome == wanted)
            })
        };
        let own = field.resolvers.iter().filter(|graph| is_on(field, graph));
        let mut owners: Vec<_> = own.map(|graph| (*graph, ty)).collect();
        for (graph, subgraph) in self.reach.subgraphs.iter().enumerate() {
            let objects = subgraph.types.values().filter(|ty| ty.interface_object);
            for object in objects.filter(|object| self.reach.holds(Some(&object.name), ty)) {
                let merged = self.reach.merged_field(&object.name, name);
                if merged.is_some_and(|field| field.resolvers.contains(&graph)) {
                    owners.push((graph, &object.name));
                }
            }
        }
        owners
    }

    /// Why a subgraph that has the object does not give the field, and what to change.
    fn missing_requirement(
        &self,
        ty: &'a str,
        name: &str,
        held: &Held<'a>,
        scope: &Scope<'a, '_>,
    ) -> (String, String) {
        let scope = &scope.conditions();
        let graph = self.name(held.graph);
        let local = self.reach.subgraphs.get(held.graph);
        let field = local.and_then(|subgraph| subgraph.ty(held.ty)?.field(name));
        if let Some(field) = field
            && let Some(requires) = &field.requires
            && !self.reach.has_required(ty, field, held, scope)
        {
            let around = self.reach.all(ty, std::slice::from_ref(held), scope);
            let needs = format!(
                "`{graph}` needs for it, by `@requires(fields: \"{}\")`,",
                requires.text
            );
            let advice = format!(
                "Add to `{}` in `{graph}` a `@key` that it has itself",
                held.ty
            );
            if self
                .reach
                .satisfied(ty, &requires.selections, &around, scope)
            {
                let reason = format!(
                    "{needs} fields of others, and has no `@key` of `{}` with fields of its own by \
                     which it could be asked again",
                    held.ty
                );
                return (reason, advice);
            }
            let missing = self.first_missing(ty, requires, &around, scope);
            let reason = format!("{needs} {missing}, which cannot be fetched from there");
            let advice = format!(
                "Give `{}` in `{graph}` the `@key` of a subgraph that has {missing}, or take it out \
                 of `@requires`",
                held.ty
            );
            return (reason, advice);
        }
        let reason = format!(
            "`{graph}` needs for it a value from a `@context` that is not set, or cannot be read, \
             on this way"
        );
        let advice = format!(
            "Set the context in `{graph}` on a type above `{ty}` on every way to it, with fields \
             that can be fetched there"
        );
        (reason, advice)
    }

    /// Why a subgraph cannot be asked about the object, and what to change.
    fn missing_key(
        &self,
        ty: &'a str,
        (graph, local): (GraphIndex, &'a str),
        around: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> (String, String) {
        let entries = self.reach.entries(ty).iter();
        let keys: Vec<&FieldSet> = entries
            .filter(|entry| entry.graph == graph)
            .flat_map(|entry: &Entry<'a>| entry.keys.iter().copied())
            .collect();
        let name = self.name(graph);
        let advice = format!(
            "Give `{local}` in `{name}` a `@key` whose fields the other subgraphs have, or resolve \
             the field there too, `@shareable`"
        );
        if keys.is_empty() {
            let reason =
                format!("`{name}` has no `@key` by which `{local}` can be asked for there");
            return (reason, advice);
        }
        let scope = &scope.conditions();
        let keys = keys.iter().map(|key| {
            format!(
                "by `@key(fields: \"{}\")` needs {}",
                key.text,
                self.first_missing(ty, key, around, scope)
            )
        });
        let keys = keys.collect::<Vec<_>>().join(" and ");
        let reason = format!("`{name}` {keys}, which cannot be fetched before");
        (reason, advice)
    }

    /// The first field of a field set that cannot be had.
    fn first_missing(
        &self,
        ty: &'a str,
        fields: &FieldSet,
        around: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> String {
        let mut selections = fields.selections.iter();
        let missing = selections.find(|selection| {
            let one = std::slice::from_ref(*selection);
            !self.reach.satisfied(ty, one, around, scope)
        });
        match missing {
            Some(Selection::Field { name, .. }) => format!("`{ty}.{name}`"),
            _ => format!("`{}`", fields.text),
        }
    }

    /// Reports objects whose type no subgraph can tell.
    pub(super) fn fail_type_name(&mut self, index: usize, report: &mut Report) {
        let Some(position) = self.positions.get(index) else {
            return;
        };
        let Some(held) = position.held.first().copied() else {
            return;
        };
        if !self.failed.insert((held.ty, "__typename")) {
            return;
        }
        let graphs = self.names(position.held.iter().map(|held| held.graph));
        let mut query = "__typename".to_owned();
        if let Some((before, step)) = &position.from {
            // The query need not name a type that it asks for.
            let step = step.split(' ').next().unwrap_or(step);
            query = self.wrap(Some(*before), format!("{step} {{ {query} }}"));
        }
        let interface = held.ty;
        let message = format!(
            "The type of a `{interface}` cannot be found out in a query like `{query}`: it comes \
             from {graphs}, where `{interface}` is an `@interfaceObject`, and no subgraph that has \
             the interface can be asked for it from there. Give the interface `{interface}` a \
             `@key` whose fields {graphs} can give."
        );
        let at = locate(self.reach.subgraphs, interface, None, None);
        report.error(code::SATISFIABILITY_ERROR, message, at);
    }

    /// The shortest query that leads to a field.
    fn example(&self, index: usize, name: &str, field: &MergedField) -> String {
        let target = self.reach.ty(field.ty.inner_named_type());
        let is_leaf = target.is_none_or(|ty| matches!(ty.kind(), Kind::Scalar | Kind::Enum));
        let query = if is_leaf {
            name.to_owned()
        } else {
            format!("{name} {{ __typename }}")
        };
        self.wrap(Some(index), query)
    }

    /// Puts what is asked at a position into the query that leads there.
    fn wrap(&self, index: Option<usize>, mut query: String) -> String {
        let mut current = index.and_then(|index| self.positions.get(index));
        let mut root = "";
        let mut steps = 0;
        while let Some(position) = current {
            root = position.ty;
            let Some((before, step)) = &position.from else {
                break;
            };
            let closing = if step.contains('{') { " } }" } else { " }" };
            steps += 1;
            // Nobody reads longer ones, and a long chain of types has one at each.
            match steps.cmp(&LONGEST_QUERY) {
                Ordering::Less => query = format!("{step} {{ {query}{closing}"),
                Ordering::Equal => query = format!("… {{ {query} }}"),
                Ordering::Greater => {}
            }
            current = self.positions.get(*before);
        }
        let keyword = match root {
            "Mutation" => "mutation ",
            "Subscription" => "subscription ",
            _ => "",
        };
        format!("{keyword}{{ {query} }}")
    }

    /// Subgraphs that share a field must be able to give the same objects.
    pub(super) fn check_runtime_types(
        &mut self,
        ty: &'a str,
        name: &'a str,
        given: &[Given<'a>],
        report: &mut Report,
    ) {
        let mut graphs = given.iter().map(|one| one.graph);
        let first = graphs.next();
        if graphs.all(|graph| Some(graph) == first) || self.compared.contains(&(ty, name)) {
            return;
        }
        let mut possible: BTreeMap<GraphIndex, BTreeSet<&str>> = BTreeMap::new();
        let mut is_abstract = true;
        for one in given {
            let Some(subgraph) = self.reach.subgraphs.get(one.graph) else {
                continue;
            };
            let target = one.field.ty.inner_named_type();
            let Some(local) = subgraph.ty(target) else {
                return;
            };
            // An interface object stands for whatever types there are.
            if !local.interface_object && !possible.contains_key(&one.graph) {
                is_abstract &= matches!(local.kind(), Kind::Interface | Kind::Union);
                possible.insert(one.graph, subgraph.possible_types(target));
            }
        }
        if possible.len() < 2 || !self.compared.insert((ty, name)) {
            return;
        }
        let mut sets = possible.values();
        let Some(first) = sets.next() else { return };
        if !is_abstract || sets.all(|other| other == first) {
            return;
        }
        let common = possible
            .values()
            .fold(first.clone(), |common, other| &common & other);
        let names: Vec<&str> = possible.keys().map(|graph| self.name(*graph)).collect();
        let mut at = locate(self.reach.subgraphs, ty, Some(name), None);
        at.retain(|location| names.contains(&location.subgraph.as_str()));
        if common.is_empty() {
            let message = format!(
                "`{ty}.{name}` is shared by {}, which have no object type in common that it could \
                 return. Give them the same types.",
                list(names)
            );
            report.error(code::SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES, message, at);
        } else {
            let message = format!(
                "`{ty}.{name}` is shared by {}, but the object types it can return differ; all of \
                 them know only {}. Make sure that they resolve it the same way.",
                list(names),
                list(common)
            );
            report.warn(
                code::INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN,
                message,
                at,
            );
        }
    }
}

/// The outcomes of labels under which something fails, for messages.
fn outcomes(labels: &Labels<'_>) -> String {
    let outcomes = labels.iter().map(|(label, outcome)| {
        let state = if *outcome { "on" } else { "off" };
        format!("the label \"{label}\" is {state}")
    });
    let outcomes: Vec<String> = outcomes.collect();
    if outcomes.is_empty() {
        return String::new();
    }
    format!(" when {}", outcomes.join(" and "))
}
