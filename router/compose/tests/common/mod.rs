//! The folders of `tests/cases`.

use std::fs;
use std::path::{Path, PathBuf};

use router_compose::SubgraphInput;

/// Files of a case that say what is expected; the other schemas are its subgraphs.
pub(crate) const EXPECTED: [&str; 4] = [
    "supergraph.graphql",
    "api.graphql",
    "hints.txt",
    "errors.txt",
];

/// The folders, in order.
pub(crate) fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = fs::read_dir(folder).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

/// The subgraphs of a case, in the order of their names.
pub(crate) fn inputs(case: &Path) -> Vec<SubgraphInput> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(case).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let Some(name) = file.strip_suffix(".graphql") else {
            continue;
        };
        if !EXPECTED.contains(&file) {
            let url = format!("http://{name}.example/graphql");
            let sdl = fs::read_to_string(&path).unwrap();
            inputs.push(SubgraphInput::new(name, url, sdl));
        }
    }
    inputs.sort_by(|left, right| left.name.cmp(&right.name));
    inputs
}
