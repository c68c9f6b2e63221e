//! Is the schema valid GraphQL once the federation definitions are added?

use apollo_compiler::Schema;
use apollo_compiler::ast::{Definition, DirectiveDefinition, Document, OperationType, Type};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::{DiagnosticList, Valid};

use super::link::Links;
use super::parse::{Parsed, parse_again, sentence};
use super::spec;
use crate::SubgraphInput;
use crate::code;
use crate::diagnostic::Report;
use crate::sdl::{self, Places};

/// Stands in for a query root that a subgraph need not have.
pub(crate) const PLACEHOLDER: &str = "federation__placeholder";

const BUILT_IN_DIRECTIVES: &[&str] = &["skip", "include", "deprecated", "specifiedBy", "oneOf"];
const MACHINERY_TYPES: &[&str] = &["_Any", "_Entity", "_Service", "_FieldSet"];

/// Validates a document; gives the schema with the federation machinery taken out, and its places.
pub(crate) fn validate(
    parsed: Parsed,
    links: &Links,
    input: &SubgraphInput,
    report: &mut Report,
) -> Option<(Valid<Schema>, Places)> {
    let subgraph = &input.name;
    let definitions_fit = check_definitions(&parsed, links, subgraph, report);
    if !check_types(&parsed, links, subgraph, report) || !definitions_fit {
        return None;
    }
    let own = parsed.document.sources.keys().next().copied();
    let (schema, errors) = build(parsed.document, links);
    if errors.is_empty() {
        return Some((schema?, parsed.places));
    }
    if own.is_none() {
        // Only what the library parsed itself has places in its errors.
        return validate(parse_again(input, report)?, links, input, report);
    }
    for error in errors.iter().flat_map(DiagnosticList::iter) {
        let span = error.error.location();
        let span = span.filter(|span| Some(span.file_id()) == own);
        let place = parsed.places.span(span);
        let message = format!(
            "{}. Correct the schema of subgraph `{subgraph}`.",
            sentence(error.error)
        );
        report.error(code::INVALID_GRAPHQL, message, vec![place.within(subgraph)]);
    }
    None
}

/// Builds and validates the schema of a document without the federation machinery; a schema that
/// cannot be built in full is validated all the same, so that all errors come at once.
fn build(mut document: Document, links: &Links) -> (Option<Valid<Schema>>, Vec<DiagnosticList>) {
    document
        .definitions
        .retain(|definition| !is_machinery(definition, links));
    strip_root(&mut document);
    let definitions = definitions(links);
    let builder = SchemaBuilder::new()
        .adopt_orphan_extensions()
        .ignore_builtin_redefinitions()
        .add_ast(&document);
    let builder = match sdl::read_plain(&definitions) {
        Some(definitions) => builder.add_ast(&definitions),
        None => builder.parse(definitions, "federation definitions"),
    };
    match builder.build() {
        Ok(schema) => match schema.validate() {
            Ok(valid) => (Some(valid), Vec::new()),
            Err(failure) => (None, vec![failure.errors]),
        },
        Err(failure) => {
            let more = failure
                .partial
                .validate()
                .err()
                .map(|failure| failure.errors);
            (None, std::iter::once(failure.errors).chain(more).collect())
        }
    }
}

/// A schema may define the federation directives itself, but not differently. False when it does.
fn check_definitions(
    Parsed { document, places }: &Parsed,
    links: &Links,
    subgraph: &str,
    report: &mut Report,
) -> bool {
    let mut valid = true;
    for definition in &document.definitions {
        let Definition::DirectiveDefinition(own) = definition else {
            continue;
        };
        let Some(known) = links.directives.get(own.name.as_str()) else {
            continue;
        };
        let text = known.definition(&own.name, spec::NEWEST_MINOR, &|name| links.type_name(name));
        let Ok(parsed) = Document::parse(text.as_str(), "definition") else {
            continue;
        };
        let Some(Definition::DirectiveDefinition(standard)) = parsed.definitions.first() else {
            continue;
        };
        let difference = difference(own, standard, links);
        let (code, message) = if let Some(difference) = difference {
            let message = format!(
                "`@{}` {difference}, unlike in the specification. Remove the definition from \
                 subgraph `{subgraph}`: `@link` brings it.",
                own.name
            );
            (code::DIRECTIVE_DEFINITION_INVALID, message)
        } else if let Some(name) = undefined_field_set(own, document, links) {
            let message = format!(
                "`@{}` has an argument of the type `{name}`, which is not defined. Add `scalar \
                 {name}` to subgraph `{subgraph}`, or remove the definition of the directive.",
                own.name
            );
            (code::INVALID_GRAPHQL, message)
        } else {
            continue;
        };
        let place = places.element(&own.name, own.location());
        let location = vec![place.within(subgraph)];
        report.error(code, message, location);
        valid = false;
    }
    valid
}

/// The type of field sets, where a definition uses it that nothing brings.
fn undefined_field_set(
    own: &DirectiveDefinition,
    document: &Document,
    links: &Links,
) -> Option<String> {
    let name = links.type_name("FieldSet");
    let is_used = own
        .arguments
        .iter()
        .any(|argument| *argument.ty.inner_named_type() == name.as_str());
    let is_defined = |definition: &Definition| {
        definition
            .name()
            .is_some_and(|own| own.as_str() == name.as_str())
    };
    let is_brought = !links.federation1 || document.definitions.iter().any(is_defined);
    (is_used && !is_brought).then_some(name)
}

/// A schema may define the federation types itself, but not as another kind. False when it does.
fn check_types(
    Parsed { document, places }: &Parsed,
    links: &Links,
    subgraph: &str,
    report: &mut Report,
) -> bool {
    let purpose = format!("{}__Purpose", links.link_name);
    let import = format!("{}__Import", links.link_name);
    let mut valid = true;
    for definition in &document.definitions {
        let Some(name) = definition.name() else {
            continue;
        };
        let is_scalar = name.as_str() == import || links.is_spec_type(name);
        let wanted = match definition {
            Definition::DirectiveDefinition(_) => continue,
            Definition::ScalarTypeDefinition(_) | Definition::ScalarTypeExtension(_)
                if is_scalar =>
            {
                continue;
            }
            Definition::EnumTypeDefinition(own) if name.as_str() == purpose => {
                let mut values = own.values.iter();
                if values.all(|value| ["SECURITY", "EXECUTION"].contains(&value.value.as_str())) {
                    continue;
                }
                "an enum with the values `SECURITY` and `EXECUTION`"
            }
            _ if is_scalar => "a scalar",
            _ if name.as_str() == purpose => "an enum with the values `SECURITY` and `EXECUTION`",
            _ => continue,
        };
        let message = format!(
            "`{name}` must be {wanted}, as in the specification. Remove the definition from \
             subgraph `{subgraph}`: `@link` brings it."
        );
        let place = places.name(name);
        let location = vec![place.within(subgraph)];
        report.error(code::TYPE_DEFINITION_INVALID, message, location);
        valid = false;
    }
    valid
}

/// How a schema's own definition of a directive departs from the specification.
fn difference(
    own: &DirectiveDefinition,
    standard: &DirectiveDefinition,
    links: &Links,
) -> Option<String> {
    let field_set = links.type_name("FieldSet");
    let fits = |own: &Type, standard: &Type| {
        // Who promises more may; strings and lists stand for field sets too, and in federation 1
        // they may be null.
        let is_stricter = own.is_non_null() && *own == standard.clone().non_null();
        let is_field_set = *standard.inner_named_type() == field_set.as_str();
        let own_name = own.inner_named_type().as_str();
        let is_known = own_name == "String" || own_name == field_set;
        is_stricter
            || own == standard
            || (is_field_set && is_known && (links.federation1 || own.is_non_null()))
    };
    for argument in &own.arguments {
        let name = &argument.name;
        let Some(expected) = standard.argument_by_name(name) else {
            return Some(format!("has an argument `{name}`"));
        };
        if !fits(&argument.ty, &expected.ty) {
            return Some(format!(
                "has an argument `{name}` of type `{}`",
                argument.ty
            ));
        }
        if argument.default_value != expected.default_value {
            return Some(format!("has another default value for `{name}`"));
        }
    }
    let mut required = standard
        .arguments
        .iter()
        .filter(|argument| argument.is_required());
    let missing = required.find(|argument| own.argument_by_name(&argument.name).is_none());
    if let Some(missing) = missing {
        return Some(format!("lacks the argument `{}`", missing.name));
    }
    if own.repeatable && !standard.repeatable {
        return Some("is repeatable".to_owned());
    }
    let mut locations = own.locations.iter();
    let unknown = locations.find(|location| !standard.locations.contains(location));
    unknown.map(|location| format!("is allowed on {location}"))
}

/// Definitions that describe federation itself or repeat what GraphQL has built in.
fn is_machinery(definition: &Definition, links: &Links) -> bool {
    let Some(name) = definition.name() else {
        return false;
    };
    let name = name.as_str();
    let has_prefix = |name: &str| {
        let prefix = name.split_once("__").map(|(prefix, _)| prefix);
        prefix.is_some_and(|prefix| links.prefixes.contains(prefix))
    };
    if let Definition::DirectiveDefinition(_) = definition {
        return BUILT_IN_DIRECTIVES.contains(&name)
            || links.directives.contains_key(name)
            || name == links.link_name;
    }
    MACHINERY_TYPES.contains(&name) || has_prefix(name) || links.is_spec_type(name)
}

/// Takes `_service` and `_entities` out of the query root and sees to it that there is one.
fn strip_root(document: &mut Document) {
    let mut explicit = false;
    let mut query = None;
    for definition in &document.definitions {
        let operations = match definition {
            Definition::SchemaDefinition(schema) => &schema.root_operations,
            Definition::SchemaExtension(schema) => &schema.root_operations,
            _ => continue,
        };
        for operation in operations {
            explicit = true;
            if operation.0 == OperationType::Query {
                query = Some(operation.1.to_string());
            }
        }
    }
    let query_name = query.clone().unwrap_or_else(|| "Query".to_owned());
    let mut found = false;
    let placeholder = placeholder_field();
    for definition in &mut document.definitions {
        let fields = match definition {
            Definition::ObjectTypeDefinition(ty) if ty.name.as_str() == query_name => {
                &mut ty.make_mut().fields
            }
            Definition::ObjectTypeExtension(ty) if ty.name.as_str() == query_name => {
                &mut ty.make_mut().fields
            }
            _ => continue,
        };
        fields.retain(|field| !matches!(field.name.as_str(), "_service" | "_entities"));
        if fields.is_empty() && !found {
            fields.extend(placeholder.clone());
        }
        found = true;
    }
    if found || query.is_some() {
        return;
    }
    let text = if explicit {
        format!("type {PLACEHOLDER} {{ a: Int }} extend schema {{ query: {PLACEHOLDER} }}")
    } else {
        format!("type Query {{ {PLACEHOLDER}: Int }}")
    };
    if let Ok(addition) = Document::parse(text, "placeholder") {
        document.definitions.extend(addition.definitions);
    }
}

fn placeholder_field() -> Option<apollo_compiler::Node<apollo_compiler::ast::FieldDefinition>> {
    let text = format!("type Query {{ {PLACEHOLDER}: Int }}");
    let document = Document::parse(text, "placeholder").ok()?;
    match document.definitions.first()? {
        Definition::ObjectTypeDefinition(ty) => ty.fields.first().cloned(),
        _ => None,
    }
}

/// The definitions that the links of a schema bring.
fn definitions(links: &Links) -> String {
    let link = &links.link_name;
    let mut text = format!(
        "directive @{link}(url: String, as: String, for: {link}__Purpose, import: \
         [{link}__Import]) repeatable on SCHEMA\n\
         enum {link}__Purpose {{ SECURITY EXECUTION }}\n\
         scalar {link}__Import\n\
         directive @oneOf on INPUT_OBJECT\n"
    );
    for (local, directive) in &links.directives {
        text.push_str(&directive.definition(local, links.minor, &|name| links.type_name(name)));
        text.push('\n');
    }
    for name in spec::SPEC_TYPES {
        text.push_str("scalar ");
        text.push_str(&links.type_name(name));
        text.push('\n');
    }
    text
}
