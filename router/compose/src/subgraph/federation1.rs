//! What schemas of federation 1 mean to federation 2, as far as it depends on `@external`: such
//! schemas put it where it says nothing, and have field sets with fields that are not external.

use std::collections::BTreeSet;

use super::fieldset::{self, FieldSet, Selection};
use super::model::{Subgraph, TypeDef};

/// The fields that any subgraph has in a key, with their types.
type KeyFields = BTreeSet<(String, String)>;

/// Settles what is external in the schemas of federation 1, and takes out what that leaves without
/// use. All subgraphs must be there, since an extension without a key has that of the others.
pub(super) fn settle(subgraphs: &mut [Subgraph]) {
    if !subgraphs.iter().any(|subgraph| subgraph.federation1) {
        return;
    }
    let keys: KeyFields = subgraphs.iter().flat_map(key_fields).collect();
    for subgraph in subgraphs.iter_mut().filter(|one| one.federation1) {
        take_over_keys(subgraph, &keys);
        shorten_field_sets(subgraph);
        for fields in subgraph.types.values_mut().filter_map(TypeDef::fields_mut) {
            fields.retain(|_, field| !field.external || field.used || field.provided);
        }
    }
}

fn key_fields(subgraph: &Subgraph) -> impl Iterator<Item = (String, String)> {
    let types = subgraph.types.values();
    types.flat_map(|ty| {
        let fields = ty.fields().into_iter().flat_map(|fields| fields.values());
        let fields = fields.filter(|field| field.in_key);
        fields.map(|field| (ty.name.clone(), field.name.clone()))
    })
}

/// In an extension without key, `@external` on a key field of another subgraph says nothing.
fn take_over_keys(subgraph: &mut Subgraph, keys: &KeyFields) {
    let extensions = subgraph.types.values_mut();
    for ty in extensions.filter(|ty| ty.extension && ty.keys.is_empty()) {
        let name = ty.name.clone();
        for (field_name, field) in ty.fields_mut().into_iter().flatten() {
            if field.external && keys.contains(&(name.clone(), field_name.clone())) {
                field.external = false;
                field.provided = false;
            }
        }
    }
}

/// Takes fields that the subgraph has itself out of `@requires` and `@provides`.
fn shorten_field_sets(subgraph: &mut Subgraph) {
    let mut shortened = Vec::new();
    for ty in subgraph.types.values() {
        for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
            let target = subgraph.ty(field.ty.inner_named_type());
            let requires = field.requires.as_ref().map(|set| short(subgraph, ty, set));
            let provides = field.provides.as_ref().zip(target);
            let provides = provides.map(|(set, target)| short(subgraph, target, set));
            if requires.is_some() || provides.is_some() {
                shortened.push((ty.name.clone(), field.name.clone(), requires, provides));
            }
        }
    }
    for (ty, name, requires, provides) in shortened {
        let fields = subgraph.types.get_mut(&ty).and_then(TypeDef::fields_mut);
        if let Some(field) = fields.and_then(|fields| fields.get_mut(&name)) {
            field.requires = requires.flatten();
            field.provides = provides.flatten();
        }
    }
}

fn short(subgraph: &Subgraph, ty: &TypeDef, set: &FieldSet) -> Option<FieldSet> {
    let selections = only_external(subgraph, ty, &set.selections, false);
    (!selections.is_empty()).then(|| FieldSet::new(selections, set.place))
}

/// What is left of selections when leaves go that are not external, and are not below what is.
fn only_external(
    subgraph: &Subgraph,
    parent: &TypeDef,
    selections: &[Selection],
    external: bool,
) -> Vec<Selection> {
    let mut left = Vec::new();
    for selection in selections {
        match selection {
            Selection::Field {
                name,
                arguments,
                selections,
            } => {
                let field = parent.field(name);
                let external = external
                    || field.is_some_and(|field| fieldset::is_external(subgraph, parent, field));
                let target = field.and_then(|field| subgraph.ty(field.ty.inner_named_type()));
                let below = target.map_or_else(Vec::new, |target| {
                    only_external(subgraph, target, selections, external)
                });
                if !below.is_empty() || (selections.is_empty() && external) {
                    left.push(Selection::Field {
                        name: name.clone(),
                        arguments: arguments.clone(),
                        selections: below,
                    });
                }
            }
            Selection::On {
                condition,
                selections,
            } => {
                let target = match condition {
                    Some(condition) => subgraph.ty(condition),
                    None => Some(parent),
                };
                let below = target.map_or_else(Vec::new, |target| {
                    only_external(subgraph, target, selections, external)
                });
                if !below.is_empty() {
                    left.push(Selection::On {
                        condition: condition.clone(),
                        selections: below,
                    });
                }
            }
        }
    }
    left
}
