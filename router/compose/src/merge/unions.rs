//! Merging unions: every member of any subgraph.

use std::collections::BTreeMap;

use super::{Merger, Source};
use crate::code;
use crate::subgraph::model::Body;
use crate::supergraph::model::GraphIndex;

impl Merger<'_> {
    pub(super) fn merge_union(
        &mut self,
        name: &str,
        sources: &[Source<'_>],
    ) -> BTreeMap<String, Vec<GraphIndex>> {
        let mut merged: BTreeMap<String, Vec<GraphIndex>> = BTreeMap::new();
        for (graph, ty) in sources {
            if let Body::Union(members) = &ty.body {
                for member in members.keys() {
                    merged.entry(member.clone()).or_default().push(*graph);
                }
            }
        }
        for (member, graphs) in &merged {
            let missing: Vec<_> = sources
                .iter()
                .filter(|(graph, _)| !graphs.contains(graph))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let message = format!(
                "Member `{member}` of the union `{name}` is missing in {}.",
                self.names(missing.iter().map(|(graph, _)| *graph))
            );
            let at = missing
                .iter()
                .map(|(graph, ty)| self.at(*graph, ty.place))
                .collect();
            self.report
                .info(code::INCONSISTENT_UNION_MEMBER, message, at);
        }
        merged
    }
}
