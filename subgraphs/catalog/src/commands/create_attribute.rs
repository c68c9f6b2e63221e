//! `attributeCreate`.

use serde::Serialize;
use service::{Claim, Ctx, idempotency, outbox};

use crate::{
    access::MANAGE_CATALOG,
    domain::{Attribute, AttributeKind, Definition, Error, Rejection},
    events::{AttributeCreated, AttributeSnapshot},
    store,
};

/// What a new attribute is made of.
#[derive(Serialize)]
pub struct CreateAttribute {
    /// Unique name for programs.
    pub code: String,
    /// Form of its values.
    pub kind: AttributeKind,
    /// What it asks for.
    pub definition: Definition,
}

/// Creates an attribute.
///
/// # Errors
/// [`Error`]: a value that breaks a rule, code taken, a reused key; without `manage:catalog`.
pub async fn create_attribute(
    ctx: &Ctx,
    idempotency_key: &str,
    input: CreateAttribute,
) -> Result<Attribute, Error> {
    ctx.require(MANAGE_CATALOG)?;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "attributeCreate", idempotency_key, &input).await? {
        Claim::Done(attribute) => return Ok(attribute),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    let (id, now) = (ctx.ids.next(), ctx.now());
    let attribute = Attribute::create(id, input.code, input.kind, input.definition, now)?;
    store::attributes::insert(&mut tx, &attribute).await?;
    let event = AttributeCreated {
        attribute: AttributeSnapshot::from(&attribute),
    };
    outbox::append(&mut tx, ctx, attribute.id, attribute.version, &event).await?;
    idempotency::remember(&mut tx, ctx, "attributeCreate", idempotency_key, &attribute).await?;
    tx.commit().await?;
    Ok(attribute)
}
