//! Typed ids as GraphQL's `ID`.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned,
    ServerResult, Value, parser::types::Field, registry::Registry,
};
use kernel::{Entity, Id};

use crate::ErrorCode;

/// The id of one `E`, as an `ID` of the schema. As an argument it refuses ids of another kind with a
/// message that says which prefix was expected.
pub struct GlobalId<E: Entity>(pub Id<E>);

impl<E: Entity> From<Id<E>> for GlobalId<E> {
    fn from(id: Id<E>) -> Self {
        Self(id)
    }
}

// By hand, since the `Scalar` macro would register a second type that is named `ID`.
impl<E: Entity + 'static> InputType for GlobalId<E> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::String(text)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        text.parse().map(Self).map_err(|error: kernel::IdError| {
            InputValueError::custom(error).with_extension("code", ErrorCode::BAD_USER_INPUT)
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<E: Entity + 'static> OutputType for GlobalId<E> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_string()))
    }
}
