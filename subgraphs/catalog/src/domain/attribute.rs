//! Typed attributes: what can be said about the products of a category, and in which form.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::AttributeId;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::{Rejection, text::check_length};

/// How many attributes a category itself may have, besides those it inherits.
pub const MAX_PER_CATEGORY: usize = 50;
/// How many values a product may have.
pub const MAX_VALUES: usize = 50;
/// How many options an attribute may have.
pub const MAX_OPTIONS: usize = 100;

/// What form the values of an attribute have.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeKind {
    /// Any text.
    Text,
    /// A number, with the attribute's unit.
    Number,
    /// Yes or no.
    Boolean,
    /// One of the attribute's options.
    Enum,
}

/// What an attribute asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// What to show: `Kapasitas`.
    pub label: String,
    /// The unit of a number: `GB`.
    pub unit: Option<String>,
    /// What an enumeration offers, in the order to show.
    pub options: Vec<String>,
    /// Whether a product needs it to be published.
    pub is_required: bool,
}

/// A typed attribute that categories can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Id.
    pub id: AttributeId,
    /// Unique name for programs; never changes.
    pub code: String,
    /// Form of its values; never changes.
    pub kind: AttributeKind,
    /// What it asks for.
    pub definition: Definition,
    /// Grows with every change.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Definition {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn check(&self, kind: AttributeKind) -> Result<(), Rejection> {
        check_length("label", &self.label, 1..=80)?;
        if let Some(unit) = &self.unit {
            if kind != AttributeKind::Number {
                let rule = "must be left out: only a NUMBER has a unit";
                return Err(Rejection::invalid("unit", rule));
            }
            check_length("unit", unit, 1..=20)?;
        }
        if kind != AttributeKind::Enum {
            let rule = "must be empty: only an ENUM has options";
            return if self.options.is_empty() {
                Ok(())
            } else {
                Err(Rejection::invalid("options", rule))
            };
        }
        if !(1..=MAX_OPTIONS).contains(&self.options.len()) {
            let rule = format!("must have 1 to {MAX_OPTIONS} items");
            return Err(Rejection::invalid("options", rule));
        }
        let mut seen = HashSet::new();
        for (index, option) in self.options.iter().enumerate() {
            check_length(&index.to_string(), option, 1..=80)
                .map_err(|rejection| rejection.inside(&["options"]))?;
            if !seen.insert(option) {
                return Err(Rejection::invalid(
                    "options",
                    "must not offer anything twice",
                ));
            }
        }
        Ok(())
    }
}

impl Attribute {
    /// A new attribute.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when the code or the definition breaks a rule.
    pub fn create(
        id: AttributeId,
        code: String,
        kind: AttributeKind,
        definition: Definition,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        if !is_code(&code) {
            let rule = "must have 1 to 40 lower-case letters, digits and underscores";
            return Err(Rejection::invalid("code", rule));
        }
        definition.check(kind)?;
        Ok(Self {
            id,
            code,
            kind,
            definition,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what it asks for. Values that products have already stay as they are.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when a field breaks a rule.
    pub fn update(&mut self, definition: Definition, now: DateTime<Utc>) -> Result<(), Rejection> {
        definition.check(self.kind)?;
        self.definition = definition;
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
        Ok(())
    }

    /// The value in its one canonical form.
    ///
    /// # Errors
    /// What the value must be, when it is something else.
    pub fn canonical(&self, value: &str) -> Result<String, String> {
        let value = value.trim();
        match self.kind {
            AttributeKind::Text => {
                check_length("value", value, 1..=255)
                    .map_err(|_| "must have 1 to 255 characters".to_owned())?;
                Ok(value.to_owned())
            }
            AttributeKind::Number => canonical_number(value)
                .ok_or_else(|| "must be a number like 12.5, at most 10^12".to_owned()),
            AttributeKind::Boolean => match value {
                "true" | "false" => Ok(value.to_owned()),
                _ => Err("must be `true` or `false`".to_owned()),
            },
            AttributeKind::Enum => {
                let options = &self.definition.options;
                if options.iter().any(|option| option == value) {
                    return Ok(value.to_owned());
                }
                Err(format!("must be one of: {}", options.join(", ")))
            }
        }
    }
}

/// One text per number, so that equal numbers are equal texts: `12.50` becomes `12.5`.
fn canonical_number(value: &str) -> Option<String> {
    let number = value.parse::<f64>().ok()?;
    // Adding zero makes -0 plain 0. A number that takes more digits is noise or nonsense.
    let text = (number + 0.0).to_string();
    (number.abs() <= 1e12 && text.len() <= 24).then_some(text)
}

/// Whether a text can be the code of an attribute.
#[must_use]
pub fn is_code(code: &str) -> bool {
    (1..=40).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Checks the values of a product against the attributes of its category and puts them into their
/// canonical form.
///
/// # Errors
/// [`Rejection::Invalid`] about the first value that breaks a rule.
pub fn check_values(
    values: &[(String, String)],
    attributes: &[Attribute],
) -> Result<BTreeMap<String, String>, Rejection> {
    if values.len() > MAX_VALUES {
        let rule = format!("must have at most {MAX_VALUES} items");
        return Err(Rejection::invalid("attributes", rule));
    }
    let mut checked = BTreeMap::new();
    for (index, (code, value)) in values.iter().enumerate() {
        let Some(attribute) = attributes.iter().find(|known| known.code == *code) else {
            let rule = "must name an attribute of the product's category";
            return Err(Rejection::invalid("code", rule).in_item("attributes", index));
        };
        let value = attribute
            .canonical(value)
            .map_err(|rule| Rejection::invalid("value", rule).in_item("attributes", index))?;
        if checked.insert(code.clone(), value).is_some() {
            let rule = "must not name an attribute twice";
            return Err(Rejection::invalid("code", rule).in_item("attributes", index));
        }
    }
    Ok(checked)
}
