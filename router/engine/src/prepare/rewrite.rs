//! The document that the planner gets to see. It differs from the client's:
//!
//! - `@skip` and `@include` are decided: a plan is made for certain values of their variables;
//! - fragments are written out, and selections of one field are merged;
//! - `__schema`, `__type` and the root's `__typename` are gone: the engine answers them itself;
//! - fields of abstract types have `__typename`, so that projection knows what it looks at;
//! - aliases that are also the name of a field get another name: an alias `id` on another field
//!   would hide the key `id` that an entity fetch needs;
//! - root fields of a mutation are planned one by one, because they must run one by one.
//!
//! The planner could do some of this itself, and does it wrong: `README.md` lists what was found.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::Value,
    executable::{DirectiveList, Field, Operation, OperationType, Selection, SelectionSet},
    name,
    schema::ExtendedType,
};
use indexmap::IndexMap;

/// Before the name of an alias that had to be changed. No composed field begins so by accident.
pub(crate) const RENAMED: &str = "_as_";

/// The key under which subgraphs answer a field.
pub(crate) fn data_key(field: &Field, field_names: &HashSet<Name>) -> Name {
    match &field.alias {
        Some(alias) if *alias != field.name && field_names.contains(alias) => {
            Name::new_unchecked(&format!("{RENAMED}{alias}"))
        }
        _ => field.response_key().clone(),
    }
}

/// Names of all fields of a schema.
pub(crate) fn field_names(schema: &Schema) -> HashSet<Name> {
    let mut names = HashSet::new();
    for definition in schema.types.values() {
        match definition {
            ExtendedType::Object(object) => names.extend(object.fields.keys().cloned()),
            ExtendedType::Interface(interface) => names.extend(interface.fields.keys().cloned()),
            _ => {}
        }
    }
    names
}

/// Documents to plan, in the order in which they are to run. `is_true` gives the values of variables
/// in conditions.
pub(super) fn documents(
    schema: &Schema,
    field_names: &HashSet<Name>,
    document: &ExecutableDocument,
    operation: &Operation,
    is_true: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let rewrite = Rewrite {
        schema,
        field_names,
        document,
        is_true,
    };
    let root = rewrite.selections(operation.object_type(), &[&operation.selection_set]);
    let fields = root.selections.into_iter().filter(|selection| {
        let field = selection.as_field();
        field.is_some_and(|field| !field.name.starts_with("__"))
    });
    let groups: Vec<Vec<Selection>> = match operation.operation_type {
        OperationType::Mutation => fields.map(|field| vec![field]).collect(),
        OperationType::Query | OperationType::Subscription => vec![fields.collect()],
    };
    groups
        .into_iter()
        .filter(|fields| !fields.is_empty())
        .map(|fields| {
            let mut planned = operation.clone();
            planned.name = None;
            planned.directives.0.clear();
            planned.selection_set.selections = fields;
            planned.serialize().no_indent().to_string()
        })
        .collect()
}

struct Rewrite<'a> {
    schema: &'a Schema,
    field_names: &'a HashSet<Name>,
    document: &'a ExecutableDocument,
    is_true: &'a dyn Fn(&str) -> bool,
}

/// Active selections of one object, merged.
#[derive(Default)]
struct Merged<'a> {
    /// By the key in the data: one field, and all that is selected of it.
    fields: IndexMap<Name, (&'a Node<Field>, Vec<&'a SelectionSet>)>,
    /// By type: selections that apply to some objects only.
    fragments: IndexMap<&'a Name, Vec<&'a SelectionSet>>,
}

impl<'a> Rewrite<'a> {
    fn selections(&self, parent: &Name, sets: &[&'a SelectionSet]) -> SelectionSet {
        let mut merged = Merged::default();
        for set in sets {
            self.merge(parent, set, &mut merged);
        }
        let mut rewritten = SelectionSet::new(parent.clone());
        for (key, (field, sets)) in merged.fields {
            rewritten.push(self.field(key, field, &sets));
        }
        for (condition, sets) in merged.fragments {
            let mut fragment = rewritten.new_inline_fragment(Some(condition.clone()));
            fragment.selection_set = self.selections(condition, &sets);
            if !fragment.selection_set.is_empty() {
                rewritten.push(fragment);
            }
        }
        rewritten
    }

    fn merge(&self, parent: &Name, set: &'a SelectionSet, merged: &mut Merged<'a>) {
        for selection in &set.selections {
            if !self.is_active(selection.directives()) {
                continue;
            }
            let (condition, inner) = match selection {
                Selection::Field(field) => {
                    let key = data_key(field, self.field_names);
                    let (_, sets) = merged.fields.entry(key).or_insert((field, Vec::new()));
                    sets.push(&field.selection_set);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.type_condition.as_ref(), &fragment.selection_set)
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    (Some(fragment.type_condition()), &fragment.selection_set)
                }
            };
            match condition {
                Some(condition) if !self.always_applies(condition, parent) => {
                    merged.fragments.entry(condition).or_default().push(inner);
                }
                _ => self.merge(parent, inner, merged),
            }
        }
    }

    fn always_applies(&self, condition: &Name, parent: &Name) -> bool {
        condition == parent || self.schema.is_subtype(condition, parent)
    }

    fn is_active(&self, directives: &DirectiveList) -> bool {
        let condition = |name: &str| {
            let directive = directives.get(name)?;
            match directive.specified_argument_by_name("if")?.as_ref() {
                Value::Boolean(value) => Some(*value),
                Value::Variable(variable) => Some((self.is_true)(variable.as_str())),
                _ => None,
            }
        };
        condition("skip") != Some(true) && condition("include") != Some(false)
    }

    fn field(&self, key: Name, field: &Node<Field>, sets: &[&'a SelectionSet]) -> Node<Field> {
        let mut rewritten = field.as_ref().clone();
        rewritten.directives.0.clear();
        rewritten.alias = (key != rewritten.name).then_some(key);
        if !field.selection_set.is_empty() {
            let inner = &field.selection_set.ty;
            rewritten.selection_set = self.selections(inner, sets);
            self.add_typename(&mut rewritten.selection_set);
        }
        Node::new(rewritten)
    }

    /// Adds `__typename` where projection needs it, and where nothing else is left.
    fn add_typename(&self, set: &mut SelectionSet) {
        let is_abstract = self
            .schema
            .types
            .get(&set.ty)
            .is_some_and(|definition| definition.is_interface() || definition.is_union());
        let is_typename = |field: &Node<Field>| field.name == "__typename" && field.alias.is_none();
        if (set.is_empty() || is_abstract && !set.fields().any(is_typename))
            && let Ok(typename) = set.new_field(self.schema, name!("__typename"))
        {
            set.selections.insert(0, typename.into());
        }
    }
}
