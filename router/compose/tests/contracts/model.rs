//! What a contract hides, said once more and as plainly as possible: rules over coordinates, from the
//! supergraph of the whole graph.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, FieldDefinition};
use router_compose::Contract;

use super::elements::{argument_of, each, tags};

/// A type of the supergraph.
#[derive(Default)]
struct Type {
    is_union: bool,
    interfaces: Vec<String>,
    /// Coordinates of its fields, values or input fields; of a union, its member types.
    members: Vec<String>,
}

/// Something that is of a type: a field, an argument, an input field.
struct Typed {
    coordinate: String,
    target: String,
    /// May be hidden with its type: a field, or an argument that may be left out.
    may_go: bool,
    /// What must be visible for it to be visible.
    within: Vec<String>,
}

pub(crate) struct Model {
    types: BTreeMap<String, Type>,
    typed: Vec<Typed>,
    /// Coordinates of the fields of objects and interfaces.
    fields: BTreeSet<String>,
    tags: BTreeMap<String, BTreeSet<String>>,
    /// What is `@inaccessible` to begin with.
    hidden: BTreeSet<String>,
}

impl Model {
    /// Reads the supergraph of the whole graph.
    pub(crate) fn of(supergraph: &mut Document) -> Self {
        let mut model = Self {
            types: BTreeMap::new(),
            typed: Vec::new(),
            fields: BTreeSet::new(),
            tags: BTreeMap::new(),
            hidden: BTreeSet::new(),
        };
        each(supergraph, &mut |coordinate, directives| {
            model.tags.insert(coordinate.to_owned(), tags(directives));
            if directives.has("inaccessible") {
                model.hidden.insert(coordinate.to_owned());
            }
        });
        for definition in &supergraph.definitions {
            let name = definition.name().map(ToString::to_string);
            if let Some(name) = name.filter(|name| !name.contains("__")) {
                model.read(&name, definition);
            }
        }
        model
    }

    fn read(&mut self, name: &str, definition: &Definition) {
        let mut ty = Type::default();
        let member = |member: &str| format!("{name}.{member}");
        match definition {
            Definition::ObjectTypeDefinition(node) => {
                ty.interfaces = node
                    .implements_interfaces
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                self.fields(name, &node.fields, &mut ty);
            }
            Definition::InterfaceTypeDefinition(node) => {
                ty.interfaces = node
                    .implements_interfaces
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                self.fields(name, &node.fields, &mut ty);
            }
            Definition::UnionTypeDefinition(node) => {
                ty.is_union = true;
                ty.members = node.members.iter().map(ToString::to_string).collect();
            }
            Definition::EnumTypeDefinition(node) => {
                let values = node.values.iter();
                ty.members = values.map(|value| member(&value.value)).collect();
            }
            Definition::InputObjectTypeDefinition(node) => {
                for field in &node.fields {
                    self.typed.push(Typed {
                        coordinate: member(&field.name),
                        target: field.ty.inner_named_type().to_string(),
                        may_go: false,
                        within: vec![name.to_owned()],
                    });
                    ty.members.push(member(&field.name));
                }
            }
            Definition::ScalarTypeDefinition(_) => {}
            _ => return,
        }
        self.types.insert(name.to_owned(), ty);
    }

    fn fields(&mut self, name: &str, fields: &[Node<FieldDefinition>], ty: &mut Type) {
        for field in fields {
            let coordinate = format!("{name}.{}", field.name);
            for argument in &field.arguments {
                self.typed.push(Typed {
                    coordinate: argument_of(name, &field.name, argument),
                    target: argument.ty.inner_named_type().to_string(),
                    may_go: !argument.is_required(),
                    within: vec![name.to_owned(), coordinate.clone()],
                });
            }
            ty.members.push(coordinate.clone());
            self.fields.insert(coordinate.clone());
            self.typed.push(Typed {
                coordinate,
                target: field.ty.inner_named_type().to_string(),
                may_go: true,
                within: vec![name.to_owned()],
            });
        }
    }

    /// The tags that count for an element: a field of an object or interface has those of its type too.
    pub(crate) fn tags_of(&self, coordinate: &str) -> BTreeSet<String> {
        let mut all = self.tags.get(coordinate).cloned().unwrap_or_default();
        if self.is_field(coordinate)
            && let Some((ty, _)) = coordinate.split_once('.')
        {
            all.extend(self.tags.get(ty).into_iter().flatten().cloned());
        }
        all
    }

    /// Whether this is a field of an object or interface.
    pub(crate) fn is_field(&self, coordinate: &str) -> bool {
        self.fields.contains(coordinate)
    }

    pub(crate) fn is_union(&self, coordinate: &str) -> bool {
        self.types.get(coordinate).is_some_and(|ty| ty.is_union)
    }

    /// The coordinates that the contract hides, with those that were hidden before.
    pub(crate) fn hidden(&self, contract: &Contract) -> BTreeSet<String> {
        let mut hidden = self.hidden.clone();
        for coordinate in self.tags.keys() {
            let tags = self.tags_of(coordinate);
            let is_chosen = self.is_field(coordinate) || self.is_union(coordinate);
            let is_missing = is_chosen && !contract.include.is_empty();
            if !tags.is_disjoint(&contract.exclude)
                || is_missing && tags.is_disjoint(&contract.include)
            {
                hidden.insert(coordinate.clone());
            }
        }
        while self.hide_one_emptied(&mut hidden) || self.hide_one_of_an_interface(&mut hidden) {}
        if contract.hide_unreachable_types {
            let reached = self.reached(&hidden);
            hidden.extend(
                self.types
                    .keys()
                    .filter(|name| !reached.contains(*name))
                    .cloned(),
            );
        }
        hidden
    }

    /// Hides one type of which nothing is left, with what is of it.
    fn hide_one_emptied(&self, hidden: &mut BTreeSet<String>) -> bool {
        let is_emptied = |name: &str, ty: &Type| {
            !hidden.contains(name)
                && !ty.members.is_empty()
                && ty.members.iter().all(|member| hidden.contains(member))
        };
        let Some((name, _)) = self.types.iter().find(|(name, ty)| is_emptied(name, ty)) else {
            return false;
        };
        hidden.insert(name.clone());
        let gone = self
            .typed
            .iter()
            .filter(|typed| typed.target == *name && typed.may_go);
        hidden.extend(gone.map(|typed| typed.coordinate.clone()));
        true
    }

    /// Hides one field of an interface that a visible type which implements it does not show.
    fn hide_one_of_an_interface(&self, hidden: &mut BTreeSet<String>) -> bool {
        let is_shown = |name: &String| !hidden.contains(name);
        let mut wanted = Vec::new();
        for (name, ty) in self.types.iter().filter(|(name, _)| is_shown(name)) {
            for member in ty.members.iter().filter(|member| !is_shown(member)) {
                for interface in ty.interfaces.iter().filter(|one| is_shown(one)) {
                    let of_interface = member.replacen(name.as_str(), interface, 1);
                    if self.types[interface].members.contains(&of_interface) {
                        wanted.push(of_interface);
                    }
                }
            }
        }
        let found = wanted.into_iter().find(is_shown);
        found.is_some_and(|one| hidden.insert(one))
    }

    /// The types that something visible leads to.
    fn reached(&self, hidden: &BTreeSet<String>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&str> = vec!["Query", "Mutation", "Subscription"];
        while let Some(name) = next.pop() {
            if hidden.contains(name) || !reached.insert(name.to_owned()) {
                continue;
            }
            let Some(ty) = self.types.get(name) else {
                continue;
            };
            next.extend(ty.interfaces.iter().map(String::as_str));
            if ty.is_union {
                next.extend(ty.members.iter().map(String::as_str));
            }
            let implementing = self
                .types
                .iter()
                .filter(|(_, other)| other.interfaces.iter().any(|one| one == name));
            next.extend(implementing.map(|(other, _)| other.as_str()));
            let shown = self.typed.iter().filter(|typed| {
                typed.within[0] == name
                    && !hidden.contains(&typed.coordinate)
                    && !typed.within.iter().any(|outer| hidden.contains(outer))
            });
            next.extend(shown.map(|typed| typed.target.as_str()));
        }
        reached
    }
}
