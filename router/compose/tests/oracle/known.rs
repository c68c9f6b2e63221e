//! Where the other composer and this one differ for a reason: `oracle/differences.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

/// The settled differences, each with its reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// Codes about the merged schema. The other gives them also when merging has failed.
    after_merging: BTreeSet<String>,
    /// Both refuse; we give this code as well.
    only_ours: BTreeMap<String, String>,
    /// Both refuse; the other gives this code as well.
    only_theirs: BTreeMap<String, String>,
    /// We refuse with this code, the other composes.
    they_accept: BTreeMap<String, String>,
    /// The other refuses with this code, we compose.
    they_refuse: BTreeMap<String, String>,
    /// Parts of what is said of one element in only one supergraph or API schema.
    facts: BTreeMap<String, String>,
    /// Parts of messages with which the other ends in an exception.
    crashes: BTreeMap<String, String>,
    /// Folders of `tests/cases` that are about such a difference.
    cases: BTreeMap<String, String>,
    #[serde(skip)]
    used: BTreeSet<(&'static str, String)>,
}

impl Known {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle/differences.yaml");
        serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn has(&mut self, list: &'static str, wanted: &str) -> bool {
        let (rules, in_part) = match list {
            "only_ours" => (&self.only_ours, false),
            "only_theirs" => (&self.only_theirs, false),
            "they_accept" => (&self.they_accept, false),
            "they_refuse" => (&self.they_refuse, false),
            "facts" => (&self.facts, true),
            "crashes" => (&self.crashes, true),
            _ => (&self.cases, false),
        };
        let fits = |rule: &&String| {
            if in_part {
                rule.split('…').all(|part| wanted.contains(part))
            } else {
                rule.as_str() == wanted
            }
        };
        let Some(rule) = rules.keys().find(fits) else {
            return false;
        };
        self.used.insert((list, rule.clone()));
        true
    }

    /// The other's codes without mere consequences of errors that we stop at.
    pub(crate) fn causes<'a>(
        &self,
        theirs: &BTreeSet<&'a str>,
        ours: &BTreeSet<&str>,
    ) -> BTreeSet<&'a str> {
        // Nothing more is said of a schema that is not valid GraphQL.
        let invalid = BTreeSet::from(["INVALID_GRAPHQL"]);
        if *ours == invalid && theirs.is_superset(&invalid) {
            return invalid.intersection(theirs).copied().collect();
        }
        let mut theirs = theirs.clone();
        if ours.iter().any(|code| !self.after_merging.contains(*code)) {
            theirs.retain(|code| ours.contains(code) || !self.after_merging.contains(*code));
        }
        theirs
    }

    /// Whether all of these are settled; those that are count as used.
    pub(crate) fn has_all<'a>(
        &mut self,
        list: &'static str,
        wanted: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let mut all = true;
        for one in wanted {
            all &= self.has(list, one);
        }
        all
    }

    /// Rules that nothing needed.
    pub(crate) fn unused(&self) -> Vec<String> {
        let lists = [
            ("only_ours", &self.only_ours),
            ("only_theirs", &self.only_theirs),
            ("they_accept", &self.they_accept),
            ("they_refuse", &self.they_refuse),
            ("facts", &self.facts),
            ("crashes", &self.crashes),
            ("cases", &self.cases),
        ];
        let mut unused = Vec::new();
        for (list, rules) in lists {
            for rule in rules.keys() {
                if !self.used.contains(&(list, rule.clone())) {
                    unused.push(format!("{list}: {rule}"));
                }
            }
        }
        unused
    }
}
