//! What an element's directives say to routers and other tools: who may see it, what it costs, how
//! it is cached, and whatever `@composeDirective` keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use apollo_compiler::Node;
use apollo_compiler::ast::{Directive, DirectiveDefinition, Value};

/// Alternatives of which one must hold; each is a set of names that must all hold.
pub(crate) type Conditions = BTreeSet<BTreeSet<String>>;

/// Who may see an element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) authenticated: bool,
    /// `@requiresScopes`.
    pub(crate) scopes: Option<Conditions>,
    /// `@policy`.
    pub(crate) policies: Option<Conditions>,
}

/// `@listSize`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ListSize {
    pub(crate) assumed_size: Option<i32>,
    pub(crate) slicing_arguments: Option<Vec<String>>,
    pub(crate) sized_fields: Option<Vec<String>>,
    pub(crate) require_one_slicing_argument: Option<bool>,
}

/// A directive that `@composeDirective` keeps, as it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Application {
    pub(crate) name: String,
    /// From the argument's name to its value in GraphQL syntax, in the order of the definition.
    pub(crate) arguments: Vec<(String, String)>,
}

impl Access {
    /// Whether nothing is asked for.
    pub(crate) fn is_open(&self) -> bool {
        !self.authenticated && self.scopes.is_none() && self.policies.is_none()
    }

    /// What must hold for both to hold.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            authenticated: self.authenticated || other.authenticated,
            scopes: and(self.scopes.as_ref(), other.scopes.as_ref()),
            policies: and(self.policies.as_ref(), other.policies.as_ref()),
        }
    }

    /// Whether whoever may see this may see the other as well.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        (self.authenticated || !other.authenticated)
            && implies(self.scopes.as_ref(), other.scopes.as_ref())
            && implies(self.policies.as_ref(), other.policies.as_ref())
    }
}

/// Every alternative of one with every alternative of the other, without those that only ask for
/// more than another one does.
fn and(left: Option<&Conditions>, right: Option<&Conditions>) -> Option<Conditions> {
    let (Some(left), Some(right)) = (left, right) else {
        return left.or(right).cloned();
    };
    let mut all = Conditions::new();
    for one in left {
        for other in right {
            all.insert(one.union(other).cloned().collect());
        }
    }
    let is_weakest = |set: &&BTreeSet<String>| {
        let weaker = |other: &BTreeSet<String>| other.len() < set.len() && other.is_subset(set);
        !all.iter().any(weaker)
    };
    Some(all.iter().filter(is_weakest).cloned().collect())
}

fn implies(given: Option<&Conditions>, wanted: Option<&Conditions>) -> bool {
    let Some(wanted) = wanted else { return true };
    let Some(given) = given else { return false };
    given
        .iter()
        .all(|set| wanted.iter().any(|other| other.is_subset(set)))
}

impl Application {
    /// Reads an application; its definition gives the order of the arguments.
    pub(crate) fn read(directive: &Directive, definition: &DirectiveDefinition) -> Self {
        let given = |name: &str| {
            let value = directive.specified_argument_by_name(name)?;
            Some((name.to_owned(), value.serialize().no_indent().to_string()))
        };
        let names = definition.arguments.iter();
        Self {
            name: directive.name.to_string(),
            arguments: names.filter_map(|argument| given(&argument.name)).collect(),
        }
    }
}

impl fmt::Display for Application {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "@{}", self.name)?;
        for (index, (name, value)) in self.arguments.iter().enumerate() {
            let before = if index == 0 { "(" } else { ", " };
            write!(formatter, "{before}{name}: {value}")?;
        }
        if self.arguments.is_empty() {
            return Ok(());
        }
        formatter.write_str(")")
    }
}

/// A list of lists of names, as `@requiresScopes` and `@policy` have it; a single name stands for a
/// list of it.
pub(crate) fn conditions(directive: &Node<Directive>, argument: &str) -> Option<Conditions> {
    let value = directive.specified_argument_by_name(argument)?;
    Some(items(value).map(|set| strings(set).collect()).collect())
}

/// The items of a list, or a single value as the only one.
fn items(value: &Node<Value>) -> impl Iterator<Item = &Node<Value>> {
    value
        .as_list()
        .unwrap_or(std::slice::from_ref(value))
        .iter()
}

fn strings(value: &Node<Value>) -> impl Iterator<Item = String> {
    // What is no string stays a condition that nobody meets: the scalar's definition allows anything.
    let text = |item: &Node<Value>| item.serialize().no_indent().to_string();
    items(value).map(move |item| item.as_str().map_or_else(|| text(item), str::to_owned))
}

/// Reads `@listSize`.
pub(crate) fn list_size(directive: &Node<Directive>) -> ListSize {
    let given = |name: &str| {
        let value = directive.specified_argument_by_name(name);
        value.filter(|value| !value.is_null())
    };
    let names = |name: &str| given(name).map(|value| strings(value).collect());
    ListSize {
        assumed_size: given("assumedSize").and_then(|value| value.to_i32()),
        slicing_arguments: names("slicingArguments"),
        sized_fields: names("sizedFields"),
        require_one_slicing_argument: given("requireOneSlicingArgument")
            .and_then(|value| value.to_bool()),
    }
}

/// The formats of `@cacheTag` with the subgraphs, by index, that say so; a subgraph's own schema
/// has none there.
pub(crate) type CacheTags = BTreeMap<String, BTreeSet<usize>>;

#[cfg(test)]
mod tests {
    use super::{Access, Conditions};

    fn scopes(alternatives: &[&[&str]]) -> Access {
        let set = |names: &&[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Access {
            scopes: Some(alternatives.iter().map(set).collect::<Conditions>()),
            ..Access::default()
        }
    }

    #[test]
    fn both_conditions_are_the_product_of_the_alternatives() {
        let both = scopes(&[&["a"], &["b"]]).and(&scopes(&[&["c"]]));
        assert_eq!(both, scopes(&[&["a", "c"], &["b", "c"]]));
    }

    #[test]
    fn an_alternative_that_asks_for_more_than_another_goes() {
        let both = scopes(&[&["a"], &["b"]]).and(&scopes(&[&["a"]]));
        assert_eq!(both, scopes(&[&["a"]]));
    }

    #[test]
    fn no_condition_changes_nothing() {
        let one = scopes(&[&["a"]]);
        assert_eq!(one.and(&Access::default()), one);
        assert_eq!(Access::default().and(&one), one);
    }

    #[test]
    fn stricter_conditions_imply_weaker_ones_only() {
        let (strict, weak) = (scopes(&[&["a", "b"]]), scopes(&[&["a"], &["c"]]));
        assert!(strict.implies(&weak));
        assert!(!weak.implies(&strict));
        assert!(weak.implies(&Access::default()));
        assert!(!Access::default().implies(&weak));
    }
}
