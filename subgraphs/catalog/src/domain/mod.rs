//! The rules of products, categories and attributes. Pure: no I/O, no clock, no wire formats.

pub mod attribute;
pub mod category;
pub mod filter;
pub mod listing;
pub mod product;
pub mod rejection;
pub mod status;
pub mod text;
pub mod variant;

pub use attribute::{Attribute, AttributeKind, Definition};
pub use category::{Category, CategoryNames};
pub use filter::{ProductFilter, ProductSort};
pub use listing::{Listing, NewListing, PriceChange};
pub use product::{Details, Product, ProductKind, Unit};
pub use rejection::{Error, Rejection};
pub use status::{Action, ProductStatus};
pub use variant::{Dimensions, OptionValue, Variant, VariantDetails};
