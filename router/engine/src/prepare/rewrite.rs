//! The document that the planner gets to see. It differs from the client's:
//!
//! - `__schema`, `__type` and the root's `__typename` are gone: the engine answers them itself;
//! - fields of abstract types have `__typename`, so that projection knows what it looks at;
//! - aliases that are also the name of a field get another name: an alias `id` on another field
//!   would hide the key `id` that an entity fetch needs;
//! - root fields of a mutation are planned one by one, because they must run one by one.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    executable::{Field, Operation, OperationType, Selection, SelectionSet},
    name,
    schema::ExtendedType,
};

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

/// Documents to plan, in the order in which they are to run.
pub(super) fn documents(
    schema: &Schema,
    field_names: &HashSet<Name>,
    document: &ExecutableDocument,
    operation: &Operation,
) -> Vec<String> {
    let rewrite = Rewrite {
        schema,
        field_names,
        document,
    };
    let mut roots = Vec::new();
    rewrite.collect_roots(&operation.selection_set, &mut Vec::new(), &mut roots);
    if roots.is_empty() {
        return Vec::new();
    }
    let groups = match operation.operation_type {
        OperationType::Mutation => by_response_key(roots),
        OperationType::Query | OperationType::Subscription => vec![roots],
    };
    groups
        .into_iter()
        .map(|roots| rewrite.document(operation, roots))
        .collect()
}

/// A root field with the fragments around it, outermost first.
struct Root<'a> {
    field: &'a Node<Field>,
    around: Vec<Selection>,
}

fn by_response_key(roots: Vec<Root<'_>>) -> Vec<Vec<Root<'_>>> {
    let mut groups: Vec<Vec<Root<'_>>> = Vec::new();
    for root in roots {
        let key = root.field.response_key();
        let same = |group: &&mut Vec<Root<'_>>| {
            let first = group.first();
            first.is_some_and(|first| first.field.response_key() == key)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(root),
            None => groups.push(vec![root]),
        }
    }
    groups
}

struct Rewrite<'a> {
    schema: &'a Schema,
    field_names: &'a HashSet<Name>,
    document: &'a ExecutableDocument,
}

impl<'a> Rewrite<'a> {
    fn collect_roots(
        &self,
        set: &'a SelectionSet,
        around: &mut Vec<Selection>,
        roots: &mut Vec<Root<'a>>,
    ) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) if field.name.starts_with("__") => {}
                Selection::Field(field) => roots.push(Root {
                    field,
                    around: around.clone(),
                }),
                Selection::InlineFragment(fragment) => {
                    let mut empty = fragment.as_ref().clone();
                    empty.selection_set.selections.clear();
                    around.push(empty.into());
                    self.collect_roots(&fragment.selection_set, around, roots);
                    around.pop();
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    let inner = &fragment.selection_set;
                    let mut empty = inner.new_inline_fragment(Some(inner.ty.clone()));
                    empty.directives = spread.directives.clone();
                    around.push(empty.into());
                    self.collect_roots(inner, around, roots);
                    around.pop();
                }
            }
        }
    }

    fn document(&self, operation: &Operation, roots: Vec<Root<'_>>) -> String {
        let mut planned = operation.clone();
        planned.name = None;
        planned.directives.0.clear();
        planned.selection_set.selections = roots
            .into_iter()
            .map(|root| {
                let field = Selection::Field(self.field(root.field));
                root.around.into_iter().rev().fold(field, wrapped)
            })
            .collect();
        let mut document = ExecutableDocument::new();
        document.operations.insert(planned);
        for (name, fragment) in &self.document.fragments {
            let mut fragment = fragment.clone();
            let inner = &mut fragment.make_mut().selection_set;
            *inner = self.selections(inner);
            document.fragments.insert(name.clone(), fragment);
        }
        document.serialize().no_indent().to_string()
    }

    fn selections(&self, set: &SelectionSet) -> SelectionSet {
        let mut rewritten = SelectionSet::new(set.ty.clone());
        for selection in &set.selections {
            rewritten.push(match selection {
                Selection::Field(field) => Selection::Field(self.field(field)),
                Selection::InlineFragment(fragment) => {
                    let mut fragment = fragment.clone();
                    let inner = &mut fragment.make_mut().selection_set;
                    *inner = self.selections(inner);
                    Selection::InlineFragment(fragment)
                }
                Selection::FragmentSpread(_) => selection.clone(),
            });
        }
        rewritten
    }

    fn field(&self, field: &Node<Field>) -> Node<Field> {
        let mut field = field.clone();
        let key = data_key(&field, self.field_names);
        let rewritten = field.make_mut();
        if rewritten.alias.is_some() {
            rewritten.alias = Some(key);
        }
        if !rewritten.selection_set.is_empty() {
            let mut inner = self.selections(&rewritten.selection_set);
            self.add_typename(&mut inner);
            rewritten.selection_set = inner;
        }
        field
    }

    fn add_typename(&self, set: &mut SelectionSet) {
        let definition = self.schema.types.get(&set.ty);
        let is_abstract =
            definition.is_some_and(|definition| definition.is_interface() || definition.is_union());
        let plain = |field: &Node<Field>| {
            field.name == "__typename" && field.alias.is_none() && field.directives.is_empty()
        };
        if is_abstract
            && !set.fields().any(plain)
            && let Ok(typename) = set.new_field(self.schema, name!("__typename"))
        {
            set.selections.insert(0, typename.into());
        }
    }
}

fn wrapped(inner: Selection, around: Selection) -> Selection {
    match around {
        Selection::InlineFragment(mut fragment) => {
            fragment.make_mut().selection_set.push(inner);
            Selection::InlineFragment(fragment)
        }
        other => other,
    }
}
