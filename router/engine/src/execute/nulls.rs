//! Which nulls have been explained by an error already. The specification wants one error for a
//! null where none may be, not a second one beside the subgraph's own.

use std::collections::HashSet;

use crate::error::PathSegment;

/// Paths that errors have been reported for.
#[derive(Default)]
pub(super) struct Explained {
    everything: bool,
    /// These, and all below them.
    covered: HashSet<Vec<PathSegment>>,
    /// All above those.
    above: HashSet<Vec<PathSegment>>,
}

impl Explained {
    /// Notes that nulls at `path`, below it, and on the way to it are explained.
    pub(super) fn add(&mut self, path: &[PathSegment]) {
        if path.is_empty() {
            self.everything = true;
        }
        if self.covered.insert(path.to_vec()) {
            for length in 1..path.len() {
                if let Some(start) = path.get(..length) {
                    self.above.insert(start.to_vec());
                }
            }
        }
    }

    /// Whether a null at `path` is explained.
    pub(super) fn contains(&self, path: &[PathSegment]) -> bool {
        self.everything
            || self.above.contains(path)
            || (1..=path.len())
                .filter_map(|length| path.get(..length))
                .any(|start| self.covered.contains(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[&str]) -> Vec<PathSegment> {
        names
            .iter()
            .map(|name| match name.parse() {
                Ok(index) => PathSegment::Index(index),
                Err(_) => PathSegment::Field((*name).into()),
            })
            .collect()
    }

    #[test]
    fn an_error_explains_its_place_what_is_below_and_the_way_to_it() {
        let mut explained = Explained::default();
        assert!(!explained.contains(&path(&["a"])));
        explained.add(&path(&["a", "1", "b"]));
        assert!(explained.contains(&path(&["a"])));
        assert!(explained.contains(&path(&["a", "1"])));
        assert!(explained.contains(&path(&["a", "1", "b", "c"])));
        assert!(!explained.contains(&path(&["a", "2"])));
        assert!(!explained.contains(&path(&["a", "1", "c"])));
        explained.add(&[]);
        assert!(explained.contains(&path(&["x"])));
    }
}
