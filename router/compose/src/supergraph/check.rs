//! What must hold of the merged schema as a whole.

use apollo_compiler::Schema;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::Valid;

use super::model::{MergedBody, MergedType, Supergraph};
use crate::code;
use crate::diagnostic::{Place, Report, SourceLocation};
use crate::subgraph::defaults::each_misfit;
use crate::subgraph::model::Subgraph;

/// Checks that there are queries and that types have what their interfaces ask for.
pub(crate) fn structure(supergraph: &Supergraph, subgraphs: &[Subgraph], report: &mut Report) {
    let query = supergraph.types.get("Query").and_then(MergedType::fields);
    if query.is_none_or(IndexMap::is_empty) {
        let at = subgraphs
            .iter()
            .map(|subgraph| subgraph.at(Place::default()))
            .collect();
        let message = "No subgraph has a query field. Add a `type Query` with at least one field \
            to one of them.";
        report.error(code::NO_QUERIES, message, at);
    }
    for ty in supergraph.types.values() {
        check_one_of(ty, subgraphs, report);
        let Some(fields) = ty.fields() else { continue };
        for interface in ty.implements.keys() {
            let wanted = supergraph.types.get(interface).and_then(MergedType::fields);
            for field in wanted.into_iter().flat_map(|fields| fields.keys()) {
                if !fields.contains_key(field) {
                    missing_implementation(subgraphs, (&ty.name, interface, field), report);
                }
            }
        }
    }
}

fn missing_implementation(
    subgraphs: &[Subgraph],
    (ty, interface, field): (&str, &str, &str),
    report: &mut Report,
) {
    let mut at = locate(subgraphs, interface, Some(field), None);
    let asked = crate::text::list(at.iter().map(|location| location.subgraph.as_str()));
    at.extend(locate(subgraphs, ty, None, None));
    let message = format!(
        "`{ty}` implements `{interface}`, which has a field `{field}` in {asked}, but no subgraph \
         has `{ty}.{field}`. Add that field to `{ty}`, or remove it from the interface."
    );
    report.error(code::INTERFACE_FIELD_NO_IMPLEM, message, at);
}

fn check_one_of(ty: &MergedType, subgraphs: &[Subgraph], report: &mut Report) {
    let MergedBody::Input(fields) = &ty.body else {
        return;
    };
    if !ty.notes.one_of {
        return;
    }
    for (name, field) in fields {
        if field.ty.is_non_null() || field.default.is_some() {
            let message = format!(
                "`{}.{name}` must be nullable and without a default value, because `{}` is \
                 `@oneOf`. Change the field or remove `@oneOf`.",
                ty.name, ty.name
            );
            let at = locate(subgraphs, &ty.name, Some(name), None);
            report.error(code::INVALID_GRAPHQL, message, at);
        }
    }
}

/// Whether the API schema lacks something of the supergraph, besides the join directives.
pub(crate) fn hides_something(supergraph: &Supergraph) -> bool {
    !supergraph.composed.is_empty()
        || super::features::any_notes(supergraph, |notes| notes.inaccessible)
}

/// Whether [`validity`] finds nothing.
pub(crate) fn is_valid(sdl: &str, subgraphs: &[Subgraph]) -> bool {
    let mut report = Report::default();
    validity(sdl, subgraphs, &mut report);
    !report.has_errors()
}

/// Checks that a composed SDL is valid GraphQL: merging can break rules that each subgraph keeps.
pub(crate) fn validity(sdl: &str, subgraphs: &[Subgraph], report: &mut Report) {
    let builder = || SchemaBuilder::new().ignore_builtin_redefinitions();
    let quick = crate::sdl::read_plain(sdl).and_then(|document| {
        let builder = builder().add_ast(&document);
        builder.build().and_then(Schema::validate).ok()
    });
    if let Some(schema) = quick {
        return check_defaults(&schema, subgraphs, report);
    }
    // Errors are the library's own, in the order of its places.
    let builder = builder().parse(sdl, "composed");
    let failure = match builder.build().and_then(Schema::validate) {
        Ok(schema) => return check_defaults(&schema, subgraphs, report),
        Err(failure) => failure,
    };
    let at: Vec<SourceLocation> = subgraphs
        .iter()
        .map(|subgraph| subgraph.at(Place::default()))
        .collect();
    for error in failure.errors.iter() {
        let message = format!(
            "Together the subgraphs make an invalid schema: {}. Change the subgraphs that define \
             it.",
            error.error
        );
        report.error(code::INVALID_GRAPHQL, message, at.clone());
    }
}

/// A value that a default names may not be there any more: merging keeps what subgraphs share.
fn check_defaults(schema: &Valid<Schema>, subgraphs: &[Subgraph], report: &mut Report) {
    each_misfit(schema, &mut |(ty, member, argument), input, problem| {
        let coordinate = argument.map_or_else(
            || format!("{ty}.{member}"),
            |name| format!("{ty}.{member}({name}:)"),
        );
        let message = format!(
            "Together the subgraphs leave a default value of `{coordinate}` that is not a `{}`: \
             {problem}. Choose another, or give every subgraph what it names.",
            input.ty
        );
        let at = locate(subgraphs, ty, Some(member), argument);
        report.error(code::INVALID_GRAPHQL, message, at);
    });
}

/// Every place where a type, its member, or that member's argument is written.
pub(crate) fn locate(
    subgraphs: &[Subgraph],
    ty: &str,
    member: Option<&str>,
    argument: Option<&str>,
) -> Vec<SourceLocation> {
    let find = |subgraph: &Subgraph| {
        let ty = subgraph.ty(ty)?;
        let Some(member) = member else {
            return Some(ty.place);
        };
        match &ty.body {
            crate::subgraph::model::Body::Enum(values) => values.get(member).map(|v| v.place),
            crate::subgraph::model::Body::Input(fields) => fields.get(member).map(|f| f.place),
            _ => {
                let field = ty.field(member)?;
                let Some(argument) = argument else {
                    return Some(field.place);
                };
                field.arguments.get(argument).map(|argument| argument.place)
            }
        }
    };
    let found = subgraphs
        .iter()
        .filter_map(|subgraph| Some(subgraph.at(find(subgraph)?)));
    found.collect()
}
