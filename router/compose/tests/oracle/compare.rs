//! Two schemas mean the same when the same facts can be read off them. The order of anything,
//! descriptions, white space and the fixed definitions of the join and link specifications are none.

use std::collections::BTreeSet;

use apollo_compiler::Node;
use apollo_compiler::ast::{
    Definition, Directive, DirectiveList, Document, FieldDefinition, InputValueDefinition, Value,
};

/// Sentences about a schema, such as `field A.b @join__field(graph: A)`.
pub(crate) type Facts = BTreeSet<String>;

/// Definitions that come with the specifications.
const MACHINERY: [&str; 14] = [
    "authenticated",
    "context__fromContext",
    "cost",
    "deprecated",
    "inaccessible",
    "include",
    "link",
    "listSize",
    "oneOf",
    "policy",
    "requiresScopes",
    "skip",
    "specifiedBy",
    "tag",
];

/// Arguments of join directives that say what is so anyway.
const DEFAULTS: [(&str, &str); 7] = [
    ("extension", "false"),
    ("resolvable", "true"),
    ("isInterfaceObject", "false"),
    ("external", "false"),
    ("usedOverridden", "false"),
    ("reason", "\"No longer supported\""),
    ("requireOneSlicingArgument", "true"),
];

/// The facts of an API schema: of directives, only those count that mean something to clients.
pub(crate) fn api_facts(sdl: &str) -> Facts {
    const FOR_CLIENTS: [&str; 3] = ["deprecated", "specifiedBy", "oneOf"];
    const IN_OPERATIONS: [&str; 8] = [
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "MUTATION",
        "QUERY",
        "SUBSCRIPTION",
        "VARIABLE_DEFINITION",
    ];
    let is_for_clients = |text: &str| match text.split_once(" @") {
        Some((_, applied)) => FOR_CLIENTS.contains(&applied.split('(').next().unwrap_or(applied)),
        None => true,
    };
    let all = facts(sdl);
    let located = |fact: &str| -> Option<String> {
        let (name, place) = fact.strip_prefix("directive @")?.split_once(" on ")?;
        IN_OPERATIONS.contains(&place).then(|| name.to_owned())
    };
    let in_operations: BTreeSet<String> = all.iter().filter_map(|fact| located(fact)).collect();
    let keep = |fact: &String| {
        if fact.starts_with("directive @") {
            return located(fact).is_some();
        }
        match fact.strip_prefix("input directive @") {
            Some(input) => {
                let name = input.split('(').next().unwrap_or(input);
                in_operations.contains(name) && is_for_clients(input)
            }
            None => is_for_clients(fact),
        }
    };
    all.into_iter().filter(keep).collect()
}

/// The facts of a supergraph.
pub(crate) fn facts(sdl: &str) -> Facts {
    let document = Document::parse(sdl, "composed").unwrap();
    let mut facts = Facts::new();
    for definition in &document.definitions {
        add_definition(definition, &mut facts);
    }
    facts
}

fn is_machinery(name: &str) -> bool {
    MACHINERY.contains(&name)
        || [
            "join__",
            "link__",
            "federation__",
            "policy__",
            "requiresScopes__",
            "context__",
            "cost__",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
            && name != "join__Graph"
}

fn add_definition(definition: &Definition, facts: &mut Facts) {
    let name = definition.name().map_or("schema", |name| name.as_str());
    if is_machinery(name) {
        return;
    }
    let at = format!("type {name}");
    match definition {
        Definition::SchemaDefinition(schema) => {
            for root in &schema.root_operations {
                facts.insert(format!("schema {:?}: {}", root.0, root.1));
            }
            // Which versions of the fixed specifications are linked says nothing about the graph.
            return;
        }
        Definition::DirectiveDefinition(directive) => {
            for location in &directive.locations {
                facts.insert(format!("directive @{name} on {}", location.name()));
            }
            add_inputs(&format!("directive @{name}"), &directive.arguments, facts);
            return;
        }
        Definition::ObjectTypeDefinition(ty) => {
            for interface in &ty.implements_interfaces {
                facts.insert(format!("{at} implements {interface}"));
            }
            add_fields(name, &ty.directives, &ty.fields, facts);
        }
        Definition::InterfaceTypeDefinition(ty) => {
            for interface in &ty.implements_interfaces {
                facts.insert(format!("{at} implements {interface}"));
            }
            add_fields(name, &ty.directives, &ty.fields, facts);
        }
        Definition::UnionTypeDefinition(ty) => {
            for member in &ty.members {
                facts.insert(format!("{at} has {member}"));
            }
        }
        Definition::EnumTypeDefinition(ty) => {
            for value in &ty.values {
                let at = format!("value {name}.{}", value.value);
                add_directives(&at, &value.directives, facts);
                facts.insert(at);
            }
        }
        Definition::InputObjectTypeDefinition(ty) => add_inputs(name, &ty.fields, facts),
        _ => {}
    }
    add_directives(&at, definition.directives(), facts);
    facts.insert(format!("{at} is {}", kind(definition)));
}

fn kind(definition: &Definition) -> &'static str {
    match definition {
        Definition::ObjectTypeDefinition(_) => "an object",
        Definition::InterfaceTypeDefinition(_) => "an interface",
        Definition::UnionTypeDefinition(_) => "a union",
        Definition::EnumTypeDefinition(_) => "an enum",
        Definition::InputObjectTypeDefinition(_) => "an input",
        Definition::ScalarTypeDefinition(_) => "a scalar",
        _ => "something else",
    }
}

fn add_fields(
    ty: &str,
    on_type: &DirectiveList,
    fields: &[Node<FieldDefinition>],
    facts: &mut Facts,
) {
    for field in fields {
        let at = format!("field {ty}.{}", field.name);
        add_inputs(&at, &field.arguments, facts);
        add_directives(&at, &field.directives, facts);
        if !field.directives.has("join__field") {
            // Every subgraph that has the type resolves the field.
            for join in on_type.get_all("join__type") {
                let graph = argument(join, "graph").unwrap_or_default();
                facts.insert(format!("{at} @join__field(graph: {graph})"));
            }
        }
        facts.insert(format!("{at}: {}", field.ty));
    }
}

fn add_inputs(at: &str, inputs: &[Node<InputValueDefinition>], facts: &mut Facts) {
    for input in inputs {
        let at = format!("input {at}({}:)", input.name);
        add_directives(&at, &input.directives, facts);
        let default = input
            .default_value
            .as_ref()
            .map_or_else(String::new, |value| format!(" = {}", canonical(value)));
        facts.insert(format!("{at}: {}{default}", input.ty));
    }
}

fn add_directives(at: &str, directives: &DirectiveList, facts: &mut Facts) {
    for directive in directives.iter() {
        facts.insert(format!("{at} {}", written(directive)));
    }
}

fn argument(directive: &Directive, name: &str) -> Option<String> {
    directive
        .specified_argument_by_name(name)
        .map(|value| canonical(value))
}

fn written(directive: &Directive) -> String {
    let mut arguments: Vec<String> = directive
        .arguments
        .iter()
        .map(|argument| {
            (
                argument.name.as_str(),
                argument_value(argument.name.as_str(), &argument.value),
            )
        })
        .filter(|(name, value)| !DEFAULTS.contains(&(*name, value.as_str())))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    arguments.sort();
    if arguments.is_empty() {
        return format!("@{}", directive.name);
    }
    format!("@{}({})", directive.name, arguments.join(", "))
}

fn argument_value(name: &str, value: &Value) -> String {
    // Any of these lists, all of each: their order means nothing.
    if ["policies", "scopes"].contains(&name) {
        let mut all: Vec<Vec<String>> = Vec::new();
        for one in value.as_list().into_iter().flatten() {
            let names = one.as_list().into_iter().flatten();
            let mut names: Vec<String> = names.map(|name| canonical(name)).collect();
            names.sort();
            all.push(names);
        }
        all.sort();
        return format!("{all:?}");
    }
    match value.as_str() {
        Some(text) if ["key", "requires", "provides"].contains(&name) => {
            format!("\"{}\"", field_set(text))
        }
        _ => canonical(value),
    }
}

/// A value with the fields of objects in order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", canonical(value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(", "))
        }
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| canonical(item)).collect();
            format!("[{}]", items.join(", "))
        }
        _ => value.serialize().no_indent().to_string(),
    }
}

/// A field set in one form: without outer braces, commas and needless white space.
fn field_set(text: &str) -> String {
    let mut spaced = String::new();
    for c in text.replace("...", " ... ").chars() {
        match c {
            '{' | '}' => spaced.extend([' ', c, ' ']),
            ',' => spaced.push(' '),
            ':' => spaced.push_str(": "),
            _ => spaced.push(c),
        }
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    match words.as_slice() {
        ["{", inner @ .., "}"] => inner.join(" "),
        all => all.join(" "),
    }
}

/// What only one of two sets of facts says.
pub(crate) fn differences(ours: &Facts, theirs: &Facts) -> Vec<String> {
    let only = |mark: &str, these: &Facts, those: &Facts| -> Vec<String> {
        these
            .difference(those)
            .map(|fact| format!("{mark} {fact}"))
            .collect()
    };
    let mut found = only("ours  ", ours, theirs);
    found.extend(only("theirs", theirs, ours));
    found
}

#[test]
fn what_means_the_same_has_the_same_facts() {
    let one = "type A @join__type(graph: X, key: \"{ id b{c} }\", resolvable: true) { a(x: Int, y: P = \
               {p: 1, q: 2}): Int b: Int @deprecated } \"words\" scalar join__FieldSet";
    let other = "type A @join__type(key: \"id  b { c }\", graph: X) { b: Int @join__field(graph: X) \
                 @deprecated(reason: \"No longer supported\") a(y: P = {q: 2, p: 1}, x: Int): Int }";
    assert_eq!(differences(&facts(one), &facts(other)), [""; 0]);
    let third = "type A @join__type(graph: X, key: \"id\") { b: Int @deprecated a(y: P = {q: 2, p: 1}, \
                 x: Int): Int! }";
    assert_eq!(
        differences(&facts(one), &facts(third)),
        [
            "ours   field A.a: Int",
            "ours   type A @join__type(graph: X, key: \"id b { c }\")",
            "theirs field A.a: Int!",
            "theirs type A @join__type(graph: X, key: \"id\")",
        ]
    );
}

#[test]
fn directives_for_clients_are_facts_of_an_api_schema() {
    let sdl = "directive @a(x: Int = 1 @deprecated, y: Int @tag(name: \"t\")) on SUBSCRIPTION | \
               VARIABLE_DEFINITION | OBJECT directive @b(z: Int) on OBJECT type T @b(z: 1) { f: Int \
               @deprecated }";
    let expected = [
        "directive @a on SUBSCRIPTION",
        "directive @a on VARIABLE_DEFINITION",
        "field T.f @deprecated",
        "field T.f: Int",
        "input directive @a(x:) @deprecated",
        "input directive @a(x:): Int = 1",
        "input directive @a(y:): Int",
        "type T is an object",
    ];
    assert_eq!(api_facts(sdl), expected.map(str::to_owned).into());
}
