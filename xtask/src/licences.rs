//! Every dependency's licence against the allow-list of `deny.toml`, also where cargo-deny is not
//! installed.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::slice::Iter;

use crate::shell::{Outcome, cargo_program, output, root};

/// Checks what `cargo tree` lists.
pub(crate) fn check() -> Outcome {
    let path = root().join("deny.toml");
    let policy = std::fs::read_to_string(path).map_err(|error| format!("deny.toml: {error}"))?;
    let words = [
        "tree",
        "--workspace",
        "--all-features",
        "--target=all",
        "--edges=normal,build,dev",
        "--prefix=none",
        "--format={p}\t{l}",
    ];
    let listed = output(&cargo_program(), &words)?;
    let refused = refused(&policy, &listed);
    if refused.is_empty() {
        println!("licences: all are allowed by deny.toml");
        return Ok(());
    }
    Err(format!(
        "licences that deny.toml does not allow: use another crate, or explain the licence there\n  {}",
        refused.into_iter().collect::<Vec<_>>().join("\n  ")
    ))
}

/// The lines of `name version … TAB licence` that are not allowed.
fn refused(policy: &str, listed: &str) -> BTreeSet<String> {
    let allowed = allowed(policy);
    let clarified = clarified(policy);
    let mut refused = BTreeSet::new();
    for line in listed.lines() {
        let Some((package, licence)) = line.split_once('\t') else {
            continue;
        };
        let name = package.split(' ').next().unwrap_or_default();
        // The tree marks what it has shown before.
        let licence = licence.trim_end_matches(" (*)").trim();
        if !is_allowed(licence, &allowed) && !clarified.contains(name) {
            refused.insert(format!("{package}: {}", or_none(licence)));
        }
    }
    refused
}

fn or_none(licence: &str) -> &str {
    if licence.is_empty() {
        "none is named"
    } else {
        licence
    }
}

fn allowed(policy: &str) -> BTreeSet<&str> {
    let list = policy
        .split_once("\nallow = [")
        .map_or("", |(_, rest)| rest);
    let list = list.split_once(']').map_or("", |(list, _)| list);
    list.split('"').skip(1).step_by(2).collect()
}

/// The crates whose licence a person looked up.
fn clarified(policy: &str) -> BTreeSet<&str> {
    policy
        .lines()
        .filter_map(|line| line.strip_prefix("crate = \"")?.strip_suffix('"'))
        .collect()
}

/// Whether an SPDX expression can be met with allowed licences only.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ")
        .replace(" WITH ", "+WITH+");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.iter().peekable();
    !expression.is_empty() && any(&mut words, allowed) && words.next().is_none()
}

type Words<'a, 'b> = Peekable<Iter<'a, &'b str>>;

fn any(words: &mut Words<'_, '_>, allowed: &BTreeSet<&str>) -> bool {
    let mut fine = all(words, allowed);
    while words.next_if(|word| **word == "OR").is_some() {
        // Always parsed, so that the rest of the words is in step.
        fine |= all(words, allowed);
    }
    fine
}

fn all(words: &mut Words<'_, '_>, allowed: &BTreeSet<&str>) -> bool {
    let mut fine = one(words, allowed);
    while words.next_if(|word| **word == "AND").is_some() {
        fine &= one(words, allowed);
    }
    fine
}

fn one(words: &mut Words<'_, '_>, allowed: &BTreeSet<&str>) -> bool {
    match words.next() {
        Some(&"(") => {
            let fine = any(words, allowed);
            words.next_if(|word| **word == ")").is_some() && fine
        }
        Some(word) => allowed.contains(word.replace("+WITH+", " WITH ").as_str()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "[licenses]\nallow = [\n  \"MIT\",\n  \"ISC\",\n  \"Apache-2.0 WITH LLVM-exception\",\n]\n\
                          [[licenses.clarify]]\ncrate = \"quiet\"\n";

    #[test]
    fn expressions_are_met_by_allowed_licences() {
        let allowed = allowed(POLICY);
        for fine in [
            "MIT",
            "GPL-3.0 OR MIT",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(fine, &allowed), "{fine}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT MIT",
            "Apache-2.0",
            "MIT AND",
        ] {
            assert!(!is_allowed(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn a_crate_is_refused_once_unless_its_licence_was_looked_up() {
        let listed = "a v1.0.0\tMIT (*)\nquiet v0.1.0\t\nb v2.0.0\tAGPL-3.0\nb v2.0.0\tAGPL-3.0 (*)\nc v1.0.0\t\n";
        let expected = ["b v2.0.0: AGPL-3.0", "c v1.0.0: none is named"];
        assert_eq!(refused(POLICY, listed), expected.map(str::to_owned).into());
    }
}
