//! What the walk reports: fields out of reach, with the shortest query for them, and shared fields
//! whose subgraphs cannot give the same objects.

use std::collections::{BTreeMap, BTreeSet};

use super::{Delivered, Walk};
use crate::code;
use crate::diagnostic::Report;
use crate::subgraph::model::Kind;
use crate::supergraph::check::locate;
use crate::supergraph::model::{GraphIndex, MergedField};

impl<'a> Walk<'a> {
    /// Reports a field that no subgraph can be asked for.
    pub(super) fn fail(
        &self,
        index: usize,
        (name, field): (&str, &MergedField),
        reached: &[Delivered<'a>],
        report: &mut Report,
    ) {
        let Some(position) = self.positions.get(index) else {
            return;
        };
        let graph_name = |graph: GraphIndex| self.subgraphs.get(graph).map(|s| s.name.as_str());
        let mut here: Vec<GraphIndex> = reached.iter().map(|delivered| delivered.graph).collect();
        here.dedup();
        let ty = position.ty;
        let owners: Vec<&str> = field
            .resolvers
            .iter()
            .filter_map(|g| graph_name(*g))
            .collect();
        let reason = if field.resolvers.iter().any(|graph| here.contains(graph)) {
            "the fields it `@requires` cannot be fetched".to_owned()
        } else {
            format!(
                "`{ty}` comes from {} and no `@key` of `{ty}` leads from there to {}",
                crate::text::list(here.into_iter().filter_map(graph_name)),
                crate::text::list(owners.iter().copied())
            )
        };
        let message = format!(
            "`{ty}.{name}` cannot be fetched by a query like `{}`: {reason}. Give `{ty}` in {} a \
             `@key` whose fields the other subgraphs have, or resolve `{name}` there too, \
             `@shareable`.",
            self.example(index, name, field),
            crate::text::list(owners.iter().copied())
        );
        let at = locate(self.subgraphs, ty, Some(name), None);
        report.error(code::SATISFIABILITY_ERROR, message, at);
    }

    /// The shortest query that leads to a field.
    fn example(&self, index: usize, name: &str, field: &MergedField) -> String {
        let target = self
            .supergraph
            .types
            .get(field.ty.inner_named_type().as_str());
        let is_leaf = target.is_none_or(|ty| matches!(ty.kind(), Kind::Scalar | Kind::Enum));
        let mut query = if is_leaf {
            name.to_owned()
        } else {
            format!("{name} {{ __typename }}")
        };
        let mut current = self.positions.get(index);
        let mut root = "";
        while let Some(position) = current {
            root = position.ty;
            let Some((before, step)) = &position.from else {
                break;
            };
            let closing = if step.contains('{') { " } }" } else { " }" };
            query = format!("{step} {{ {query}{closing}");
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
        next: &[Delivered<'a>],
        report: &mut Report,
    ) {
        let graphs: BTreeSet<GraphIndex> = next.iter().map(|delivered| delivered.graph).collect();
        if graphs.len() < 2 || !self.compared.insert((ty, name)) {
            return;
        }
        let mut possible: BTreeMap<GraphIndex, BTreeSet<&str>> = BTreeMap::new();
        let mut is_abstract = true;
        for graph in graphs {
            let Some(subgraph) = self.subgraphs.get(graph) else {
                continue;
            };
            let Some(field) = subgraph.ty(ty).and_then(|ty| ty.field(name)) else {
                continue;
            };
            let target = field.ty.inner_named_type();
            let kind = subgraph
                .ty(target)
                .map(crate::subgraph::model::TypeDef::kind);
            is_abstract &= matches!(kind, Some(Kind::Interface | Kind::Union));
            possible.insert(graph, subgraph.possible_types(target));
        }
        let mut sets = possible.values();
        let Some(first) = sets.next() else { return };
        if !is_abstract || sets.all(|other| other == first) {
            return;
        }
        let common = possible
            .values()
            .fold(first.clone(), |common, other| &common & other);
        let names: Vec<&str> = possible
            .keys()
            .filter_map(|graph| Some(self.subgraphs.get(*graph)?.name.as_str()))
            .collect();
        let mut at = locate(self.subgraphs, ty, Some(name), None);
        at.retain(|location| names.contains(&location.subgraph.as_str()));
        if common.is_empty() {
            let message = format!(
                "`{ty}.{name}` is shared by {}, which have no object type in common that it could \
                 return. Give them the same types.",
                crate::text::list(names)
            );
            report.error(code::SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES, message, at);
        } else {
            let message = format!(
                "`{ty}.{name}` is shared by {}, but the object types it can return differ; all of \
                 them know only {}. Make sure that they resolve it the same way.",
                crate::text::list(names),
                crate::text::list(common)
            );
            report.warn(
                code::INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN,
                message,
                at,
            );
        }
    }
}
