//! `attributeUpdate`.

use kernel::AttributeId;
use service::{Ctx, outbox};

use crate::{
    access::MANAGE_CATALOG,
    domain::{Attribute, Definition, Error, Rejection, rejection::expect_version},
    events::{AttributeSnapshot, AttributeUpdated},
    store,
};

/// What to change; `None` leaves a field as it is.
pub struct UpdateAttribute {
    /// The attribute.
    pub attribute_id: AttributeId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// New label.
    pub label: Option<String>,
    /// New unit; `Some(None)` removes it.
    pub unit: Option<Option<String>>,
    /// New options, instead of all.
    pub options: Option<Vec<String>>,
    /// Whether a product needs it to be published.
    pub is_required: Option<bool>,
}

/// Changes what an attribute asks for. Values that products have already stay as they are.
///
/// # Errors
/// [`Error`]: not found, stale version, a value that breaks a rule; without `manage:catalog`.
pub async fn update_attribute(ctx: &Ctx, input: UpdateAttribute) -> Result<Attribute, Error> {
    ctx.require(MANAGE_CATALOG)?;
    let mut tx = ctx.begin().await?;
    let mut attribute = store::attributes::find_for_update(&mut tx, input.attribute_id)
        .await?
        .ok_or(Rejection::AttributeNotFound)?;
    expect_version(attribute.version, input.expected_version)?;
    let old = attribute.definition.clone();
    let definition = Definition {
        label: input.label.unwrap_or(old.label),
        unit: input.unit.unwrap_or(old.unit),
        options: input.options.unwrap_or(old.options),
        is_required: input.is_required.unwrap_or(old.is_required),
    };
    attribute.update(definition, ctx.now())?;
    store::attributes::update(&mut tx, &attribute).await?;
    let event = AttributeUpdated {
        attribute: AttributeSnapshot::from(&attribute),
    };
    outbox::append(&mut tx, ctx, attribute.id, attribute.version, &event).await?;
    tx.commit().await?;
    Ok(attribute)
}
