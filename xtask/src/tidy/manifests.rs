//! Rules for manifests: versions live in the workspace's, and crates depend in one direction.

use super::{Problem, tree::Tree};

/// What each shared crate may use of this workspace. Subgraphs: see `allowed`.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("crates/kernel", &[]),
    ("crates/process", &["kernel"]),
    ("crates/service", &["kernel", "process"]),
    ("crates/gql", &["kernel"]),
    ("router/compose", &["kernel"]),
    ("router/engine", &["kernel"]),
    (
        "router/server",
        &["kernel", "process", "router-compose", "router-engine"],
    ),
    ("infra", &[]),
    ("xtask", &["infra"]),
];

const OF_SUBGRAPHS: &[&str] = &["gql", "kernel", "process", "service"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let members: Vec<Manifest<'_>> = tree
        .texts()
        .filter_map(|(path, text)| Manifest::parse(path, text))
        .collect();
    let mut problems = shared_crates(tree);
    for member in &members {
        problems.extend(shape(member));
        problems.extend(direction(member, &members));
    }
    problems
}

struct Manifest<'a> {
    path: &'a str,
    /// The folder of the crate.
    folder: &'a str,
    name: &'a str,
    /// Number and text of the lines that matter, with their section.
    lines: Vec<(usize, &'a str, &'a str)>,
}

impl<'a> Manifest<'a> {
    /// A member's manifest; the root's is another thing.
    fn parse(path: &'a str, text: &'a str) -> Option<Self> {
        let folder = path.strip_suffix("/Cargo.toml")?;
        if text.lines().any(|line| line.trim() == "[workspace]") {
            // A workspace of its own, which nobody builds who does not ask for it.
            return None;
        }
        let mut section = "";
        let mut lines = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']);
            } else if !line.is_empty() && !line.starts_with('#') {
                lines.push((number + 1, section, line));
            }
        }
        let name = lines
            .iter()
            .filter(|(_, section, _)| *section == "package")
            .find_map(|(_, _, line)| line.strip_prefix("name = \""))?
            .trim_end_matches('"');
        Some(Self {
            path,
            folder,
            name,
            lines,
        })
    }

    fn dependencies(&self) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
        self.lines
            .iter()
            .filter(|(_, section, _)| section.ends_with("dependencies"))
            .map(|(number, section, line)| (*number, *section, *line))
    }
}

fn shape(member: &Manifest<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, _, line) in member.dependencies() {
        // Optional: tests of one subgraph are built without the others.
        let optional = line.ends_with(" = { workspace = true, optional = true }");
        if !line.ends_with(".workspace = true") && !optional {
            problems.push(Problem::at(
                member.path,
                number,
                "write `name.workspace = true`; version and features belong in the root's Cargo.toml",
            ));
        }
    }
    let wanted = [
        ("lints", "workspace = true"),
        ("package", "version.workspace = true"),
        ("package", "edition.workspace = true"),
        ("package", "rust-version.workspace = true"),
        ("package", "license.workspace = true"),
        ("package", "publish.workspace = true"),
    ];
    for (section, line) in wanted {
        let there = member
            .lines
            .iter()
            .any(|(_, its, text)| *its == section && *text == line);
        if !there {
            let message = format!("add `{line}` to [{section}]");
            problems.push(Problem::in_file(member.path, message));
        }
    }
    problems
}

fn direction(member: &Manifest<'_>, members: &[Manifest<'_>]) -> Vec<Problem> {
    let Some(allowed) = allowed(member.folder) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    // What tests alone use does not ship.
    let shipped = member
        .dependencies()
        .filter(|(_, section, _)| *section == "dependencies");
    for (number, _, line) in shipped {
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        let ours = members.iter().any(|other| other.name == name);
        if ours && !allowed.contains(&name) {
            let message = if member.folder.starts_with("subgraphs/") {
                format!(
                    "a subgraph must not depend on `{name}`: ask its owner by a call through \
                     service::Peers or read its events; may be used: {}",
                    allowed.join(", ")
                )
            } else {
                let may = if allowed.is_empty() {
                    "none of this workspace".to_owned()
                } else {
                    allowed.join(", ")
                };
                format!(
                    "{} must not depend on `{name}`; may be used: {may}",
                    member.name
                )
            };
            problems.push(Problem::at(member.path, number, message));
        }
    }
    problems
}

/// What a crate may use of this workspace; `None`: everything.
fn allowed(folder: &str) -> Option<&'static [&'static str]> {
    if folder.starts_with("subgraphs/") {
        return Some(OF_SUBGRAPHS);
    }
    let known = DIRECTIONS.iter().find(|(its, _)| *its == folder);
    known.map(|(_, allowed)| *allowed)
}

fn shared_crates(tree: &Tree) -> Vec<Problem> {
    let known = ["kernel", "process", "service", "gql", "pasar"];
    tree.children("crates/")
        .into_iter()
        .filter(|name| !known.contains(name))
        .map(|name| {
            Problem::in_file(
                &format!("crates/{name}"),
                "put it into one of the four shared crates; a fifth needs an ADR and a line in tidy",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::problems_of;

    fn manifest(name: &str, dependencies: &str) -> String {
        format!(
            "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n\
             rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\
             [lints]\nworkspace = true\n[dependencies]\n{dependencies}"
        )
    }

    #[test]
    fn versions_live_in_the_workspace_only() {
        let text = manifest("kernel", "serde.workspace = true\nuuid = \"1\"\n");
        let expected = "crates/kernel/Cargo.toml:12: write `name.workspace = true`; version and \
                        features belong in the root's Cargo.toml";
        let files = [("crates/kernel/Cargo.toml", text.as_str())];
        assert_eq!(problems_of(check, &files), [expected]);
        let bare = "[package]\nname = \"kernel\"\n";
        assert_eq!(
            problems_of(check, &[("crates/kernel/Cargo.toml", bare)]).len(),
            6
        );
        let apart = format!("[workspace]\n{bare}[dependencies]\nuuid = \"1\"\n");
        let files = [("crates/kernel/fuzz/Cargo.toml", apart.as_str())];
        assert_eq!(problems_of(check, &files), [""; 0]);
    }

    #[test]
    fn subgraphs_do_not_depend_on_each_other() {
        let catalog = manifest("catalog", "kernel.workspace = true\n");
        let reviews = manifest(
            "reviews",
            "catalog.workspace = true\ngql.workspace = true\n",
        );
        let files = [
            ("subgraphs/catalog/Cargo.toml", catalog.as_str()),
            ("subgraphs/reviews/Cargo.toml", reviews.as_str()),
        ];
        let problems = problems_of(check, &files);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("subgraphs/reviews/Cargo.toml:11: a subgraph must not"));
    }

    #[test]
    fn shared_crates_depend_downwards_and_there_are_four() {
        let kernel = manifest("kernel", "process.workspace = true\n");
        let process = manifest("process", "kernel.workspace = true\n");
        let files = [
            ("crates/kernel/Cargo.toml", kernel.as_str()),
            ("crates/process/Cargo.toml", process.as_str()),
            ("crates/common/src/lib.rs", ""),
        ];
        let problems = problems_of(check, &files);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("crates/common: put it"));
        assert!(problems[1].contains("kernel must not depend on `process`"));
    }
}
