//! Merging the types of fields (covariant) and of inputs (contravariant).

use std::fmt::Arguments;

use apollo_compiler::ast::Type;

use super::Merger;
use crate::code;
use crate::diagnostic::{Place, SourceLocation};
use crate::supergraph::model::GraphIndex;

/// A type reference as one subgraph has it.
pub(super) type TypeSource<'a> = (GraphIndex, &'a Type, Place);

/// A merged type reference.
pub(super) struct MergedReference {
    pub(super) ty: Type,
    pub(super) all_equal: bool,
}

impl Merger<'_> {
    /// Whether every value of `sub` is a value of `sup`.
    pub(super) fn is_subtype(&self, sub: &Type, sup: &Type) -> bool {
        match (sub, sup) {
            (Type::NonNullNamed(sub), Type::Named(sup) | Type::NonNullNamed(sup))
            | (Type::Named(sub), Type::Named(sup)) => {
                sub == sup
                    || self
                        .below
                        .get(sup.as_str())
                        .is_some_and(|below| below.contains(sub.as_str()))
            }
            (Type::NonNullList(sub), Type::List(sup) | Type::NonNullList(sup))
            | (Type::List(sub), Type::List(sup)) => self.is_subtype(sub, sup),
            _ => false,
        }
    }

    /// The most general of the types a field has; an error when there is none, and then the first.
    pub(super) fn merge_output(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[TypeSource<'_>],
    ) -> MergedReference {
        let first = first(sources);
        if sources.iter().all(|(_, ty, _)| **ty == first) {
            return MergedReference {
                ty: first,
                all_equal: true,
            };
        }
        let general = most(sources, |sub, sup| self.is_subtype(sub, sup));
        let at = self.places(sources);
        let sides = self.sides(sources);
        if let Some(general) = general {
            let message = format!(
                "`{coordinate}` has different types: {sides}. The supergraph uses `{general}`, \
                 the most general."
            );
            self.report
                .info(code::INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE, message, at);
            return MergedReference {
                ty: (*general).clone(),
                all_equal: false,
            };
        }
        let message = format!(
            "`{coordinate}` has types that do not fit together: {sides}. Give it the same type in \
             every subgraph."
        );
        self.report.error(code::FIELD_TYPE_MISMATCH, message, at);
        MergedReference {
            ty: first,
            all_equal: false,
        }
    }

    /// The strictest of the types an input has; an error when there is none, and then the first.
    pub(super) fn merge_input_reference(
        &mut self,
        coordinate: Arguments<'_>,
        is_argument: bool,
        sources: &[TypeSource<'_>],
    ) -> MergedReference {
        let first = first(sources);
        if sources.iter().all(|(_, ty, _)| **ty == first) {
            return MergedReference {
                ty: first,
                all_equal: true,
            };
        }
        let strict = most(sources, |loose, strict| strict.is_assignable_to(loose));
        let at = self.places(sources);
        let sides = self.sides(sources);
        if let Some(strict) = strict {
            let message = format!(
                "`{coordinate}` has different types: {sides}. The supergraph uses `{strict}`, the \
                 strictest."
            );
            let code = if is_argument {
                code::INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE
            } else {
                code::INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE
            };
            self.report.info(code, message, at);
            return MergedReference {
                ty: strict.clone(),
                all_equal: false,
            };
        }
        let message = format!(
            "`{coordinate}` has types that do not fit together: {sides}. Give it the same type in \
             every subgraph."
        );
        let code = if is_argument {
            code::FIELD_ARGUMENT_TYPE_MISMATCH
        } else {
            code::FIELD_TYPE_MISMATCH
        };
        self.report.error(code, message, at);
        MergedReference {
            ty: first,
            all_equal: false,
        }
    }

    fn places(&self, sources: &[TypeSource<'_>]) -> Vec<SourceLocation> {
        sources
            .iter()
            .map(|(graph, _, place)| self.at(*graph, *place))
            .collect()
    }

    fn sides(&self, sources: &[TypeSource<'_>]) -> String {
        let sides = sources
            .iter()
            .map(|(graph, ty, _)| format!("`{ty}` in `{}`", self.name(*graph)));
        sides.collect::<Vec<_>>().join(", ")
    }
}

/// The type that all others are below, if there is one: one pass finds the candidate, another asks
/// all the others.
fn most<'a>(
    sources: &[TypeSource<'a>],
    is_below: impl Fn(&Type, &Type) -> bool,
) -> Option<&'a Type> {
    let mut types = sources.iter().map(|(_, ty, _)| *ty);
    let first = types.next()?;
    let candidate = types.fold(first, |candidate, other| {
        if is_below(candidate, other) {
            other
        } else {
            candidate
        }
    });
    let mut types = sources.iter().map(|(_, ty, _)| *ty);
    types.all(|ty| is_below(ty, candidate)).then_some(candidate)
}

/// Callers have at least one source; an unknown name would end as an invalid schema, not a panic.
fn first(sources: &[TypeSource<'_>]) -> Type {
    sources.first().map_or_else(
        || Type::Named(apollo_compiler::Name::new_unchecked("Unknown")),
        |(_, ty, _)| (*ty).clone(),
    )
}
