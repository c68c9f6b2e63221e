//! Events of the category tree and of attributes.

use kernel::{AttributeId, CategoryId, Named as _};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::EventPayload;

use crate::domain::{Attribute, Category};

/// A category as others may keep it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategorySnapshot {
    /// The category.
    pub category_id: CategoryId,
    /// From the top of the tree down to it, itself included.
    pub path: Vec<CategoryId>,
    /// Unique name in addresses.
    pub slug: String,
    /// Indonesian name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Codes of the attributes that it has itself, besides those it inherits.
    pub attribute_codes: Vec<String>,
}

/// An attribute as others may keep it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeSnapshot {
    /// The attribute.
    pub attribute_id: AttributeId,
    /// Unique name for programs.
    pub code: String,
    /// `TEXT`, `NUMBER`, `BOOLEAN` or `ENUM`.
    pub kind: &'static str,
    /// What to show.
    pub label: String,
    /// The unit of a number.
    pub unit: Option<String>,
    /// What an enumeration offers.
    pub options: Vec<String>,
    /// Whether a product needs it to be published.
    pub is_required: bool,
}

impl CategorySnapshot {
    /// What the category at the end of `path` is now.
    #[must_use]
    pub fn new(category: &Category, path: Vec<CategoryId>, attribute_codes: Vec<String>) -> Self {
        Self {
            category_id: category.id,
            path,
            slug: category.names.slug.clone(),
            name: category.names.name.clone(),
            name_en: category.names.name_en.clone(),
            attribute_codes,
        }
    }
}

impl From<&Attribute> for AttributeSnapshot {
    fn from(attribute: &Attribute) -> Self {
        let definition = &attribute.definition;
        Self {
            attribute_id: attribute.id,
            code: attribute.code.clone(),
            kind: attribute.kind.name(),
            label: definition.label.clone(),
            unit: definition.unit.clone(),
            options: definition.options.clone(),
            is_required: definition.is_required,
        }
    }
}

/// A category was created.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryCreated {
    /// The category.
    #[serde(flatten)]
    pub category: CategorySnapshot,
}

/// A category is called otherwise, or has other attributes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryUpdated {
    /// The category after it.
    #[serde(flatten)]
    pub category: CategorySnapshot,
}

/// A category hangs, with all below it, under another one.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryMoved {
    /// The category after it.
    #[serde(flatten)]
    pub category: CategorySnapshot,
    /// Where it was: from the top of the tree down to it, itself included.
    pub old_path: Vec<CategoryId>,
}

/// An empty category was deleted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryDeleted {
    /// The category.
    pub category_id: CategoryId,
}

/// An attribute was created.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeCreated {
    /// The attribute.
    #[serde(flatten)]
    pub attribute: AttributeSnapshot,
}

/// An attribute asks for something else.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeUpdated {
    /// The attribute after it.
    #[serde(flatten)]
    pub attribute: AttributeSnapshot,
}

impl EventPayload for CategoryCreated {
    const EVENT_TYPE: &'static str = "category.created";
    const AGGREGATE_TYPE: &'static str = "category";
}
impl EventPayload for CategoryUpdated {
    const EVENT_TYPE: &'static str = "category.updated";
    const AGGREGATE_TYPE: &'static str = "category";
}
impl EventPayload for CategoryMoved {
    const EVENT_TYPE: &'static str = "category.moved";
    const AGGREGATE_TYPE: &'static str = "category";
}
impl EventPayload for CategoryDeleted {
    const EVENT_TYPE: &'static str = "category.deleted";
    const AGGREGATE_TYPE: &'static str = "category";
}
impl EventPayload for AttributeCreated {
    const EVENT_TYPE: &'static str = "attribute.created";
    const AGGREGATE_TYPE: &'static str = "attribute";
}
impl EventPayload for AttributeUpdated {
    const EVENT_TYPE: &'static str = "attribute.updated";
    const AGGREGATE_TYPE: &'static str = "attribute";
}
