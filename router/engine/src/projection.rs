//! What the response looks like, computed from the operation once: for every object type the list
//! of fields in the client's order. Made by `prepare::project`, read by `execute::project`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The shape of the whole response.
#[derive(Debug)]
pub(crate) struct Projection {
    pub(crate) root_type: Arc<str>,
    pub(crate) root: Arc<Fields>,
    /// What `@skip` and `@include` ask, by [`ConditionId`]; the first is always true.
    pub(crate) conditions: Vec<ConditionRule>,
}

/// Fields of one object type, in the order in which clients expect them.
pub(crate) type Fields = Vec<ProjectedField>;

/// A field of the response.
#[derive(Debug)]
pub(crate) struct ProjectedField {
    /// `"key":`, ready to be written.
    pub(crate) json_key: Box<[u8]>,
    /// The key in the response, for paths.
    pub(crate) key: Arc<str>,
    /// The key in the data from the subgraphs.
    pub(crate) data_key: Arc<str>,
    /// `Type.field`, for messages.
    pub(crate) coordinate: Arc<str>,
    pub(crate) source: Source,
    pub(crate) when: ConditionId,
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// From subgraphs.
    Data(Arc<Shape>),
    /// The name of the object's type.
    Typename,
    /// From the schema: already in the form of the response.
    Introspection,
}

/// The type of a value, with what is selected of it.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) non_null: bool,
    pub(crate) kind: Kind,
}

/// What a value is when it is not null.
#[derive(Debug)]
pub(crate) enum Kind {
    List(Box<Shape>),
    /// An object whose type is known.
    Object {
        type_name: Arc<str>,
        fields: Arc<Fields>,
    },
    /// An object of an interface or union: `__typename` says which.
    Abstract {
        type_name: Arc<str>,
        types: HashMap<Arc<str>, Arc<Fields>>,
    },
    Int,
    Float,
    String,
    Boolean,
    Id,
    Enum {
        type_name: Arc<str>,
        values: Arc<HashSet<String>>,
    },
    /// A scalar that only the subgraph understands.
    Custom,
}

/// An index into [`Projection::conditions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ConditionId(pub(crate) usize);

impl ConditionId {
    pub(crate) const ALWAYS: Self = Self(0);
}

/// A variable of an operation must have this value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) variable: Arc<str>,
    pub(crate) expected: bool,
}

/// True when all of `all_of` hold and none of the lists in `none_of` holds as a whole.
///
/// A key that is selected several times is written where its first active selection stands; so a
/// later selection is written only when none of the earlier ones is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct ConditionRule {
    pub(crate) all_of: Vec<Literal>,
    pub(crate) none_of: Vec<Vec<Literal>>,
}

impl ConditionRule {
    /// Whether it holds, given the values of variables.
    pub(crate) fn holds(&self, value: &impl Fn(&str) -> bool) -> bool {
        let all = |literals: &[Literal]| {
            literals
                .iter()
                .all(|literal| value(&literal.variable) == literal.expected)
        };
        all(&self.all_of) && !self.none_of.iter().any(|literals| all(literals))
    }
}
