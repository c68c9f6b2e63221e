//! Rules for migrations: names, reasons, and one shared first file.

use std::collections::BTreeMap;

use super::{Problem, tree::Tree};

/// What cannot be undone by running the old binary again.
const CONTRACTING: &[&str] = &["drop table", "drop column", "rename column", "rename to"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut first: Option<(&str, &str)> = None;
    for (folder, files) in by_folder(tree) {
        let Some((path, text)) = files.first() else {
            continue;
        };
        match first {
            // The event log is no subgraph's.
            _ if folder == "migrations/events" => {}
            None => first = Some((path, text)),
            Some((_, shared)) if shared == *text => {}
            Some((other, _)) => problems.push(Problem::in_file(
                path,
                format!("copy {other} here: the first migration is the same in every folder"),
            )),
        }
        for (path, text) in files {
            problems.extend(check_file(path, text));
        }
    }
    problems
}

fn by_folder(tree: &Tree) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut folders: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (path, text) in tree.texts_in("migrations/") {
        if let Some((folder, _)) = path.rsplit_once('/')
            && folder != "migrations"
        {
            folders.entry(folder).or_default().push((path, text));
        }
    }
    folders
}

fn check_file(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let name = path.rsplit('/').next().unwrap_or(path);
    if !is_name(name) {
        problems.push(Problem::in_file(
            path,
            "name it YYYYMMDDHHMM_what_it_does.sql: cargo xtask new-migration",
        ));
    }
    let first = text.lines().next().unwrap_or_default();
    let reason = first.strip_prefix("-- why:").unwrap_or_default();
    if reason.trim().is_empty() {
        let message = "say in its first line why it is needed: `-- why: …`";
        problems.push(Problem::at(path, 1, message));
    }
    let lower = text.to_lowercase();
    let contracts = CONTRACTING.iter().find(|words| lower.contains(**words));
    if let Some(words) = contracts
        && !lower.contains("-- contract:")
    {
        let message = format!(
            "`{words}` breaks the binary that runs now: release what no longer needs it first, then \
             say so in a line `-- contract: …`"
        );
        problems.push(Problem::in_file(path, message));
    }
    problems
}

fn is_name(name: &str) -> bool {
    let Some((stamp, what)) = name.strip_suffix(".sql").and_then(|it| it.split_once('_')) else {
        return false;
    };
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let is_stamp = stamp.len() == 12 && stamp.chars().all(|digit| digit.is_ascii_digit());
    is_stamp && !what.is_empty() && what.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::problems_of;

    const SHARED: &str = "-- why: shared\n";

    #[test]
    fn migrations_in_order_have_no_problem() {
        let files = [
            ("migrations/a/202611210001_shared.sql", SHARED),
            ("migrations/a/202611210002_shops.sql", "-- why: shops\n"),
            ("migrations/b/202611210001_shared.sql", SHARED),
            ("migrations/events/202611210001_log.sql", "-- why: log\n"),
            ("migrations/README.md", "about\n"),
        ];
        assert_eq!(problems_of(check, &files), [""; 0]);
    }

    #[test]
    fn names_and_reasons_are_checked() {
        for (path, text) in [
            ("migrations/a/2026_shops.sql", SHARED),
            ("migrations/a/202611210001_Shops.sql", SHARED),
            (
                "migrations/a/202611210001_shops.sql",
                "create table a ();\n",
            ),
            ("migrations/a/202611210001_shops.sql", "-- why: \n"),
            (
                "migrations/a/202611210001_shops.sql",
                "-- why: x\nALTER TABLE a DROP COLUMN b;\n",
            ),
        ] {
            let problems = problems_of(check, &[(path, text)]);
            assert_eq!(problems.len(), 1, "{path} {text}: {problems:?}");
        }
    }

    #[test]
    fn the_first_migration_is_the_same_everywhere() {
        let files = [
            ("migrations/a/202611210001_shared.sql", SHARED),
            ("migrations/b/202611210001_shared.sql", "-- why: changed\n"),
        ];
        let expected = "migrations/b/202611210001_shared.sql: copy \
                        migrations/a/202611210001_shared.sql here: the first migration is the same in \
                        every folder";
        assert_eq!(problems_of(check, &files), [expected]);
    }
}
