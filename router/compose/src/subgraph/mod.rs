//! One subgraph: from SDL text to a checked model.

mod build;
mod compose_directive;
mod context;
pub(crate) mod defaults;
mod directives;
mod federation1;
pub(crate) mod fieldset;
mod graphql;
pub(crate) mod imports;
pub(crate) mod link;
pub(crate) mod metadata;
mod metadata_rules;
pub(crate) mod model;
pub(crate) mod parse;
mod spec;
mod usage;
mod validate;

use crate::SubgraphInput;
use crate::diagnostic::Report;
use crate::parallel;
use model::Subgraph;

/// Parses one subgraph and checks what can be by itself. Gives nothing when its text is not usable.
pub(crate) fn load(input: &SubgraphInput, graph: String, report: &mut Report) -> Option<Subgraph> {
    report.begin(input);
    let parsed = parse::parse(input, report)?;
    let links = link::read(&parsed, &input.name, report)?;
    let (schema, places) = graphql::validate(parsed, &links, input, report)?;
    defaults::check(&schema, &places, &input.name, report);
    let mut builder = build::Builder {
        schema: &schema,
        places: &places,
        links: &links,
        subgraph: &input.name,
        report,
    };
    let types = builder.types();
    builder.refuse_contextual_directives();
    let executable_directives = builder.executable_directives();
    let composed_directives = builder.composed_directives();
    let schema_notes = builder.schema_notes();
    let mut subgraph = Subgraph {
        name: input.name.clone(),
        url: input.url.clone(),
        graph,
        federation1: links.federation1,
        minor: links.minor,
        implementations: model::implementations(&types),
        types,
        executable_directives,
        composed_directives,
        schema_notes,
        links,
    };
    usage::mark(&mut subgraph, report);
    Some(subgraph)
}

/// Settles what depends on other subgraphs too, and checks the rest of each. Where some could not be
/// loaded, those of federation 1 are left out: what they mean depends on the keys of all.
pub(crate) fn finish(
    subgraphs: &mut [Subgraph],
    is_complete: bool,
    threads: usize,
    report: &mut Report,
) {
    if is_complete {
        federation1::settle(subgraphs);
    }
    let is_settled = |subgraph: &Subgraph| is_complete || !subgraph.federation1;
    for subgraph in subgraphs.iter_mut().filter(|one| is_settled(one)) {
        usage::drop_empty(subgraph, report);
    }
    let settled: Vec<_> = subgraphs.iter().filter(|one| is_settled(one)).collect();
    let checked = parallel::map(threads, &settled, |subgraph| {
        let mut report = report.part();
        validate::validate(subgraph, &mut report);
        context::check(subgraph, &mut report);
        report
    });
    checked.into_iter().for_each(|own| report.absorb(own));
}
