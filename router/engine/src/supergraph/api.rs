//! The schema that clients see: the supergraph without federation machinery and without what is
//! marked `@inaccessible`.

use std::collections::HashSet;

use apollo_compiler::{
    Name, Node, Schema,
    ast::{self, Value},
    collections::IndexSet,
    schema::{self, Component, ComponentName, ExtendedType, FieldDefinition},
};

/// Directives that mean something to clients.
const KEPT: [&str; 3] = ["deprecated", "specifiedBy", "oneOf"];

/// The client's view of a supergraph schema, not yet validated.
pub(super) fn api_schema(supergraph: &Schema) -> Schema {
    let specs = Specs::of(supergraph);
    let mut api = supergraph.clone();
    api.directive_definitions
        .retain(|name, _| !specs.owns(name) || KEPT.contains(&name.as_str()));
    api.types
        .retain(|name, definition| !specs.owns(name) && !specs.hides(definition.directives()));
    strip_links(&mut api, supergraph);

    let known: HashSet<Name> = api.types.keys().cloned().collect();
    let prune = Prune {
        specs: &specs,
        known: &known,
    };
    for definition in api.types.values_mut() {
        prune.definition(definition);
    }
    api
}

/// The federation specs a supergraph links to, by the names they go by in it.
struct Specs {
    names: HashSet<String>,
    imports: HashSet<String>,
    inaccessible: String,
}

impl Specs {
    fn of(schema: &Schema) -> Self {
        let mut specs = Self {
            names: ["join", "link", "core", "inaccessible", "tag"]
                .map(str::to_owned)
                .into(),
            imports: HashSet::new(),
            inaccessible: "inaccessible".to_owned(),
        };
        let links = &schema.schema_definition.directives;
        for link in links.get_all("link").chain(links.get_all("core")) {
            specs.add(link);
        }
        specs
    }

    fn add(&mut self, link: &ast::Directive) {
        let text = |name: &str| match link.specified_argument_by_name(name).map(Node::as_ref) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let Some(url) = text("url").or_else(|| text("feature")) else {
            return;
        };
        // https://specs.apollo.dev/inaccessible/v0.2: the name stands before the version.
        let mut parts = url.trim_end_matches('/').rsplit('/');
        let last = parts.next().unwrap_or_default();
        let spec = if last.starts_with('v') {
            parts.next().unwrap_or(last)
        } else {
            last
        };
        let name = text("as").unwrap_or(spec).to_owned();
        if spec == "inaccessible" {
            self.inaccessible.clone_from(&name);
        }
        self.names.insert(name);
        if let Some(Value::List(imports)) =
            link.specified_argument_by_name("import").map(Node::as_ref)
        {
            for import in imports {
                self.import(import);
            }
        }
    }

    fn import(&mut self, import: &Value) {
        let (name, alias) = match import {
            Value::String(name) => (name.as_str(), name.as_str()),
            Value::Object(members) => {
                let member = |key: &str| {
                    let found = members.iter().find(|(name, _)| name == key);
                    found.and_then(|(_, value)| value.as_str())
                };
                let Some(name) = member("name") else { return };
                (name, member("as").unwrap_or(name))
            }
            _ => return,
        };
        let alias = alias.trim_start_matches('@').to_owned();
        if name == "@inaccessible" {
            self.inaccessible.clone_from(&alias);
        }
        self.imports.insert(alias);
    }

    fn owns(&self, name: &str) -> bool {
        let prefix = name.split_once("__").map_or(name, |(prefix, _)| prefix);
        let prefixed = prefix.len() < name.len() && !prefix.is_empty();
        (prefixed && self.names.contains(prefix))
            || self.imports.contains(name)
            // A directive may have the name of its spec; a type may not, so `type Tag` is free.
            || (name.chars().next().is_some_and(char::is_lowercase) && self.names.contains(name))
    }

    fn hides(&self, directives: &schema::DirectiveList) -> bool {
        directives.has(&self.inaccessible)
    }

    fn hides_part(&self, directives: &ast::DirectiveList) -> bool {
        directives.has(&self.inaccessible)
    }
}

/// Removes links from the schema definition and root types that clients do not see.
fn strip_links(api: &mut Schema, supergraph: &Schema) {
    let types = &api.types;
    let visible = |root: &Option<ComponentName>| {
        root.clone()
            .filter(|name| types.contains_key(name.as_str()))
    };
    let roots = &supergraph.schema_definition;
    let (query, mutation, subscription) = (
        visible(&roots.query),
        visible(&roots.mutation),
        visible(&roots.subscription),
    );
    let definition = api.schema_definition.make_mut();
    definition.directives.0.clear();
    definition.query = query;
    definition.mutation = mutation;
    definition.subscription = subscription;
}

/// Removes hidden parts of types, and parts that refer to hidden types.
struct Prune<'a> {
    specs: &'a Specs,
    known: &'a HashSet<Name>,
}

impl Prune<'_> {
    fn definition(&self, definition: &mut ExtendedType) {
        match definition {
            ExtendedType::Object(node) => {
                let object = node.make_mut();
                strip(&mut object.directives);
                self.names(&mut object.implements_interfaces);
                self.fields(&mut object.fields);
            }
            ExtendedType::Interface(node) => {
                let interface = node.make_mut();
                strip(&mut interface.directives);
                self.names(&mut interface.implements_interfaces);
                self.fields(&mut interface.fields);
            }
            ExtendedType::Union(node) => {
                let union = node.make_mut();
                strip(&mut union.directives);
                self.names(&mut union.members);
            }
            ExtendedType::Enum(node) => {
                let definition = node.make_mut();
                strip(&mut definition.directives);
                definition
                    .values
                    .retain(|_, value| !self.specs.hides_part(&value.directives));
                for value in definition.values.values_mut() {
                    strip_part(&mut value.make_mut().directives);
                }
            }
            ExtendedType::InputObject(node) => {
                let input = node.make_mut();
                strip(&mut input.directives);
                input.fields.retain(|_, field| self.keeps_input(field));
                for field in input.fields.values_mut() {
                    strip_part(&mut field.make_mut().directives);
                }
            }
            ExtendedType::Scalar(node) => strip(&mut node.make_mut().directives),
        }
    }

    fn names(&self, names: &mut IndexSet<ComponentName>) {
        names.retain(|name| self.known.contains(&name.name));
    }

    fn fields(
        &self,
        fields: &mut apollo_compiler::collections::IndexMap<Name, Component<FieldDefinition>>,
    ) {
        fields.retain(|_, field| {
            !self.specs.hides_part(&field.directives)
                && self.known.contains(field.ty.inner_named_type())
        });
        for field in fields.values_mut() {
            let field = field.make_mut();
            strip_part(&mut field.directives);
            field
                .arguments
                .retain(|argument| self.keeps_input(argument));
            for argument in &mut field.arguments {
                strip_part(&mut argument.make_mut().directives);
            }
        }
    }

    fn keeps_input(&self, input: &ast::InputValueDefinition) -> bool {
        !self.specs.hides_part(&input.directives)
            && self.known.contains(input.ty.inner_named_type())
    }
}

fn strip(directives: &mut schema::DirectiveList) {
    directives
        .0
        .retain(|directive| KEPT.contains(&directive.name.as_str()));
}

fn strip_part(directives: &mut ast::DirectiveList) {
    directives
        .0
        .retain(|directive| KEPT.contains(&directive.name.as_str()));
}
