//! Parses a document and validates it against the schema that clients see.

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{self, Definition, Selection},
    executable::Operation,
    parser::Parser,
    request::RequestError,
    validation::{DiagnosticList, Valid},
};

use super::{Refusal, limits};
use crate::{
    error::{ErrorCode, GraphqlError, Location},
    settings::Limits,
};

/// Nobody reads more than this many mistakes.
const MAX_ERRORS: usize = 20;

/// A document that fits the schema.
pub(super) fn validate(
    schema: &Valid<Schema>,
    text: &str,
    limits: &Limits,
) -> Result<Valid<ExecutableDocument>, Refusal> {
    limits::check_text(text, limits)?;
    let document = Parser::new()
        .parse_ast(text, "operation.graphql")
        .map_err(|failed| diagnostics(&failed.errors, ErrorCode::GraphqlParseFailed))?;
    limits::check_document(&document, limits)?;
    refuse_reserved_names(&document)?;
    document
        .to_executable_validate(schema)
        .map_err(|failed| diagnostics(&failed.errors, ErrorCode::GraphqlValidationFailed))
}

/// The operation that the request means.
pub(super) fn operation(
    document: &ExecutableDocument,
    name: Option<&str>,
) -> Result<Node<Operation>, Refusal> {
    let found = document.operations.get(name);
    found.cloned().map_err(|error| {
        let message = error.message().to_string();
        vec![GraphqlError::new(
            ErrorCode::OperationResolutionFailure,
            message,
        )]
    })
}

/// A refusal before execution, such as a variable of a wrong type.
pub(crate) fn request_error(
    error: &RequestError,
    document: &ExecutableDocument,
    code: ErrorCode,
) -> GraphqlError {
    let mut graphql = GraphqlError::new(code, shortened(&error.message().to_string()));
    graphql.locations = locations(&error.to_graphql_error(&document.sources).locations);
    graphql
}

fn diagnostics(errors: &DiagnosticList, code: ErrorCode) -> Refusal {
    errors
        .iter()
        .take(MAX_ERRORS)
        .map(|diagnostic| {
            let found = diagnostic.to_json();
            let mut error = GraphqlError::new(code, shortened(&found.message));
            error.locations = locations(&found.locations);
            error
        })
        .collect()
}

fn locations(found: &[apollo_compiler::parser::LineColumn]) -> Vec<Location> {
    let location = |place: &apollo_compiler::parser::LineColumn| Location {
        line: place.line,
        column: place.column,
    };
    found.iter().map(location).collect()
}

/// Messages quote what the client sent, which may be megabytes.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 300;
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

/// Names the engine itself puts into documents for subgraphs.
fn refuse_reserved_names(document: &ast::Document) -> Result<(), Refusal> {
    for definition in &document.definitions {
        let selections = match definition {
            Definition::OperationDefinition(operation) => {
                for variable in &operation.variables {
                    let name = variable.name.as_str();
                    if name == "representations" || name.starts_with("__") {
                        let message = format!("the variable name ${name} is reserved");
                        return Err(reserved(&variable.name, message, document));
                    }
                }
                &operation.selection_set
            }
            Definition::FragmentDefinition(fragment) => &fragment.selection_set,
            _ => continue,
        };
        refuse_reserved_aliases(selections, document)?;
    }
    Ok(())
}

fn refuse_reserved_aliases(
    selections: &[Selection],
    document: &ast::Document,
) -> Result<(), Refusal> {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                if let Some(alias) = &field.alias
                    && (alias.starts_with("__") || alias.starts_with("_internal_qp_"))
                {
                    let message = format!("the alias {alias} is reserved");
                    return Err(reserved(alias, message, document));
                }
                refuse_reserved_aliases(&field.selection_set, document)?;
            }
            Selection::InlineFragment(fragment) => {
                refuse_reserved_aliases(&fragment.selection_set, document)?;
            }
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

fn reserved(name: &Name, message: String, document: &ast::Document) -> Refusal {
    let mut error = GraphqlError::new(ErrorCode::GraphqlValidationFailed, message);
    let range = name.line_column_range(&document.sources);
    error.locations = range
        .map(|range| range.start)
        .as_ref()
        .map_or_else(Vec::new, |start| locations(std::slice::from_ref(start)));
    vec![error]
}
