//! From a valid GraphQL schema to the model of a subgraph.

use std::collections::BTreeMap;

use apollo_compiler::ast::{Directive, Type};
use apollo_compiler::collections::{IndexMap, IndexSet};
use apollo_compiler::schema::{
    Component, ComponentName, ComponentOrigin, ExtendedType, FieldDefinition, InputValueDefinition,
};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema, ast};

use super::directives::{PROVIDES, REQUIRES};
use super::graphql::PLACEHOLDER;
use super::link::Links;
use super::model::{Body, EnumValue, Field, InputValue, Override, TypeDef};
use super::spec::Meaning;
use crate::code;
use crate::diagnostic::{Place, Report};
use crate::sdl::Places;

/// Builds the types of a subgraph from its schema.
pub(crate) struct Builder<'a> {
    pub(crate) schema: &'a Valid<Schema>,
    pub(crate) places: &'a Places,
    pub(crate) links: &'a Links,
    pub(crate) subgraph: &'a str,
    pub(crate) report: &'a mut Report,
}

impl Builder<'_> {
    /// All types, under the names they have in the supergraph.
    pub(crate) fn types(&mut self) -> BTreeMap<String, TypeDef> {
        self.check_roots();
        let schema = self.schema;
        let mut types = BTreeMap::new();
        for (name, ty) in &schema.types {
            let is_machinery = || {
                let prefix = name.split_once("__").map(|(prefix, _)| prefix);
                prefix.is_some_and(|prefix| self.links.prefixes.contains(prefix))
                    || self.links.is_spec_type(name)
            };
            if ty.is_built_in() || name.as_str() == PLACEHOLDER || is_machinery() {
                continue;
            }
            let built = self.type_def(ty);
            let only_placeholder = built.fields().is_some_and(IndexMap::is_empty);
            if !only_placeholder {
                types.insert(built.name.clone(), built);
            }
        }
        types
    }

    fn roots(&self) -> [(&'static str, &'static str, Option<&ComponentName>); 3] {
        let definition = &self.schema.schema_definition;
        [
            ("Query", code::ROOT_QUERY_USED, definition.query.as_ref()),
            (
                "Mutation",
                code::ROOT_MUTATION_USED,
                definition.mutation.as_ref(),
            ),
            (
                "Subscription",
                code::ROOT_SUBSCRIPTION_USED,
                definition.subscription.as_ref(),
            ),
        ]
    }

    fn check_roots(&mut self) {
        let mut clashes = Vec::new();
        for (default, code, root) in self.roots() {
            let Some(clash) = self.schema.types.get(default) else {
                continue;
            };
            if root.is_some_and(|root| root.name.as_str() != default) {
                clashes.push((
                    default,
                    code,
                    self.places.element(clash.name(), clash.location()),
                ));
            }
        }
        for (default, code, place) in clashes {
            let message = format!(
                "Subgraph `{}` has another root type but also a type `{default}`. Rename that \
                 type: `{default}` is the name of the root in the supergraph.",
                self.subgraph
            );
            self.report
                .error(code, message, vec![place.within(self.subgraph)]);
        }
    }

    /// The name a type has in the supergraph.
    fn name(&self, local: &Name) -> Name {
        for (default, _, root) in self.roots() {
            if root.is_some_and(|root| root.name == *local) {
                return Name::new_unchecked(default);
            }
        }
        local.clone()
    }

    fn ty(&self, ty: &Type) -> Type {
        match ty {
            Type::Named(name) => Type::Named(self.name(name)),
            Type::NonNullNamed(name) => Type::NonNullNamed(self.name(name)),
            Type::List(inner) => Type::List(Box::new(self.ty(inner))),
            Type::NonNullList(inner) => Type::NonNullList(Box::new(self.ty(inner))),
        }
    }

    pub(super) fn meaning(&self, directive: &Directive) -> Option<Meaning> {
        self.links.meaning(&directive.name)
    }

    fn has(&self, directives: &ast::DirectiveList, meaning: Meaning) -> bool {
        directives
            .iter()
            .any(|directive| self.meaning(directive) == Some(meaning))
    }

    fn type_def(&mut self, ty: &ExtendedType) -> TypeDef {
        let directives = ty.directives();
        let has_extends = directives
            .iter()
            .any(|d| self.meaning(d) == Some(Meaning::Extends));
        let mut origins = ty.iter_origins().peekable();
        let extended = origins.peek().is_some()
            && origins.all(|origin| matches!(origin, ComponentOrigin::Extension(_)));
        let body = self.body(ty, directives);
        // Federation 1 gives keys on interfaces no meaning.
        let keys = if self.links.federation1 && ty.is_interface() {
            Vec::new()
        } else {
            self.keys(directives, has_extends)
        };
        TypeDef {
            name: self.name(ty.name()).to_string(),
            place: self.places.element(ty.name(), ty.location()),
            description: ty.description().map(ToString::to_string),
            notes: self.notes(directives.iter().map(|directive| &directive.node)),
            keys,
            extension: extended || has_extends,
            // To federation 1, `@extends` is another way to write `extend`.
            needs_base: extended || (has_extends && self.links.federation1),
            defined: !extended,
            implements: self.implements(ty),
            interface_object: directives
                .iter()
                .any(|d| self.meaning(d) == Some(Meaning::InterfaceObject)),
            contexts: self.contexts(directives),
            body,
        }
    }

    fn implements(&self, ty: &ExtendedType) -> IndexMap<String, Place> {
        let names: Option<&IndexSet<ComponentName>> = match ty {
            ExtendedType::Object(object) => Some(&object.implements_interfaces),
            ExtendedType::Interface(interface) => Some(&interface.implements_interfaces),
            _ => None,
        };
        let names = names.into_iter().flatten();
        names
            .map(|name| (name.to_string(), self.places.name(name)))
            .collect()
    }

    fn body(
        &mut self,
        ty: &ExtendedType,
        directives: &apollo_compiler::schema::DirectiveList,
    ) -> Body {
        match ty {
            ExtendedType::Scalar(_) => Body::Scalar,
            ExtendedType::Object(object) => {
                Body::Object(self.fields(object.fields.values(), directives))
            }
            ExtendedType::Interface(interface) => {
                Body::Interface(self.fields(interface.fields.values(), directives))
            }
            ExtendedType::Union(union) => {
                let member = |name: &ComponentName| {
                    (self.name(&name.name).to_string(), self.places.name(name))
                };
                Body::Union(union.members.iter().map(member).collect())
            }
            ExtendedType::Enum(definition) => {
                let values = definition.values.values().map(|value| {
                    let built = EnumValue {
                        place: self.places.name(&value.value),
                        description: value.description.as_ref().map(ToString::to_string),
                        notes: self.notes(value.directives.iter()),
                    };
                    (value.value.to_string(), built)
                });
                Body::Enum(values.collect())
            }
            ExtendedType::InputObject(input) => {
                let fields = input.fields.values();
                let fields = fields.map(|field| (field.name.to_string(), self.input(field)));
                Body::Input(fields.collect())
            }
        }
    }

    fn fields<'f>(
        &mut self,
        fields: impl ExactSizeIterator<Item = &'f Component<FieldDefinition>>,
        directives: &apollo_compiler::schema::DirectiveList,
    ) -> IndexMap<String, Field> {
        // A directive on `type X` or `extend type X` holds for the fields of that block only.
        let covers = |builder: &Self, meaning: Meaning, origin: &ComponentOrigin| {
            directives.iter().any(|directive| {
                builder.meaning(directive) == Some(meaning) && directive.origin == *origin
            })
        };
        self.check_shareable_once(directives.iter().map(|one| (&one.origin, &one.node)));
        let mut built = IndexMap::with_capacity_and_hasher(fields.len(), Default::default());
        for field in fields {
            if field.name.as_str() == PLACEHOLDER {
                continue;
            }
            let origin = &field.origin;
            self.check_shareable_once(field.directives.iter().map(|one| (origin, one)));
            let mut converted = self.field(field);
            // Federation 1 has it on fields only.
            converted.external |=
                !self.links.federation1 && covers(self, Meaning::External, &field.origin);
            converted.shareable |= covers(self, Meaning::Shareable, &field.origin);
            built.insert(field.name.to_string(), converted);
        }
        built
    }

    /// `@shareable` is repeatable only so that a type and its extensions can each have it.
    fn check_shareable_once<'d>(
        &mut self,
        directives: impl Iterator<Item = (&'d ComponentOrigin, &'d Node<Directive>)>,
    ) {
        let mut seen = Vec::new();
        for (origin, directive) in directives {
            if self.meaning(directive) != Some(Meaning::Shareable) {
                continue;
            }
            if seen.contains(&origin) {
                let message = "`@shareable` is here twice. Remove one.";
                let at = self.places.directive(directive).within(self.subgraph);
                self.report
                    .error(code::INVALID_SHAREABLE_USAGE, message, vec![at]);
            }
            seen.push(origin);
        }
    }

    fn field(&mut self, field: &Node<FieldDefinition>) -> Field {
        let arguments = field.arguments.iter();
        let arguments = arguments.map(|argument| {
            let mut input = self.input(argument);
            input.from_context = self.read_from_context(argument);
            (argument.name.to_string(), input)
        });
        let arguments = arguments.collect();
        let requires = self.one_field_set(&field.directives, Meaning::Requires, &REQUIRES);
        let provides = self.one_field_set(&field.directives, Meaning::Provides, &PROVIDES);
        let mut overrides = field.directives.iter();
        let overrides = overrides.find(|d| self.meaning(d) == Some(Meaning::Override));
        let override_from = overrides.and_then(|directive| {
            let text = |name: &str| {
                let value = directive.specified_argument_by_name(name)?;
                value.as_str().map(str::to_owned)
            };
            Some(Override {
                from: text("from")?,
                label: text("label"),
                place: self.places.directive(directive),
            })
        });
        Field {
            name: field.name.to_string(),
            place: self.places.name(&field.name),
            description: field.description.as_ref().map(ToString::to_string),
            ty: self.ty(&field.ty),
            arguments,
            notes: self.notes(field.directives.iter()),
            external: self.has(&field.directives, Meaning::External),
            shareable: self.has(&field.directives, Meaning::Shareable),
            requires,
            provides,
            override_from,
            in_key: false,
            provided: false,
            used: false,
        }
    }

    pub(super) fn input(&self, input: &Node<InputValueDefinition>) -> InputValue {
        InputValue {
            name: input.name.to_string(),
            place: self.places.name(&input.name),
            description: input.description.as_ref().map(ToString::to_string),
            ty: self.ty(&input.ty),
            default: input.default_value.clone(),
            notes: self.notes(input.directives.iter()),
            from_context: None,
        }
    }
}
