//! The elements of a schema that can be tagged and hidden, by their coordinates.

use std::collections::BTreeSet;

use apollo_compiler::Node;
use apollo_compiler::ast::{
    Definition, Directive, DirectiveList, Document, FieldDefinition, InputValueDefinition,
};

/// Reads a schema.
pub(crate) fn parse(sdl: &str) -> Document {
    Document::parse(sdl, "schema.graphql").unwrap()
}

/// Calls back for every type, field, argument, enum value and input field that can be tagged: what is
/// `@external`, with its arguments, is left out, since nothing may be said of it there.
pub(crate) fn each(document: &mut Document, visit: &mut dyn FnMut(&str, &mut DirectiveList)) {
    for definition in &mut document.definitions {
        let Some(name) = definition.name().map(ToString::to_string) else {
            continue;
        };
        match definition {
            Definition::ObjectTypeDefinition(node) => {
                let ty = node.make_mut();
                visit(&name, &mut ty.directives);
                each_field(&name, &mut ty.fields, visit);
            }
            Definition::InterfaceTypeDefinition(node) => {
                let ty = node.make_mut();
                visit(&name, &mut ty.directives);
                each_field(&name, &mut ty.fields, visit);
            }
            Definition::UnionTypeDefinition(node) => visit(&name, &mut node.make_mut().directives),
            Definition::ScalarTypeDefinition(node) => visit(&name, &mut node.make_mut().directives),
            Definition::EnumTypeDefinition(node) => {
                let ty = node.make_mut();
                visit(&name, &mut ty.directives);
                for value in &mut ty.values {
                    let coordinate = format!("{name}.{}", value.value);
                    visit(&coordinate, &mut value.make_mut().directives);
                }
            }
            Definition::InputObjectTypeDefinition(node) => {
                let ty = node.make_mut();
                visit(&name, &mut ty.directives);
                for field in &mut ty.fields {
                    let coordinate = format!("{name}.{}", field.name);
                    visit(&coordinate, &mut field.make_mut().directives);
                }
            }
            _ => {}
        }
    }
}

fn each_field(
    ty: &str,
    fields: &mut [Node<FieldDefinition>],
    visit: &mut dyn FnMut(&str, &mut DirectiveList),
) {
    for field in fields {
        if field.directives.has("external") {
            continue;
        }
        let field = field.make_mut();
        visit(&format!("{ty}.{}", field.name), &mut field.directives);
        for argument in &mut field.arguments {
            let coordinate = argument_of(ty, field.name.as_str(), argument);
            visit(&coordinate, &mut argument.make_mut().directives);
        }
    }
}

/// The coordinate of an argument.
pub(crate) fn argument_of(ty: &str, field: &str, argument: &InputValueDefinition) -> String {
    format!("{ty}.{field}({}:)", argument.name)
}

/// The names of its tags.
pub(crate) fn tags(directives: &DirectiveList) -> BTreeSet<String> {
    let name = |tag: &Node<Directive>| {
        let name = tag.specified_argument_by_name("name")?;
        name.as_str().map(str::to_owned)
    };
    directives.get_all("tag").filter_map(name).collect()
}

/// Adds a directive without arguments, once.
pub(crate) fn mark(directives: &mut DirectiveList, name: &str) {
    if !directives.has(name) {
        directives.push(parsed(&format!("@{name}")));
    }
}

/// A directive from its text.
pub(crate) fn parsed(text: &str) -> Node<Directive> {
    let document = parse(&format!("scalar S {text}"));
    document.definitions[0].directives()[0].clone()
}
