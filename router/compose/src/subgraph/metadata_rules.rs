//! Where access control, `@cost` and `@listSize` may stand, and what they may say.

use apollo_compiler::ast::Type;

use super::metadata::ListSize;
use super::model::{Field, Kind, Notes, Subgraph, TypeDef};
use crate::code;
use crate::diagnostic::{Place, Report};

/// Checks one type with its fields.
pub(super) fn check(subgraph: &Subgraph, ty: &TypeDef, report: &mut Report) {
    let mut rules = Rules { subgraph, report };
    let is_interface = ty.kind() == Kind::Interface;
    if is_interface || ty.interface_object {
        rules.access_on_interface(&ty.name, &ty.notes, ty.place);
    }
    for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
        let coordinate = format!("{}.{}", ty.name, field.name);
        if is_interface {
            rules.access_on_interface(&coordinate, &field.notes, field.place);
            rules.cost_on_interface(&coordinate, field);
        }
        if let Some(list_size) = &field.notes.list_size {
            rules.list_size(&coordinate, field, list_size);
        }
    }
}

struct Rules<'a> {
    subgraph: &'a Subgraph,
    report: &'a mut Report,
}

impl Rules<'_> {
    fn error(&mut self, code: &'static str, place: Place, message: String) {
        let at = vec![self.subgraph.at(place)];
        self.report.error(code, message, at);
    }

    /// Values are always of object types, and these say who may see them; fields that an interface
    /// object resolves say it themselves.
    fn access_on_interface(&mut self, coordinate: &str, notes: &Notes, place: Place) {
        if notes.access.is_open() {
            return;
        }
        let message = format!(
            "`{coordinate}` has `@authenticated`, `@requiresScopes` or `@policy`, which an \
             interface or a field of one must not have. Put it on the object types that implement \
             the interface, or on their fields: the interface gets it from them."
        );
        self.error(code::AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE, place, message);
    }

    fn cost_on_interface(&mut self, coordinate: &str, field: &Field) {
        if field.notes.cost.is_none() {
            return;
        }
        let message = format!(
            "`{coordinate}` of an interface has `@cost`. Put it on the fields of the object types \
             that implement the interface."
        );
        self.error(code::COST_APPLIED_TO_INTERFACE_FIELD, field.place, message);
    }

    fn list_size(&mut self, coordinate: &str, field: &Field, list_size: &ListSize) {
        let sized_fields = list_size.sized_fields.as_deref().unwrap_or_default();
        if sized_fields.is_empty() {
            if !field.ty.is_list() {
                let message = format!(
                    "`{coordinate}` has `@listSize` but is no list. Remove the directive, or name \
                     the lists in its type by `sizedFields`."
                );
                self.error(code::LIST_SIZE_APPLIED_TO_NON_LIST, field.place, message);
            }
        } else {
            self.sized_fields(coordinate, field, sized_fields);
        }
        if let Some(size) = list_size.assumed_size
            && size < 0
        {
            let message = format!(
                "`@listSize` of `{coordinate}` assumes {size} items. Write a number that is not \
                 negative."
            );
            self.error(code::LIST_SIZE_INVALID_ASSUMED_SIZE, field.place, message);
        }
        let slicing = list_size.slicing_arguments.iter().flatten();
        for name in slicing {
            let problem = match field.arguments.get(name) {
                None => "does not exist",
                Some(argument) if !is_int(&argument.ty) => "is no `Int`",
                Some(_) => continue,
            };
            let message = format!(
                "`@listSize` of `{coordinate}` names the slicing argument `{name}`, which \
                 {problem}. Name arguments of the type `Int`."
            );
            self.error(
                code::LIST_SIZE_INVALID_SLICING_ARGUMENT,
                field.place,
                message,
            );
        }
    }

    fn sized_fields(&mut self, coordinate: &str, field: &Field, names: &[String]) {
        let name = field.ty.inner_named_type();
        let target = self.subgraph.ty(name).filter(|ty| ty.fields().is_some());
        let Some(target) = target else {
            let message = format!(
                "`@listSize` of `{coordinate}` has `sizedFields`, but its type `{name}` has no \
                 fields. Remove `sizedFields`."
            );
            self.error(code::LIST_SIZE_INVALID_SIZED_FIELD, field.place, message);
            return;
        };
        for name in names {
            let (code, problem) = match target.field(name) {
                None => (code::LIST_SIZE_INVALID_SIZED_FIELD, "does not exist"),
                Some(sized) if !sized.ty.is_list() => {
                    (code::LIST_SIZE_APPLIED_TO_NON_LIST, "is no list")
                }
                Some(_) => continue,
            };
            let message = format!(
                "`@listSize` of `{coordinate}` names the sized field `{}.{name}`, which {problem}. \
                 Name fields of the type that are lists.",
                target.name
            );
            self.error(code, field.place, message);
        }
    }
}

fn is_int(ty: &Type) -> bool {
    !ty.is_list() && ty.inner_named_type().as_str() == "Int"
}
