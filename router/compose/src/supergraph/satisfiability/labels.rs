//! Which labels of `@override` still matter below a type.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{Labels, Reach};
use crate::supergraph::model::{MergedBody, MergedType};

/// From a type to the labels of all fields that a query can come by from there.
#[derive(Default)]
pub(super) struct LabelUses<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> LabelUses<'a> {
    pub(super) fn new(reach: &Reach<'a>) -> Self {
        let types = &reach.supergraph.types;
        let mut uses: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        for ty in types.values() {
            let own: BTreeSet<&str> = own_labels(ty).collect();
            if !own.is_empty() {
                uses.insert(&ty.name, own);
            }
        }
        let mut is_changed = !uses.is_empty();
        while is_changed {
            is_changed = false;
            for ty in types.values() {
                let below = below(reach, ty).filter_map(|target| uses.get(target));
                let below: BTreeSet<&str> = below.flatten().copied().collect();
                let known = uses.get(ty.name.as_str());
                if !below.is_empty() && !known.is_some_and(|known| known.is_superset(&below)) {
                    uses.entry(&ty.name).or_default().extend(below);
                    is_changed = true;
                }
            }
        }
        Self(uses)
    }

    /// The assumptions that matter at an object of a type.
    pub(super) fn keep(&self, ty: &str, mut labels: Labels<'a>) -> Labels<'a> {
        let used = self.0.get(ty);
        labels.retain(|label, _| used.is_some_and(|used| used.contains(label)));
        labels
    }
}

fn own_labels(ty: &MergedType) -> impl Iterator<Item = &str> {
    let fields = ty.fields().into_iter().flat_map(|fields| fields.values());
    let labels = fields.flat_map(|field| field.labels.values());
    labels.map(|(label, _)| label.as_str())
}

/// The types that a query can go on to from a type, or narrow it to. Interface objects have fields
/// that their implementations do not name, so interfaces count as a way too.
fn below<'a>(reach: &Reach<'a>, ty: &'a MergedType) -> impl Iterator<Item = &'a str> {
    let fields = ty.fields().into_iter().flat_map(|fields| fields.values());
    let targets = fields.map(|field| field.ty.inner_named_type().as_str());
    let narrower = reach.merged_implementations.get(ty.name.as_str());
    let members = match &ty.body {
        MergedBody::Union(members) => Some(members.keys()),
        _ => None,
    };
    let interfaces = ty.implements.keys().map(String::as_str);
    targets
        .chain(narrower.into_iter().flatten().copied())
        .chain(members.into_iter().flatten().map(String::as_str))
        .chain(interfaces.collect::<Vec<_>>())
        .collect::<Vec<_>>()
        .into_iter()
}
