//! Writes the response: the fields the client asked for, in its order, with nulls as the
//! specification wants them. A value that turns out to be impossible is cut off the end of the
//! output again, up to the nearest field that may be null.

use std::{collections::HashSet, sync::Arc};

use super::errors::ErrorLog;
use crate::{
    error::{ErrorCode, GraphqlError, PathSegment},
    projection::{Fields, Kind, ProjectedField, Projection, Shape, Source},
    response::write_json,
    value::{self, Object, Value},
};

/// The text of `data`.
pub(super) fn project(
    projection: &Projection,
    conditions: &[bool],
    data: &Value,
    introspection: Option<&Object>,
    errors: &mut ErrorLog,
) -> Vec<u8> {
    let mut writer = Writer {
        out: Vec::with_capacity(1_024),
        conditions,
        introspection,
        errors,
    };
    let empty = Object::new();
    let root = data.as_object().unwrap_or(&empty);
    let written = writer.fields(&projection.root, &projection.root_type, root, &At::Root);
    if written.is_err() {
        return b"null".to_vec();
    }
    writer.out
}

/// The parent must become null.
struct MustBeNull;

/// The way back to the root. Becomes a path only when an error needs one.
enum At<'a> {
    Root,
    Field(&'a At<'a>, &'a ProjectedField),
    Item(&'a At<'a>, &'a ProjectedField, usize),
}

impl<'a> At<'a> {
    fn path(&self) -> Vec<PathSegment> {
        let mut path = match self {
            Self::Root => return Vec::new(),
            Self::Field(parent, _) | Self::Item(parent, _, _) => parent.path(),
        };
        path.push(match self {
            Self::Item(_, _, index) => PathSegment::Index(*index),
            Self::Field(_, field) => PathSegment::Field(Arc::clone(&field.key)),
            Self::Root => return path,
        });
        path
    }

    const fn field(&self) -> Option<&'a ProjectedField> {
        match self {
            Self::Root => None,
            Self::Field(_, field) | Self::Item(_, field, _) => Some(field),
        }
    }
}

struct Writer<'a> {
    out: Vec<u8>,
    conditions: &'a [bool],
    introspection: Option<&'a Object>,
    errors: &'a mut ErrorLog,
}

impl Writer<'_> {
    fn fields(
        &mut self,
        fields: &Fields,
        type_name: &str,
        object: &Object,
        at: &At<'_>,
    ) -> Result<(), MustBeNull> {
        self.out.push(b'{');
        let mut first = true;
        for field in fields {
            if !self.conditions.get(field.when.0).copied().unwrap_or(true) {
                continue;
            }
            if !first {
                self.out.push(b',');
            }
            first = false;
            self.out.extend_from_slice(&field.json_key);
            match &field.source {
                Source::Data(shape) => {
                    let value = object.get(field.data_key.as_ref());
                    if value.is_none_or(Value::is_null) && self.errors.has_failures() {
                        self.errors
                            .show_failure(at.path(), &field.data_key, &field.key);
                    }
                    self.value(shape, value, &At::Field(at, field))?;
                }
                Source::Typename => write_json(&mut self.out, &type_name),
                Source::Introspection => {
                    let found = self
                        .introspection
                        .and_then(|all| all.get(field.key.as_ref()));
                    write_json(&mut self.out, found.unwrap_or(&Value::Null));
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn value(
        &mut self,
        shape: &Shape,
        value: Option<&Value>,
        at: &At<'_>,
    ) -> Result<(), MustBeNull> {
        let start = self.out.len();
        let written = match value {
            None | Some(Value::Null) => {
                if shape.non_null {
                    self.report_null(at);
                }
                Err(MustBeNull)
            }
            Some(value) => self.present(&shape.kind, value, at),
        };
        if written.is_ok() {
            return Ok(());
        }
        self.out.truncate(start);
        if shape.non_null {
            return Err(MustBeNull);
        }
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    /// Writes a value that is not null.
    fn present(&mut self, kind: &Kind, value: &Value, at: &At<'_>) -> Result<(), MustBeNull> {
        match (kind, value) {
            (Kind::List(item), Value::Array(items)) => self.list(item, items, at),
            (Kind::Object { type_name, fields }, Value::Object(object)) => {
                self.fields(fields, type_name, object, at)
            }
            (Kind::Abstract { type_name, types }, Value::Object(object)) => {
                let Some(name) = value::typename(object) else {
                    return self.refuse(at, &format!("an object without type, not {type_name}"));
                };
                match types.get(name) {
                    Some(fields) => self.fields(fields, name, object, at),
                    // The name may belong to an inaccessible type: it is not repeated.
                    None => self.refuse(at, &format!("an object that is no {type_name}")),
                }
            }
            (Kind::Enum { type_name, values }, Value::String(name)) => {
                self.enum_value(type_name, values, name.as_str(), at)
            }
            (Kind::Int, Value::Number(number)) => {
                let whole = number.as_i64().or_else(|| whole(number.as_f64()?));
                match whole.filter(|whole| i32::try_from(*whole).is_ok()) {
                    Some(whole) => self.write(&whole),
                    None => self.refuse(at, "a number that is no Int"),
                }
            }
            (Kind::Id, Value::Number(number)) if !number.is_f64() => {
                self.write(&number.to_string())
            }
            (Kind::Custom, _)
            | (Kind::Float, Value::Number(_))
            | (Kind::String | Kind::Id, Value::String(_))
            | (Kind::Boolean, Value::Bool(_)) => self.write(value),
            (kind, value) => {
                let found = value::kind(value);
                self.refuse(at, &format!("{found}, not {}", expected(kind)))
            }
        }
    }

    fn list(&mut self, item: &Shape, items: &[Value], at: &At<'_>) -> Result<(), MustBeNull> {
        let Some(field) = at.field() else {
            return Err(MustBeNull);
        };
        self.out.push(b'[');
        for (index, value) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.value(item, Some(value), &At::Item(at, field, index))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn enum_value(
        &mut self,
        type_name: &str,
        values: &HashSet<String>,
        name: &str,
        at: &At<'_>,
    ) -> Result<(), MustBeNull> {
        if values.contains(name) {
            return self.write(&name);
        }
        // Unknown or inaccessible: either way the client must not see it.
        self.refuse(at, &format!("a value that is not in enum {type_name}"))
    }

    fn write(&mut self, value: &impl serde::Serialize) -> Result<(), MustBeNull> {
        write_json(&mut self.out, value);
        Ok(())
    }

    /// Reports a null where none may be, unless an error already says why it is there.
    fn report_null(&mut self, at: &At<'_>) {
        let path = at.path();
        if !self.errors.explains(&path) {
            let coordinate = at.field().map_or("", |field| field.coordinate.as_ref());
            let message = format!("no value for {coordinate}, which must not be null");
            self.errors
                .push(GraphqlError::new(ErrorCode::DownstreamServiceError, message).at(path));
        }
    }

    /// Reports a value that does not fit its type.
    fn refuse(&mut self, at: &At<'_>, found: &str) -> Result<(), MustBeNull> {
        let coordinate = at.field().map_or("", |field| field.coordinate.as_ref());
        let message = format!("{coordinate} came back as {found}");
        self.errors
            .push(GraphqlError::new(ErrorCode::DownstreamServiceError, message).at(at.path()));
        Err(MustBeNull)
    }
}

/// The number, if it is whole: some serializers write `3.0` for 3.
fn whole(number: f64) -> Option<i64> {
    let fits = number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX);
    // Through text, because casts may lose digits and are linted.
    fits.then(|| format!("{number:.0}").parse().ok()).flatten()
}

const fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::List(_) => "a list",
        Kind::Object { .. } | Kind::Abstract { .. } => "an object",
        Kind::Int => "an Int",
        Kind::Float => "a Float",
        Kind::String => "a String",
        Kind::Boolean => "a Boolean",
        Kind::Id => "an ID",
        Kind::Enum { .. } => "an enum value",
        Kind::Custom => "a scalar",
    }
}
