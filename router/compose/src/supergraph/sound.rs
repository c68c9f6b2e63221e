//! Whether a merged schema is surely valid GraphQL, without printing and reading it again.
//!
//! Every subgraph was valid by itself, so only what merging can break is looked at. On any doubt the
//! answer is no, and the library judges the printed schema: it also says what is wrong. In debug
//! builds, so in all tests, the library is asked in any case.

use apollo_compiler::ast::{Type, Value};
use apollo_compiler::collections::{HashMap, HashSet, IndexMap};

use super::model::{MergedBody, MergedField, MergedInput, MergedType, Supergraph};
use crate::subgraph::model::{Kind, Notes, is_built_in_scalar};

/// Half of what the library follows.
const MAX_INPUT_DEPTH: usize = 16;

/// The part of a supergraph that is printed.
struct Shown<'a> {
    types: HashMap<&'a str, &'a MergedType>,
    /// The API schema, without what is inaccessible.
    api: bool,
}

/// Whether the library would surely find nothing wrong with what is printed for routers, or with the
/// API schema.
pub(crate) fn is_sound(supergraph: &Supergraph, api: bool) -> bool {
    // Directives of the subgraphs' own have definitions that merging may change, and renamed ones
    // may be called as another is.
    let is_plain = supergraph.directives.is_empty()
        && supergraph.composed.is_empty()
        && supergraph.names.is_empty();
    let types = supergraph.types.iter();
    let types = types.filter(|(_, ty)| !(api && ty.notes.inaccessible));
    let shown = Shown {
        types: types.map(|(name, ty)| (name.as_str(), ty)).collect(),
        api,
    };
    let roots = ["Query", "Mutation", "Subscription"];
    let roots = roots.map(|root| shown.types.get(root).map(|ty| ty.kind()));
    is_plain
        && matches!(roots, [Some(Kind::Object), ..])
        && roots.iter().flatten().all(|kind| *kind == Kind::Object)
        && shown.types.values().all(|ty| shown.is_sound(ty))
        && shown.are_inputs_finite()
}

impl Shown<'_> {
    fn has(&self, notes: &Notes) -> bool {
        !(self.api && notes.inaccessible)
    }

    /// Whether all members that are printed are sound, and there are any.
    fn all<'m, T: 'm>(
        &self,
        members: impl Iterator<Item = &'m T>,
        notes: impl Fn(&T) -> &Notes,
        is_sound: impl Fn(&T) -> bool,
    ) -> bool {
        let mut shown = members.filter(|one| self.has(notes(one))).peekable();
        shown.peek().is_some() && shown.all(is_sound)
    }

    fn is_sound(&self, ty: &MergedType) -> bool {
        // Names of specifications, or of what is built in.
        if ty.name.contains("__") || is_built_in_scalar(&ty.name) {
            return false;
        }
        if !ty.contexts.is_empty() {
            return false;
        }
        match &ty.body {
            MergedBody::Scalar => true,
            MergedBody::Object(fields) => self.are_sound_fields(ty, fields),
            // An interface may have been an object, on which more directives are allowed.
            MergedBody::Interface(fields) => {
                ty.notes.cost.is_none() && self.are_sound_fields(ty, fields)
            }
            MergedBody::Union(members) => {
                let is_shown = |name: &&String| !self.api || self.types.contains_key(name.as_str());
                let mut members = members.keys().filter(is_shown).peekable();
                members.peek().is_some()
                    && members.all(|name| self.kind(name) == Some(Kind::Object))
            }
            MergedBody::Enum(values) => self.all(values.values(), |value| &value.notes, |_| true),
            MergedBody::Input(fields) => self.all(
                fields.values(),
                |field| &field.notes,
                |field| self.is_sound_input(field),
            ),
        }
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        self.types.get(name).map(|ty| ty.kind())
    }

    fn are_sound_fields(&self, ty: &MergedType, fields: &IndexMap<String, MergedField>) -> bool {
        let is_sound = |field: &MergedField| {
            let name = field.ty.inner_named_type().as_str();
            let is_output = match self.kind(name) {
                Some(kind) => kind != Kind::Input,
                None => is_built_in_scalar(name),
            };
            let arguments = field.arguments.values();
            let mut arguments = arguments.filter(|argument| self.has(&argument.notes));
            is_output && arguments.all(|argument| self.is_sound_input(argument))
        };
        self.all(fields.values(), |field| &field.notes, is_sound)
            && ty
                .implements
                .keys()
                .filter(|interface| !self.api || self.types.contains_key(interface.as_str()))
                .all(|interface| self.implements(ty, fields, interface))
    }

    /// Whether a type has all that an interface asks for.
    fn implements(
        &self,
        ty: &MergedType,
        fields: &IndexMap<String, MergedField>,
        interface: &str,
    ) -> bool {
        let Some(interface) = self.types.get(interface) else {
            return false;
        };
        let MergedBody::Interface(wanted) = &interface.body else {
            return false;
        };
        let mut further = interface.implements.keys();
        let mut wanted = wanted.iter().filter(|(_, field)| self.has(&field.notes));
        further.all(|further| ty.implements.contains_key(further))
            && wanted.all(|(name, wanted)| {
                let field = fields.get(name).filter(|field| self.has(&field.notes));
                field.is_some_and(|field| self.has_shape_of(field, wanted))
            })
    }

    /// Whether a field can be asked for as the field of an interface can.
    fn has_shape_of(&self, field: &MergedField, wanted: &MergedField) -> bool {
        let is_shown = |argument: &&MergedInput| self.has(&argument.notes);
        let has_asked = wanted.arguments.iter().all(|(name, wanted)| {
            let own = field.arguments.get(name).filter(is_shown);
            !is_shown(&wanted) || own.is_some_and(|own| own.ty == wanted.ty)
        });
        let own = field.arguments.iter();
        let mut required = own.filter(|(_, own)| own.is_required() && is_shown(own));
        self.is_subtype(&field.ty, &wanted.ty)
            && has_asked
            && required
                .all(|(name, _)| wanted.arguments.get(name).is_some_and(|one| is_shown(&one)))
    }

    fn is_subtype(&self, sub: &Type, sup: &Type) -> bool {
        match (sub, sup) {
            (Type::NonNullNamed(sub), Type::Named(sup) | Type::NonNullNamed(sup))
            | (Type::Named(sub), Type::Named(sup)) => sub == sup || self.is_below(sub, sup),
            (Type::NonNullList(sub), Type::List(sup) | Type::NonNullList(sup))
            | (Type::List(sub), Type::List(sup)) => self.is_subtype(sub, sup),
            _ => false,
        }
    }

    fn is_below(&self, sub: &str, sup: &str) -> bool {
        let (Some(sub), Some(sup)) = (self.types.get(sub), self.types.get(sup)) else {
            return false;
        };
        match &sup.body {
            MergedBody::Union(members) => members.contains_key(&sub.name),
            _ => sub.implements.contains_key(&sup.name),
        }
    }

    /// Whether no input type needs a value of its own type within itself, in few steps.
    fn are_inputs_finite(&self) -> bool {
        let mut finite: HashSet<&str> = HashSet::default();
        let mut open: Vec<_> = self.types.iter().collect();
        open.retain(|(_, ty)| ty.kind() == Kind::Input);
        for _ in 0..MAX_INPUT_DEPTH {
            let is_open = |name| self.kind(name) == Some(Kind::Input) && !finite.contains(name);
            let (still, done): (Vec<_>, Vec<_>) = open
                .into_iter()
                .partition(|(_, ty)| needed(ty).any(is_open));
            finite.extend(done.into_iter().map(|(name, _)| *name));
            open = still;
        }
        open.is_empty()
    }

    fn is_sound_input(&self, input: &MergedInput) -> bool {
        let name = input.ty.inner_named_type().as_str();
        let ty = self.types.get(name).copied();
        let is_input = match ty {
            Some(ty) => matches!(ty.kind(), Kind::Scalar | Kind::Enum | Kind::Input),
            None => is_built_in_scalar(name),
        };
        let default = input.default.as_ref();
        is_input && default.is_none_or(|value| self.is_sure_value((name, ty), &input.ty, value))
    }

    /// Whether a value is surely one of a type. Input objects are left to the library.
    fn is_sure_value(&self, named: (&str, Option<&MergedType>), ty: &Type, value: &Value) -> bool {
        if value.is_null() {
            return !ty.is_non_null();
        }
        if let Value::List(items) = value {
            let item = ty.item_type();
            let mut items = items.iter();
            return ty.is_list() && items.all(|one| self.is_sure_value(named, item, one));
        }
        match (named, value) {
            (("Int", _), Value::Int(number)) => number.try_to_i32().is_ok(),
            (("Float", _), Value::Float(_) | Value::Int(_))
            | (("String" | "ID", _), Value::String(_))
            | (("Boolean", _), Value::Boolean(_)) => true,
            ((_, Some(ty)), Value::Enum(value)) => match &ty.body {
                MergedBody::Enum(values) => values
                    .get(value.as_str())
                    .is_some_and(|value| self.has(&value.notes)),
                _ => false,
            },
            _ => false,
        }
    }
}

/// The types without which there is no value of an input type.
fn needed(ty: &MergedType) -> impl Iterator<Item = &str> {
    let fields = match &ty.body {
        MergedBody::Input(fields) => Some(fields),
        _ => None,
    };
    let fields = fields.into_iter().flat_map(|fields| fields.values());
    fields.filter_map(|field| match &field.ty {
        Type::NonNullNamed(name) => Some(name.as_str()),
        _ => None,
    })
}
