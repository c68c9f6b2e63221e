//! The table of contents: every subgraph of this binary, in alphabetical order.

use service::Subgraph;

/// Every subgraph.
pub const ALL: [&Subgraph; 7] = [
    &catalog::SUBGRAPH,
    &identity::SUBGRAPH,
    &inventory::SUBGRAPH,
    &notifications::SUBGRAPH,
    &reviews::SUBGRAPH,
    &search::SUBGRAPH,
    &sellers::SUBGRAPH,
];

/// The subgraphs with these names, or all when there are none.
///
/// # Errors
/// When a name is unknown; the text lists the known ones.
pub(crate) fn choose(names: &[String]) -> anyhow::Result<Vec<&'static Subgraph>> {
    if names.is_empty() {
        return Ok(ALL.to_vec());
    }
    let find = |name: &String| {
        ALL.into_iter()
            .find(|subgraph| subgraph.name == name)
            .ok_or_else(|| {
                let known: Vec<_> = ALL.iter().map(|subgraph| subgraph.name).collect();
                anyhow::anyhow!(
                    "there is no subgraph `{name}`; there are {}",
                    known.join(", ")
                )
            })
    };
    names.iter().map(find).collect()
}

/// What a process with these subgraphs is called; `all` when there are no names.
pub(crate) fn role(names: &[String]) -> String {
    match names {
        [] => "all".to_owned(),
        names => names.join("+"),
    }
}
