//! Rules for documents: links lead somewhere, decisions are numbered, the entry pages stay short.

use std::collections::BTreeMap;

use super::{Problem, tree::Tree};

const LIMITS: &[(&str, usize)] = &[("README.md", 150), ("ARCHITECTURE.md", 350)];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = decisions(tree);
    for (path, limit) in LIMITS {
        let lines = tree.text(path).map_or(0, |text| text.lines().count());
        if lines > *limit {
            let message = format!("{lines} lines, {limit} are allowed: move detail into docs/");
            problems.push(Problem::in_file(path, message));
        }
    }
    for (path, text) in tree.texts() {
        if path.ends_with(".md") && !path.starts_with("web/dist/") {
            problems.extend(links(tree, path, text));
        }
    }
    problems
}

fn decisions(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut numbers: BTreeMap<&str, &str> = BTreeMap::new();
    for file in tree.children("docs/adr/") {
        if file == "README.md" {
            continue;
        }
        let path = format!("docs/adr/{file}");
        let Some((number, _)) = split_decision(file) else {
            let message = "name it NNNN-the-claim-as-title.md";
            problems.push(Problem::in_file(&path, message));
            continue;
        };
        if let Some(other) = numbers.insert(number, file) {
            let message = format!("{other} has the same number: take the next free one");
            problems.push(Problem::in_file(&path, message));
        }
    }
    problems
}

fn split_decision(file: &str) -> Option<(&str, &str)> {
    let (number, claim) = file.strip_suffix(".md")?.split_once('-')?;
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let is_number = number.len() == 4 && number.chars().all(|digit| digit.is_ascii_digit());
    (is_number && !claim.is_empty() && claim.chars().all(fits)).then_some((number, claim))
}

fn links(tree: &Tree, path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in prose(text) {
        for target in targets(line) {
            if let Some(message) = broken(tree, path, target) {
                problems.push(Problem::at(path, number, message));
            }
        }
    }
    problems
}

/// The numbered lines outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            return None;
        }
        (!in_code).then_some((number + 1, line))
    })
}

/// The targets of the links in a line, without those in inline code.
fn targets(line: &str) -> Vec<&str> {
    line.split('`')
        .step_by(2)
        .flat_map(|part| part.split("](").skip(1))
        .filter_map(|rest| rest.split([')', ' ']).next())
        .collect()
}

fn broken(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        from.to_owned()
    } else {
        resolve(from, file)?
    };
    if !tree.has(&path) {
        return Some(format!("`{target}` leads nowhere: {path} does not exist"));
    }
    if anchor.is_empty() {
        return None;
    }
    let text = tree.text(&path)?;
    let found = prose(text).any(|(_, line)| line.starts_with('#') && slug(line) == anchor);
    (!found).then(|| format!("`{target}` leads nowhere: no heading gives `#{anchor}`"))
}

/// The path of a link, from the root of the repository. A link to the root itself is fine.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Some(link.to_owned());
                }
            }
            name => parts.push(name),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The anchor that a heading gets.
fn slug(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::problems_of;

    #[test]
    fn links_that_lead_somewhere_are_fine() {
        let text = "# The shape\n[a](docs/b.md#two-words) [c](#the-shape) [d](docs/) [e](https://x.y/z)\n\
                    `[f](nowhere)`\n```\n[g](nowhere)\n```\n";
        let other = "## Two words\n[back](../README.md) [root](../)\n";
        let files = [("README.md", text), ("docs/b.md", other)];
        assert_eq!(problems_of(check, &files), [""; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[a](b.md)\n[c](#missing)\n[d](../../outside.md)\n";
        let problems = problems_of(check, &[("docs/a.md", text)]);
        let expected = [
            "docs/a.md:1: `b.md` leads nowhere: docs/b.md does not exist",
            "docs/a.md:2: `#missing` leads nowhere: no heading gives `#missing`",
            "docs/a.md:3: `../../outside.md` leads nowhere: ../../outside.md does not exist",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn decisions_have_a_number_of_their_own_and_a_claim() {
        let files = [
            ("docs/adr/README.md", ""),
            ("docs/adr/0001-one-binary.md", ""),
            ("docs/adr/0001-two-binaries.md", ""),
            ("docs/adr/2-x.md", ""),
        ];
        let problems = problems_of(check, &files);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("0001-one-binary.md has the same number"));
        assert!(problems[1].starts_with("docs/adr/2-x.md: name it"));
    }

    #[test]
    fn the_entry_page_stays_short() {
        let long = "x\n".repeat(151);
        assert_eq!(problems_of(check, &[("README.md", &long)]).len(), 1);
    }
}
