//! From text to syntax tree, with limits that keep hostile input cheap.

use apollo_compiler::ast::{Definition, Directive, Document};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::Parser;
use apollo_compiler::{Node, ast};

use crate::SubgraphInput;
use crate::code;
use crate::diagnostic::{Place, Report};
use crate::sdl::{self, Places};

/// No schema needs deeper nesting of types or values; deeper ones only cost stack.
const MAX_DEPTH: usize = 64;
/// About a hundred times the largest schema seen in practice.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A syntax tree and where its elements are.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) document: Document,
    pub(crate) places: Places,
}

/// Parses the SDL of a subgraph; all syntax errors are reported.
pub(crate) fn parse(input: &SubgraphInput, report: &mut Report) -> Option<Parsed> {
    if input.sdl.len() > MAX_BYTES {
        let message = format!(
            "The schema of subgraph `{}` is larger than {} MiB. Split the subgraph.",
            input.name,
            MAX_BYTES / 1024 / 1024
        );
        report.error(
            code::INVALID_GRAPHQL,
            message,
            vec![Place::default().within(&input.name)],
        );
        return None;
    }
    if let Some((document, places)) = sdl::read(&input.sdl) {
        return Some(Parsed { document, places });
    }
    parse_again(input, report)
}

/// Parses with the library, whose errors say more.
pub(crate) fn parse_again(input: &SubgraphInput, report: &mut Report) -> Option<Parsed> {
    let places = Places::new(&input.sdl)?;
    let result = Parser::new()
        .recursion_limit(MAX_DEPTH)
        .parse_ast(input.sdl.as_str(), &input.name);
    match result {
        Ok(document) => Some(Parsed { document, places }),
        Err(failure) => {
            for error in failure.errors.iter() {
                let place = places.span(error.error.location());
                let message = format!(
                    "{}. Correct the schema of subgraph `{}` here.",
                    sentence(error.error),
                    input.name
                );
                report.error(
                    code::INVALID_GRAPHQL,
                    message,
                    vec![place.within(&input.name)],
                );
            }
            None
        }
    }
}

/// The text of a library's error, without its end.
pub(crate) fn sentence(error: &dyn std::fmt::Display) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

/// Calls back for every directive applied anywhere in a document.
pub(crate) fn each_directive(document: &Document, visit: &mut dyn FnMut(&Node<Directive>)) {
    for definition in &document.definitions {
        definition.directives().iter().for_each(&mut *visit);
        match definition {
            Definition::ObjectTypeDefinition(node) => each_in_fields(&node.fields, visit),
            Definition::ObjectTypeExtension(node) => each_in_fields(&node.fields, visit),
            Definition::InterfaceTypeDefinition(node) => each_in_fields(&node.fields, visit),
            Definition::InterfaceTypeExtension(node) => each_in_fields(&node.fields, visit),
            Definition::InputObjectTypeDefinition(node) => each_in_inputs(&node.fields, visit),
            Definition::InputObjectTypeExtension(node) => each_in_inputs(&node.fields, visit),
            Definition::EnumTypeDefinition(node) => each_in_values(&node.values, visit),
            Definition::EnumTypeExtension(node) => each_in_values(&node.values, visit),
            Definition::DirectiveDefinition(node) => each_in_inputs(&node.arguments, visit),
            _ => {}
        }
    }
}

fn each_in_fields(fields: &[Node<ast::FieldDefinition>], visit: &mut dyn FnMut(&Node<Directive>)) {
    for field in fields {
        field.directives.iter().for_each(&mut *visit);
        each_in_inputs(&field.arguments, visit);
    }
}

fn each_in_inputs(
    inputs: &[Node<ast::InputValueDefinition>],
    visit: &mut dyn FnMut(&Node<Directive>),
) {
    for input in inputs {
        input.directives.iter().for_each(&mut *visit);
    }
}

fn each_in_values(
    values: &[Node<ast::EnumValueDefinition>],
    visit: &mut dyn FnMut(&Node<Directive>),
) {
    for value in values {
        value.directives.iter().for_each(&mut *visit);
    }
}
