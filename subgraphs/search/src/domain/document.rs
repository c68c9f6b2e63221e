//! What is indexed of a product.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{CategoryId, ProductId, SellerId};
use serde::{Deserialize, Serialize};

/// A product as it can be found. Only products that everybody may find have one: on the shelf, of a shop
/// that is not suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The product.
    pub product_id: ProductId,
    /// Grows with every change of the document, whatever its source: the external version of an index.
    pub version: i64,
    /// What it is called.
    pub name: String,
    /// Its brand, empty when it names none.
    pub brand: String,
    /// What it is.
    pub description: String,
    /// Selling points.
    pub features: Vec<String>,
    /// Attribute values by code.
    pub attributes: BTreeMap<String, String>,
    /// Where it stands in the tree.
    pub category: DocumentCategory,
    /// Who sells it.
    pub seller: DocumentSeller,
    /// Price of the cheapest variant, in rupiah.
    pub min_price: i64,
    /// Price of the dearest variant, in rupiah.
    pub max_price: i64,
    /// Average rating in hundredths: 425 is 4.25 stars; 0 when there is none.
    pub rating: i32,
    /// How many ratings there are.
    pub rating_count: i32,
    /// Units for sale in all open warehouses.
    pub stock: i64,
    /// Units ever sold; 0 until orders exist.
    pub sold: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// A category as documents know it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentCategory {
    /// From the top of the tree down to the product's category, which is the last. Never empty.
    pub path: Vec<CategoryId>,
    /// The Indonesian and English names along the path, as far as they are known.
    pub names: Vec<String>,
}

/// A shop as documents know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSeller {
    /// The shop.
    pub id: SellerId,
    /// Name over the door; empty until it is known.
    pub name: String,
    /// City it ships from; empty until it is known.
    pub city: String,
    /// Province of that city; empty until it is known.
    pub province: String,
    /// Whether the marketplace has verified it.
    pub is_verified: bool,
}

/// What an index has to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The document is this now.
    Put(Box<Document>),
    /// The product cannot be found any more.
    Delete {
        /// The product.
        product_id: ProductId,
        /// As [`Document::version`]: an older `Put` that arrives later must not bring it back.
        version: i64,
    },
}

impl Change {
    /// The product it is about.
    #[must_use]
    pub fn product_id(&self) -> ProductId {
        match self {
            Self::Put(document) => document.product_id,
            Self::Delete { product_id, .. } => *product_id,
        }
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> i64 {
        match self {
            Self::Put(document) => document.version,
            Self::Delete { version, .. } => *version,
        }
    }
}
