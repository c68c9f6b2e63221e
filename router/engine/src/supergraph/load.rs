//! Reads a supergraph SDL.

use apollo_compiler::{Schema, ast::Value, collections::IndexMap, validation::DiagnosticList};
use sha2::{Digest as _, Sha256};

use super::{Supergraph, SupergraphError, api, labels::Labels};
use crate::prepare::plan::Planner;

pub(super) fn load(sdl: &str) -> Result<Supergraph, SupergraphError> {
    // Not validated as a whole: some composers define join directives more loosely than they use
    // them. What clients see is validated below.
    let schema = Schema::parse(sdl, "supergraph.graphql")
        .map_err(|failed| SupergraphError::Syntax(first_messages(&failed.errors)))?;
    let subgraphs = subgraphs(&schema)?;
    refuse_unsupported(&schema)?;
    let api = api::api_schema(&schema)
        .validate()
        .map_err(|failed| SupergraphError::ApiSchema(first_messages(&failed.errors)))?;
    Ok(Supergraph {
        implementers: schema.implementers_map(),
        planner: Planner::new(sdl)?,
        labels: Labels::of(&schema),
        api_sdl: api.to_string(),
        hash: format!("{:x}", Sha256::digest(sdl)),
        schema,
        api,
        subgraphs,
    })
}

/// The planner would leave contextual arguments out.
fn refuse_unsupported(schema: &Schema) -> Result<(), SupergraphError> {
    let objects = schema.types.values().filter_map(|ty| ty.as_object());
    let mut fields = objects.flat_map(|object| object.fields.values());
    let has_context = fields.any(|field| {
        let mut joins = field.directives.get_all("join__field");
        joins.any(|join| {
            let arguments = join.specified_argument_by_name("contextArguments");
            arguments.is_some_and(|value| !value.is_null())
        })
    });
    if has_context {
        return Err(SupergraphError::Unsupported("@context and @fromContext"));
    }
    Ok(())
}

fn subgraphs(schema: &Schema) -> Result<IndexMap<String, String>, SupergraphError> {
    let graphs = schema
        .get_enum("join__Graph")
        .ok_or(SupergraphError::NotComposed)?;
    let mut subgraphs = IndexMap::default();
    for value in graphs.values.values() {
        let Some(directive) = value.directives.get("join__graph") else {
            continue;
        };
        let argument = |name: &str| match directive.specified_argument_by_name(name) {
            Some(value) => match value.as_ref() {
                Value::String(text) => text.clone(),
                _ => String::new(),
            },
            None => String::new(),
        };
        subgraphs.insert(argument("name"), argument("url"));
    }
    if subgraphs.is_empty() {
        return Err(SupergraphError::NotComposed);
    }
    Ok(subgraphs)
}

fn first_messages(errors: &DiagnosticList) -> String {
    let messages: Vec<String> = errors
        .iter()
        .take(5)
        .map(|diagnostic| {
            let error = diagnostic.to_json();
            match error.locations.first() {
                Some(place) => format!("{} (line {})", error.message, place.line),
                None => error.message,
            }
        })
        .collect();
    messages.join("; ")
}
