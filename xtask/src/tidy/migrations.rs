//! Rules for migrations: names, reasons, and numbers that occur once in a database.

use std::collections::BTreeMap;

use super::{Problem, tree::Tree};

/// What cannot be undone by running the old binary again.
const CONTRACTING: &[&str] = &["drop table", "drop column", "rename column", "rename to"];

/// What every subgraph's database gets besides its own folder.
const SHARED: &str = "migrations/shared";
/// The database of the event log, which is no subgraph's.
const EVENTS: &str = "migrations/events";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let folders = by_folder(tree);
    let shared: &[(&str, &str)] = folders.get(SHARED).map_or(&[], Vec::as_slice);
    for (folder, files) in &folders {
        let is_alone = [SHARED, EVENTS].contains(folder);
        let others = if is_alone { &[] } else { shared };
        problems.extend(taken_twice(files, others));
        for (path, text) in files {
            problems.extend(check_file(path, text));
        }
    }
    problems
}

/// The files of a folder whose number an earlier one there has, or one of `others`.
fn taken_twice(files: &[(&str, &str)], others: &[(&str, &str)]) -> Vec<Problem> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, _) in others {
        taken.insert(number(path), path);
    }
    let mut problems = Vec::new();
    for (path, _) in files {
        if let Some(other) = taken.insert(number(path), path) {
            let message = format!("take another number: {other} has this one in the same database");
            problems.push(Problem::in_file(path, message));
        }
    }
    problems
}

fn number(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('_').next().unwrap_or(name)
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

    #[test]
    fn migrations_in_order_have_no_problem() {
        let files = [
            ("migrations/a/202611210002_shops.sql", "-- why: shops\n"),
            ("migrations/b/202611210002_goods.sql", "-- why: goods\n"),
            ("migrations/events/202611210001_log.sql", "-- why: log\n"),
            ("migrations/shared/202611210001_x.sql", "-- why: all\n"),
            ("migrations/README.md", "about\n"),
        ];
        assert_eq!(problems_of(check, &files), [""; 0]);
    }

    #[test]
    fn names_and_reasons_are_checked() {
        for (path, text) in [
            ("migrations/a/2026_shops.sql", "-- why: x\n"),
            ("migrations/a/202611210001_Shops.sql", "-- why: x\n"),
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
    fn a_number_occurs_once_in_a_database() {
        let why = "-- why: x\n";
        let files = [
            ("migrations/a/202611210001_shops.sql", why),
            ("migrations/b/202611210002_goods.sql", why),
            ("migrations/b/202611210002_offers.sql", why),
            ("migrations/shared/202611210001_x.sql", why),
        ];
        let expected = [
            "migrations/a/202611210001_shops.sql: take another number: \
             migrations/shared/202611210001_x.sql has this one in the same database",
            "migrations/b/202611210002_offers.sql: take another number: \
             migrations/b/202611210002_goods.sql has this one in the same database",
        ];
        assert_eq!(problems_of(check, &files), expected);
    }
}
