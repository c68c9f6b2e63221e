//! Why there are nulls. The specification wants every error to lead to a null, and one error for a
//! null where none may be, not a second one beside the subgraph's own.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::error::{GraphqlError, PathSegment};

/// Paths that errors have been reported for.
#[derive(Default)]
pub(super) struct Explained {
    /// These, and all below them.
    covered: HashSet<Vec<PathSegment>>,
    /// All above those.
    above: HashSet<Vec<PathSegment>>,
}

impl Explained {
    /// Notes that nulls at `path`, below it, and on the way to it are explained.
    pub(super) fn add(&mut self, path: &[PathSegment]) {
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
        self.above.contains(path)
            || (1..=path.len())
                .filter_map(|length| path.get(..length))
                .any(|start| self.covered.contains(start))
    }
}

/// Names of fields, as subgraphs know them.
pub(super) type Keys = Arc<[Arc<str>]>;

/// Errors of whole fetches. One fetch brings fields of many objects; its error is shown at each of
/// them that is null in the response.
#[derive(Default)]
pub(super) struct Failures {
    errors: Vec<Failure>,
    /// By the object's path: an index into `errors`, and the fields that are missing.
    objects: HashMap<Vec<PathSegment>, Vec<(usize, Keys)>>,
}

struct Failure {
    error: GraphqlError,
    shown: bool,
    /// The one field that is missing, if it is one only.
    only: Option<Vec<PathSegment>>,
}

impl Failures {
    /// Notes which fields of which objects are missing because of `error`.
    pub(super) fn add(
        &mut self,
        error: GraphqlError,
        objects: impl IntoIterator<Item = (Vec<PathSegment>, Keys)>,
    ) {
        let index = self.errors.len();
        let mut fields = Vec::new();
        for (object, keys) in objects {
            if fields.len() < 2 {
                let field = |key| [&*object, &[PathSegment::Field(Arc::clone(key))]].concat();
                fields.extend(keys.iter().map(field));
            }
            self.objects.entry(object).or_default().push((index, keys));
        }
        self.errors.push(Failure {
            error,
            shown: false,
            only: fields.pop().filter(|_| fields.is_empty()),
        });
    }

    /// Notes that `keys` of an object were not even asked for: what they depend on has failed.
    pub(super) fn extend(&mut self, object: &[PathSegment], keys: &Keys) {
        if let Some(failures) = self.objects.get_mut(object)
            && let Some((index, _)) = failures.first().cloned()
        {
            failures.push((index, Arc::clone(keys)));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.errors.len()
    }

    /// Why `key` of an object is null, if a fetch has failed that should have brought it.
    pub(super) fn find(&mut self, object: &[PathSegment], key: &str) -> Option<GraphqlError> {
        let failures = self.objects.get(object)?;
        let brings = |(_, keys): &&(usize, Keys)| keys.iter().any(|found| **found == *key);
        let (index, _) = failures.iter().find(brings)?;
        let failure = self.errors.get_mut(*index)?;
        failure.shown = true;
        Some(failure.error.clone())
    }

    /// Errors that explain no null of the response; they must not get lost.
    pub(super) fn into_unshown(self) -> impl Iterator<Item = GraphqlError> {
        let unshown = self.errors.into_iter().filter(|failure| !failure.shown);
        unshown.map(|failure| GraphqlError {
            path: failure.only,
            ..failure.error
        })
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
    }
}
