//! Rules for subgraphs: one set of files, one README, layers, and every place that names them.

mod generated;

use super::{Problem, tree::Tree};

/// What every subgraph has below its folder.
const FILES: &[&str] = &[
    "Cargo.toml",
    "README.md",
    "src/lib.rs",
    "src/commands/mod.rs",
    "src/domain/mod.rs",
    "src/domain/rejection.rs",
    "src/graphql/mod.rs",
    "src/graphql/mutation.rs",
    "src/graphql/query.rs",
    "src/graphql/types.rs",
    "src/graphql/user_error.rs",
    "src/queries.rs",
    "src/store/mod.rs",
];

/// What a subgraph has besides when it publishes events, owns entities or is asked for things by key.
const OPTIONAL: &[&str] = &[
    "src/events.rs",
    "src/graphql/entities.rs",
    "src/graphql/loaders.rs",
];

/// What may stand in `src/` besides the above: rights, ways to reach people, reactions to events of others,
/// scheduled work, metrics, hashing and tokens, settings.
const EXTRA: &[&str] = &[
    "access.rs",
    "channels",
    "consumers",
    "consumers.rs",
    "jobs",
    "jobs.rs",
    "metrics.rs",
    "security",
    "settings.rs",
];

const HEADINGS: &[&str] = &[
    "Owns",
    "Entities and keys",
    "Commands",
    "Publishes",
    "Consumes",
    "Invariants",
    "Operations",
];

/// Where a word must not stand: the word, in which folders, except in which, and what to do.
struct Layer {
    word: &'static str,
    inside: &'static [&'static str],
    except: &'static [&'static str],
    advice: &'static str,
}

const LAYERS: &[Layer] = &[
    Layer {
        word: "sqlx",
        inside: &["domain/", "graphql/"],
        except: &[],
        advice: "SQL belongs in store/",
    },
    Layer {
        word: "async_graphql",
        inside: &[""],
        except: &["graphql/"],
        advice: "GraphQL types belong in graphql/",
    },
    Layer {
        word: ".begin(",
        inside: &[""],
        except: &["commands/", "jobs"],
        advice: "only a command or a job opens a transaction",
    },
    Layer {
        word: "async fn",
        inside: &["domain/"],
        except: &[],
        advice: "the domain does no I/O: load and save in the command",
    },
    Layer {
        word: "crate::store",
        inside: &["domain/"],
        except: &[],
        advice: "the domain knows nothing of storage",
    },
    Layer {
        word: "crate::graphql",
        inside: &["domain/", "commands/", "queries", "store/", "events.rs"],
        except: &[],
        advice: "layers depend downwards: graphql → commands, queries → domain, store, events",
    },
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in tree.subgraphs() {
        let folder = format!("subgraphs/{name}/");
        problems.extend(file_set(tree, &folder));
        problems.extend(readme(tree, &folder));
        problems.extend(layers(tree, &folder));
        problems.extend(named_everywhere(tree, name));
    }
    problems.extend(generated::owners(tree));
    problems.extend(generated::events(tree));
    problems
}

fn file_set(tree: &Tree, folder: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in FILES {
        // A file that grew too long is a folder of the same name.
        let as_folder = file.replace(".rs", "/mod.rs");
        if !tree.has(&format!("{folder}{file}")) && !tree.has(&format!("{folder}{as_folder}")) {
            problems.push(Problem::in_file(
                &format!("{folder}{file}"),
                "add the file: every subgraph has it, see docs/adding.md",
            ));
        }
    }
    let source = format!("{folder}src/");
    for child in tree.children(&source) {
        let known = FILES
            .iter()
            .chain(OPTIONAL)
            .filter_map(|file| file.strip_prefix("src/")?.split('/').next())
            .any(|top| top == child || top.strip_suffix(".rs") == Some(child));
        if !known && !EXTRA.contains(&child) {
            problems.push(Problem::in_file(
                &format!("{source}{child}"),
                "move it into a layer: no other subgraph has such a file",
            ));
        }
    }
    problems
}

fn readme(tree: &Tree, folder: &str) -> Vec<Problem> {
    let path = format!("{folder}README.md");
    let Some(text) = tree.text(&path) else {
        return Vec::new();
    };
    let headings: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    if headings == HEADINGS {
        return Vec::new();
    }
    let message = format!("its `##` headings must be: {}", HEADINGS.join(" · "));
    vec![Problem::in_file(&path, message)]
}

fn layers(tree: &Tree, folder: &str) -> Vec<Problem> {
    let source = format!("{folder}src/");
    let mut problems = Vec::new();
    for (path, text) in tree.texts_in(&source) {
        let inner = path.strip_prefix(&source).unwrap_or(path);
        let ours = |layer: &&Layer| {
            layer.inside.iter().any(|part| inner.starts_with(part))
                && !layer.except.iter().any(|part| inner.starts_with(part))
        };
        for layer in LAYERS.iter().filter(ours) {
            for (number, line) in text.lines().enumerate() {
                if code_of(line).contains(layer.word) {
                    let message =
                        format!("`{}` does not belong here: {}", layer.word, layer.advice);
                    problems.push(Problem::at(path, number + 1, message));
                }
            }
        }
    }
    problems
}

/// A line without its comment.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

fn named_everywhere(tree: &Tree, name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let needed = [
        (
            format!("migrations/{name}"),
            "add its database: cargo xtask new-migration",
        ),
        (
            format!("schema/{name}.graphql"),
            "write its schema: cargo xtask schema",
        ),
    ];
    for (path, advice) in needed {
        if !tree.has(&path) {
            problems.push(Problem::in_file(&path, advice));
        }
    }
    let listed = tree
        .text("supergraph.yaml")
        .is_some_and(|text| text.lines().any(|line| line.trim() == format!("{name}:")));
    if !listed {
        let message = format!("add the subgraph {name} with its schema file and routing URL");
        problems.push(Problem::in_file("supergraph.yaml", message));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{FILES, HEADINGS, check};
    use crate::tidy::problems_of;

    const OPENED: &str = "const EVENT_TYPE: &'static str = \"shop.opened\";\n";

    /// A subgraph in order, with some of its files replaced or added.
    fn problems_with(changes: &[(&str, &str)]) -> Vec<String> {
        let headings: Vec<String> = HEADINGS.iter().map(|it| format!("## {it}")).collect();
        let readme = headings.join("\n\n");
        let paths: Vec<String> = FILES
            .iter()
            .map(|it| format!("subgraphs/shops/{it}"))
            .collect();
        let mut files: Vec<(&str, &str)> = paths
            .iter()
            .map(|path| {
                (
                    path.as_str(),
                    if path.ends_with(".md") { &readme } else { "" },
                )
            })
            .collect();
        files.extend([
            ("migrations/shops/1.sql", ""),
            ("schema/shops.graphql", ""),
            ("schema/api.graphql", ""),
            ("schema/events/shop.opened.sample.json", ""),
            ("schema/events/shop.opened.schema.json", ""),
            ("schema/events/README.md", ""),
            ("supergraph.yaml", "subgraphs:\n  shops:\n"),
        ]);
        files.push(("subgraphs/shops/src/events.rs", OPENED));
        files.extend(changes);
        problems_of(check, &files)
    }

    #[test]
    fn a_subgraph_in_order_has_no_problem() {
        let code = "// sqlx is not used here\nfn a() {}\n";
        let none = problems_with(&[
            ("subgraphs/shops/src/domain/mod.rs", code),
            ("subgraphs/shops/src/store/mod.rs", "use sqlx::Row;"),
            ("subgraphs/shops/src/commands/mod.rs", "ctx.begin().await"),
            ("subgraphs/shops/src/jobs.rs", ""),
        ]);
        assert_eq!(none, [""; 0]);
    }

    #[test]
    fn each_layer_keeps_its_words() {
        let cases = [
            ("domain/a.rs", "use sqlx::Row;"),
            ("graphql/query.rs", "sqlx::query(\"select 1\")"),
            ("store/mod.rs", "use async_graphql::Object;"),
            ("queries.rs", "let tx = ctx.begin().await?;"),
            ("domain/mod.rs", "pub async fn place() {}"),
            ("commands/mod.rs", "use crate::graphql::types;"),
        ];
        for (file, code) in cases {
            let path = format!("subgraphs/shops/src/{file}");
            let problems = problems_with(&[(&path, code)]);
            assert_eq!(problems.len(), 1, "{file}: {problems:?}");
            assert!(
                problems[0].starts_with(&format!("{path}:1: ")),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn files_are_the_same_everywhere() {
        let extra = problems_with(&[("subgraphs/shops/src/helpers.rs", "")]);
        assert_eq!(extra.len(), 1, "{extra:?}");
        assert!(extra[0].starts_with("subgraphs/shops/src/helpers.rs: move it"));
        let alone = problems_of(check, &[("subgraphs/shops/Cargo.toml", "")]);
        // Every other file, its database, its schema and its line in supergraph.yaml.
        assert_eq!(alone.len(), FILES.len() - 1 + 3, "{alone:?}");
    }

    #[test]
    fn the_readme_has_the_headings_in_order() {
        let path = "subgraphs/shops/README.md";
        let problems = problems_with(&[(path, "## Commands\n## Owns\n")]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("Owns · Entities and keys"));
    }

    #[test]
    fn generated_files_have_an_owner() {
        for path in ["schema/gone.graphql", "migrations/gone/1.sql"] {
            let problems = problems_with(&[(path, "")]);
            assert_eq!(problems.len(), 1, "{path}: {problems:?}");
            assert!(problems[0].contains("belongs to no subgraph"));
        }
        for path in ["migrations/events/1.sql", "migrations/shared/1.sql"] {
            let problems = problems_with(&[(path, "")]);
            assert!(problems.is_empty(), "{path}: {problems:?}");
        }
    }

    #[test]
    fn every_event_has_its_files_and_one_owner() {
        let path = "schema/events/shop.closed.sample.json";
        let problems = problems_with(&[(path, "")]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("no subgraph publishes"));

        let closed = "const EVENT_TYPE: &'static str = \"shop.closed\";\n";
        let more = format!("{OPENED}{closed}");
        let problems = problems_with(&[("subgraphs/shops/src/events.rs", &more)]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("lacks schema/events/shop.closed.sample.json"));

        let twice = problems_with(&[("subgraphs/shops/src/jobs.rs", OPENED)]);
        assert_eq!(twice.len(), 1, "{twice:?}");
        assert!(twice[0].contains("an event has one owner"));
    }
}
