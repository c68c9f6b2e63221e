//! Rules for every file of text: length, white space, left-overs.

use super::{Problem, tree::Tree};

const SOURCE_LINES: usize = 400;
const TEST_LINES: usize = 600;

/// Written by programs, or by others.
const NOT_OURS: &[&str] = &[
    "web/dist/",
    "LICENSE",
    "Cargo.lock",
    "package-lock.json",
    ".snap",
];

/// Split, so that this file does not contain them.
const LEFT_OVERS: &[(&str, &str)] = &[
    (
        concat!("TO", "DO"),
        "do it now, or write an issue and remove the note",
    ),
    (
        concat!("FIX", "ME"),
        "do it now, or write an issue and remove the note",
    ),
    (concat!("dbg", "!("), "remove it, or use tracing"),
    (concat!("todo", "!("), "write the code"),
    (concat!("unimplemented", "!("), "write the code"),
    (
        concat!("#[", "ignore"),
        "run the test; what is missing on a machine is said with harness::skip",
    ),
];

const MACHINES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    tree.texts()
        .filter(|(path, _)| !NOT_OURS.iter().any(|part| path.contains(part)))
        .flat_map(|(path, text)| check_file(path, text))
        .collect()
}

fn check_file(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(Problem::in_file(path, "end the file with a new line"));
    }
    if text.ends_with("\n\n") {
        problems.push(Problem::in_file(path, "remove the empty lines at the end"));
    }
    let is_rust = path.ends_with(".rs");
    let limit = if path.starts_with("tests/") || path.contains("/tests/") {
        TEST_LINES
    } else {
        SOURCE_LINES
    };
    let lines = text.lines().count();
    if is_rust && lines > limit {
        problems.push(Problem::in_file(
            path,
            format!(
                "{lines} lines, {limit} are allowed: make it a folder of the same name with one file \
                 per matter"
            ),
        ));
    }
    for (number, line) in text.lines().enumerate() {
        for message in check_line(path, is_rust, line) {
            problems.push(Problem::at(path, number + 1, message));
        }
    }
    problems
}

fn check_line(path: &str, is_rust: bool, line: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if line.ends_with([' ', '\t', '\r']) {
        messages.push("remove the space at the end of the line".to_owned());
    }
    if is_rust && line.contains('\t') {
        messages.push("use spaces, not tabs".to_owned());
    }
    for (left_over, advice) in LEFT_OVERS {
        let in_code_only = left_over.ends_with('(') || left_over.starts_with('#');
        if (is_rust || !in_code_only) && has_word(line, left_over) {
            messages.push(format!("`{left_over}`: {advice}"));
        }
    }
    // Images and compose files name folders of the container.
    let describes_container = path.contains("Dockerfile") || path.ends_with(".yml");
    for folder in MACHINES.iter().filter(|_| !describes_container) {
        if line
            .match_indices(folder)
            .any(|(at, _)| begins_a_path(line, at))
        {
            messages.push(format!(
                "`{folder}…` is a path of one machine: write it relative to the repository"
            ));
        }
    }
    messages
}

/// Whether `word` stands in `line` and is not the end of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

/// Whether the slash at `at` is the first of a path, and not in the middle of one or of an address.
fn begins_a_path(line: &str, at: usize) -> bool {
    let before = line.get(..at).and_then(|text| text.chars().next_back());
    !before.is_some_and(|letter| letter.is_alphanumeric() || "._-}$/*".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::problems_of;

    #[test]
    fn orderly_files_have_no_problem() {
        let files = [
            ("a.rs", "fn main() {\n    todos();\n}\n"),
            (
                "docs/a.md",
                "See ../work/x and https://example.com/home/x.\n",
            ),
            ("web/dist/a.js", "x \t"),
            ("empty.txt", ""),
        ];
        assert_eq!(problems_of(check, &files), [""; 0]);
    }

    #[test]
    fn white_space_is_checked() {
        let files = [
            ("a.rs", "fn a() {}\n\tlet x; \n"),
            ("b.md", "no end"),
            ("c.md", "end\n\n"),
        ];
        let expected = [
            "a.rs:2: remove the space at the end of the line",
            "a.rs:2: use spaces, not tabs",
            "b.md: end the file with a new line",
            "c.md: remove the empty lines at the end",
        ];
        assert_eq!(problems_of(check, &files), expected);
    }

    #[test]
    fn left_overs_are_found() {
        let line = concat!("x(); // TO", "DO: y\ndb", "g!(x);\n");
        let problems = problems_of(check, &[("a.rs", line)]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        let path = concat!("cd /ro", "ot/pasar\n");
        assert_eq!(problems_of(check, &[("a.md", path)]).len(), 1);
        assert_eq!(problems_of(check, &[("Dockerfile", path)]).len(), 0);
    }

    #[test]
    fn long_files_are_refused_and_tests_may_be_longer() {
        let long = "x\n".repeat(401);
        assert_eq!(problems_of(check, &[("src/a.rs", &long)]).len(), 1);
        for path in ["tests/it/a.rs", "router/engine/tests/it/a.rs"] {
            assert_eq!(problems_of(check, &[(path, &long)]).len(), 0);
        }
        assert_eq!(problems_of(check, &[("docs/a.md", &long)]).len(), 0);
    }
}
