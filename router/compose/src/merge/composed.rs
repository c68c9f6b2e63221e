//! Merging what `@composeDirective` keeps, and settling what federation's own directives are called.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

use super::Merger;
use crate::code;
use crate::diagnostic::Place;
use crate::subgraph::imports::ForeignLink;
use crate::subgraph::model::DirectiveDef;
use crate::supergraph::features::{self, Names};
use crate::supergraph::model::{GraphIndex, Link, MergedDirective};

/// A directive that one subgraph keeps.
struct Kept<'a> {
    graph: GraphIndex,
    /// Of the `@composeDirective`.
    place: Place,
    link: &'a ForeignLink,
    /// What its specification calls it.
    original: String,
    definition: &'a DirectiveDef,
}

impl<'a> Merger<'a> {
    /// The definitions of all directives that are kept, and the links that bring them.
    pub(super) fn merge_composed(&mut self) -> (BTreeMap<String, MergedDirective>, Vec<Link>) {
        let mut by_name: BTreeMap<&'a str, Vec<Kept<'a>>> = BTreeMap::new();
        for (graph, subgraph) in self.subgraphs.iter().enumerate() {
            for (name, definition) in &subgraph.composed_directives {
                let place = subgraph.links.composed.get(name).copied();
                let Some((link, original)) = subgraph.links.foreign_directive(name) else {
                    continue;
                };
                by_name.entry(name).or_default().push(Kept {
                    graph,
                    place: place.unwrap_or_default(),
                    link,
                    original,
                    definition,
                });
            }
        }
        self.check_same_specification(&by_name);
        self.check_same_name(&by_name);
        self.check_other_meanings(&by_name);
        self.hint_other_names(&by_name);
        self.check_major_versions(&by_name);
        let mut composed = BTreeMap::new();
        for (name, kept) in &by_name {
            let Some(newest) = kept.iter().max_by_key(|one| one.link.version) else {
                continue;
            };
            self.hint_definitions(name, kept);
            let definition = self.composed_definition(name, newest);
            composed.insert((*name).to_owned(), definition);
        }
        (composed, links(&by_name))
    }

    /// The newest version's definition is the supergraph's.
    fn composed_definition(&mut self, name: &str, newest: &Kept<'_>) -> MergedDirective {
        let arguments = newest.definition.arguments.iter();
        let arguments = arguments.map(|(argument, input)| {
            let coordinate = format_args!("@{name}({argument}:)");
            if input.notes.inaccessible {
                self.hidden_argument(coordinate, newest.graph, input.place);
            }
            let merged = self.merge_input_value(coordinate, true, &[(newest.graph, input)]);
            (argument.clone(), merged)
        });
        MergedDirective {
            description: newest.definition.description.clone(),
            arguments: arguments.collect(),
            repeatable: newest.definition.repeatable,
            locations: newest.definition.locations.clone(),
        }
    }

    /// Clients do not see a kept directive at all, so there is nothing to hide of it.
    fn hidden_argument(&mut self, coordinate: Arguments<'_>, graph: GraphIndex, place: Place) {
        let message = format!(
            "`{coordinate}` of a directive that `@composeDirective` keeps must not be \
             `@inaccessible`. Remove that."
        );
        let at = vec![self.at(graph, place)];
        self.report
            .error(code::DISALLOWED_INACCESSIBLE, message, at);
    }

    fn refuse_composed(&mut self, message: String, kept: &[&Kept<'_>]) {
        let at = kept.iter().map(|one| self.at(one.graph, one.place));
        let at = at.collect();
        self.report
            .error(code::DIRECTIVE_COMPOSITION_ERROR, message, at);
    }

    fn check_same_specification(&mut self, by_name: &BTreeMap<&str, Vec<Kept<'_>>>) {
        for (name, kept) in by_name {
            let identities: BTreeSet<_> = kept
                .iter()
                .map(|one| (one.link.identity.as_str(), one.original.as_str()))
                .collect();
            if identities.len() < 2 {
                continue;
            }
            let sides = kept.iter().map(|one| {
                let (identity, original) = (&one.link.identity, &one.original);
                format!(
                    "`@{original}` of `{identity}` in `{}`",
                    self.name(one.graph)
                )
            });
            let message = format!(
                "`@{name}` is a different directive in different subgraphs: {}. Rename one of them \
                 by `import`.",
                sides.collect::<Vec<_>>().join(", ")
            );
            self.refuse_composed(message, &kept.iter().collect::<Vec<_>>());
        }
    }

    fn check_same_name(&mut self, by_name: &BTreeMap<&str, Vec<Kept<'_>>>) {
        let mut by_original: BTreeMap<(&str, &str), Vec<(&str, &Kept<'_>)>> = BTreeMap::new();
        for (name, kept) in by_name {
            for one in kept {
                let original = (one.link.identity.as_str(), one.original.as_str());
                by_original.entry(original).or_default().push((name, one));
            }
        }
        for ((identity, original), named) in by_original {
            let names: BTreeSet<&str> = named.iter().map(|(name, _)| *name).collect();
            if names.len() < 2 {
                continue;
            }
            let sides = named
                .iter()
                .map(|(name, one)| format!("`@{name}` in `{}`", self.name(one.graph)));
            let message = format!(
                "`@{original}` of `{identity}` has different names: {}. Import it under the same \
                 name in every subgraph that keeps it.",
                sides.collect::<Vec<_>>().join(", ")
            );
            let kept: Vec<_> = named.iter().map(|(_, one)| *one).collect();
            self.refuse_composed(message, &kept);
        }
    }

    /// A kept directive must not be called like one that federation carries over.
    fn check_other_meanings(&mut self, by_name: &BTreeMap<&str, Vec<Kept<'_>>>) {
        for (name, kept) in by_name {
            let clash = self.subgraphs.iter().enumerate().find(|(_, subgraph)| {
                let known = subgraph.links.directives.get(*name);
                known.is_some_and(|known| features::carried().any(|other| other == known.name))
            });
            if let Some((other, _)) = clash {
                let message = format!(
                    "`@{name}`, which `@composeDirective` keeps, is a directive of federation in \
                     `{}`. Rename one of them by `import`.",
                    self.name(other)
                );
                self.refuse_composed(message, &kept.iter().collect::<Vec<_>>());
            }
        }
    }

    /// Another name in a subgraph that does not keep the directive is only in the way of keeping it.
    fn hint_other_names(&mut self, by_name: &BTreeMap<&str, Vec<Kept<'_>>>) {
        for (name, kept) in by_name {
            let Some(one) = kept.first() else { continue };
            let mut at: Vec<_> = kept
                .iter()
                .map(|one| self.at(one.graph, one.place))
                .collect();
            let mut others = Vec::new();
            for (graph, subgraph) in self.subgraphs.iter().enumerate() {
                let links = subgraph.links.foreign.iter();
                let same = links.filter(|link| link.identity == one.link.identity);
                for link in same {
                    let wanted = format!("@{}", one.original);
                    let imported = link.imports.iter().find(|(name, _)| *name == wanted);
                    let Some((_, local)) = imported else { continue };
                    let local = local.trim_start_matches('@');
                    if local != *name && !subgraph.links.composed.contains_key(local) {
                        others.push(format!("`@{local}` in `{}`", subgraph.name));
                        at.push(self.at(graph, link.place));
                    }
                }
            }
            if others.is_empty() {
                continue;
            }
            let message = format!(
                "`@{name}` is called {} there it is not kept. Give it the same name before you \
                 keep it there too.",
                others.join(", ")
            );
            self.report
                .warn(code::DIRECTIVE_COMPOSITION_WARN, message, at);
        }
    }

    fn check_major_versions(&mut self, by_name: &BTreeMap<&str, Vec<Kept<'_>>>) {
        let mut by_identity: BTreeMap<&'a str, Vec<(GraphIndex, &'a ForeignLink)>> =
            BTreeMap::new();
        for (graph, subgraph) in self.subgraphs.iter().enumerate() {
            for link in &subgraph.links.foreign {
                let all = by_identity.entry(link.identity.as_str()).or_default();
                all.push((graph, link));
            }
        }
        for (identity, links) in by_identity {
            let majors: BTreeSet<u32> = links.iter().map(|(_, link)| link.version.0).collect();
            if majors.len() < 2 {
                continue;
            }
            let kept = by_name.values().flatten();
            let kept = kept.filter(|one| one.link.identity == identity);
            let kept: BTreeSet<u32> = kept.map(|one| one.link.version.0).collect();
            let sides = links.iter().map(|(graph, link)| {
                let (major, minor) = link.version;
                format!("v{major}.{minor} in `{}`", self.name(*graph))
            });
            let sides = sides.collect::<Vec<_>>().join(", ");
            let at = links
                .iter()
                .map(|(graph, link)| self.at(*graph, link.place));
            let at = at.collect();
            if kept.len() > 1 {
                let message = format!(
                    "`{identity}`, whose directives `@composeDirective` keeps, has different major \
                     versions: {sides}. Use the same major version everywhere."
                );
                self.report
                    .error(code::DIRECTIVE_COMPOSITION_ERROR, message, at);
            } else {
                let message = format!(
                    "`{identity}` has different major versions: {sides}. They must be the same where \
                     `@composeDirective` keeps its directives."
                );
                self.report
                    .info(code::DIRECTIVE_COMPOSITION_INFO, message, at);
            }
        }
    }

    fn hint_definitions(&mut self, name: &str, kept: &[Kept<'_>]) {
        let differs = |same: &dyn Fn(&DirectiveDef, &DirectiveDef) -> bool| {
            let first = kept.first().map(|one| one.definition);
            first.is_some_and(|first| kept.iter().any(|one| !same(first, one.definition)))
        };
        let at = || -> Vec<_> {
            let places = kept.iter().map(|one| (one.graph, one.definition.place));
            places.map(|(graph, place)| self.at(graph, place)).collect()
        };
        let (repeatable, locations) = (
            differs(&|left, right| left.repeatable == right.repeatable),
            differs(&|left, right| left.locations == right.locations),
        );
        let at = at();
        if repeatable {
            let message = format!(
                "`@{name}` is repeatable in some subgraphs only. The supergraph has the definition \
                 of the newest version. Make them equal."
            );
            let code = code::INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE;
            self.report.info(code, message, at.clone());
        }
        if locations {
            let message = format!(
                "The locations of `@{name}` differ between subgraphs. The supergraph has the \
                 definition of the newest version. Make them equal."
            );
            let code = code::INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS;
            self.report.info(code, message, at);
        }
    }

    /// What federation's carried directives are called in the supergraph: what all subgraphs that
    /// use them call them.
    pub(super) fn merge_names(&mut self) -> Names {
        let mut names = Names::new();
        for name in features::carried() {
            let mut locals: BTreeMap<&str, Vec<(GraphIndex, Place)>> = BTreeMap::new();
            for (graph, subgraph) in self.subgraphs.iter().enumerate() {
                if let Some((local, place)) = subgraph.links.used.get(name) {
                    locals.entry(local).or_default().push((graph, *place));
                }
            }
            if locals.len() > 1 {
                self.names_differ(name, &locals);
            } else if let Some(local) = locals.keys().next()
                && *local != name
            {
                names.insert(name, (*local).to_owned());
            }
        }
        names
    }

    fn names_differ(&mut self, name: &str, locals: &BTreeMap<&str, Vec<(GraphIndex, Place)>>) {
        let sides = locals.iter().map(|(local, graphs)| {
            let graphs = graphs.iter().map(|(graph, _)| *graph);
            format!("`@{local}` in {}", self.names(graphs))
        });
        let message = format!(
            "`@{name}` has different names: {}. The supergraph keeps it, so import it under the \
             same name in every subgraph that uses it.",
            sides.collect::<Vec<_>>().join(", ")
        );
        let at = locals.values().flatten();
        let at = at.map(|(graph, place)| self.at(*graph, *place)).collect();
        self.report
            .error(code::LINK_IMPORT_NAME_MISMATCH, message, at);
    }
}

/// The links of all directives that are kept, each with the newest version of its specification.
fn links(by_name: &BTreeMap<&str, Vec<Kept<'_>>>) -> Vec<Link> {
    let mut newest: BTreeMap<&str, &Kept<'_>> = BTreeMap::new();
    for one in by_name.values().flatten() {
        let known = newest.entry(&one.link.identity).or_insert(one);
        if known.link.version < one.link.version {
            *known = one;
        }
    }
    let link = |(identity, newest): (&str, &Kept<'_>)| {
        let (major, minor) = newest.link.version;
        let kept = by_name.iter().filter_map(|(name, kept)| {
            let mut kept = kept.iter();
            let one = kept.find(|one| one.link.identity == identity)?;
            Some((one.original.clone(), (*name).to_owned()))
        });
        Link {
            url: format!("{identity}/v{major}.{minor}"),
            name: newest.link.name.clone(),
            purpose: newest.link.purpose.clone(),
            imports: kept.collect(),
        }
    };
    newest.into_iter().map(link).collect()
}
