//! Progressive `@override`: a field with a label is asked of its new subgraph for some requests, of its old one
//! for the others.
//!
//! Which labels are active is decided once per request, by one number that is drawn at random. So a label that is
//! active for few requests is active for them together with all that are active for more, and n labels make
//! n + 1 plans of an operation at most, not 2^n.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use apollo_compiler::{
    ExecutableDocument, Name, Schema, ast::Directive, collections::IndexMap, executable::Operation,
    schema::ExtendedType,
};

/// A percent in parts: labels have eight digits after the point at most.
const PARTS: u32 = 100_000_000;

/// The labels of a supergraph.
#[derive(Debug, Default)]
pub(crate) struct Labels(IndexMap<String, Label>);

/// What moves with a label.
#[derive(Debug, Default)]
struct Label {
    /// Names of fields.
    fields: HashSet<Name>,
    /// Whether one of them is in a key or a requirement: such a field is fetched for clients that do not name it.
    is_implied: bool,
}

/// What was drawn for one request: how many of all requests, in parts of a percent, come before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new() -> Self {
        Self(rand::random_range(0..100 * u64::from(PARTS)))
    }

    /// For the planner, which decides by itself about labels such as `percent(5)`: active where this is below.
    pub(crate) fn parts(self) -> u64 {
        self.0
    }

    /// Whether a label is active. `percent(5)` is for 5 % of requests; any other for as many as `shares` says, in
    /// percent, else for none.
    pub(crate) fn activates(self, label: &str, shares: &BTreeMap<String, f64>) -> bool {
        let share = own_share(label).or_else(|| shares.get(label).copied());
        self.0 < parts(share.unwrap_or(0.0))
    }
}

/// The share that a label itself says, in percent of requests: 5 for `percent(5)`, `None` for a name. As the planner
/// reads it.
#[must_use]
pub fn own_share(label: &str) -> Option<f64> {
    let percent = label.strip_prefix("percent(")?;
    percent.strip_suffix(')')?.parse().ok()
}

/// As the planner computes it: a plan that is kept for a label must be what the planner makes for it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 100 % it fits, and beyond it is cut off"
)]
fn parts(percent: f64) -> u64 {
    (percent * f64::from(PARTS)) as u64
}

impl Labels {
    pub(super) fn of(schema: &Schema) -> Self {
        let mut labels: IndexMap<String, Label> = IndexMap::default();
        let mut implied = HashSet::new();
        for definition in schema.types.values() {
            let fields = match definition {
                ExtendedType::Object(object) => &object.fields,
                ExtendedType::Interface(interface) => &interface.fields,
                _ => continue,
            };
            for join in definition.directives().get_all("join__type") {
                implied.extend(names(join, "key"));
            }
            for field in fields.values() {
                for join in field.directives.get_all("join__field") {
                    implied.extend(names(join, "requires"));
                    implied.extend(names(join, "provides"));
                    if let Some(label) = text(join, "overrideLabel") {
                        let label = labels.entry(label.to_owned()).or_default();
                        label.fields.insert(field.name.clone());
                    }
                }
            }
        }
        for label in labels.values_mut() {
            let mut fields = label.fields.iter();
            label.is_implied = fields.any(|field| implied.contains(field.as_str()));
        }
        Self(labels)
    }

    /// Whether a field moves with this label.
    pub(crate) fn contains(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }

    /// The labels on which a plan of this operation may depend. Fields are compared by name only: one label too
    /// many costs a plan, one too few would mix up plans.
    pub(crate) fn of_operation(
        &self,
        operation: &Operation,
        document: &ExecutableDocument,
    ) -> Vec<Arc<str>> {
        let fields: HashSet<&Name> = match self.0.is_empty() {
            true => HashSet::new(),
            false => operation
                .all_fields(document)
                .map(|field| &field.name)
                .collect(),
        };
        let concerns = |label: &Label| {
            label.is_implied || label.fields.iter().any(|field| fields.contains(field))
        };
        let concerning = self.0.iter().filter(|(_, label)| concerns(label));
        concerning.map(|(name, _)| name.as_str().into()).collect()
    }

    /// The labels that are active for a request.
    pub(crate) fn active(&self, draw: Draw, shares: &BTreeMap<String, f64>) -> HashSet<String> {
        let names = self.0.keys();
        names
            .filter(|label| draw.activates(label, shares))
            .cloned()
            .collect()
    }
}

fn text<'a>(directive: &'a Directive, argument: &str) -> Option<&'a str> {
    directive.specified_argument_by_name(argument)?.as_str()
}

/// The names in a set of fields.
fn names<'a>(directive: &'a Directive, argument: &str) -> impl Iterator<Item = &'a str> {
    let text = text(directive, argument).unwrap_or_default();
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(draw: u64, label: &str, shares: &[(&str, f64)]) -> bool {
        let shares = shares
            .iter()
            .map(|&(label, share)| (label.to_owned(), share));
        Draw(draw).activates(label, &shares.collect())
    }

    #[test]
    fn a_share_is_reached_exactly() {
        let last = 100 * u64::from(PARTS) - 1;
        assert!(active(last, "percent(100)", &[]));
        assert!(!active(0, "percent(0)", &[]));
        for (draw, is_active) in [(1_249_999_999, true), (1_250_000_000, false)] {
            assert_eq!(active(draw, "percent(12.5)", &[]), is_active);
            assert_eq!(active(draw, "move", &[("move", 12.5)]), is_active);
        }
        // Eight digits after the point.
        assert!(active(0, "percent(0.00000001)", &[]));
        assert!(!active(1, "percent(0.00000001)", &[]));
    }

    #[test]
    fn a_label_without_a_share_is_never_active() {
        assert!(!active(0, "move", &[("other", 100.0)]));
        assert!(!active(0, "move", &[("move", f64::NAN)]));
        // Its own percentage stands.
        assert!(!active(0, "percent(0)", &[("percent(0)", 100.0)]));
    }

    #[test]
    fn whatever_is_drawn_is_a_request_of_a_hundred_percent() {
        for _ in 0..1_000 {
            assert!(Draw::new().0 < 100 * u64::from(PARTS));
        }
    }
}
