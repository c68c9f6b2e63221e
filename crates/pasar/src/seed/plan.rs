//! What the demo marketplace consists of: plain data, no ids, no I/O. References are indices into the lists of [`DemoPlan`].

/// The password of every demo login. Documented on purpose: demo data is never for production.
pub const DEMO_PASSWORD: &str = "Pasar-Demo-2026!";
/// Login of the demo buyer: `buyers[0]`.
pub const DEMO_BUYER_EMAIL: &str = "siti@pasar.example";
/// Login of the demo seller: the owner of `sellers[0]`.
pub const DEMO_SELLER_EMAIL: &str = "budi@pasar.example";
/// Login of the demo administrator: `admin`.
pub const DEMO_ADMIN_EMAIL: &str = "admin@pasar.example";

/// How much demo data to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoSize {
    /// Shops, at most as many as the content describes.
    pub sellers: usize,
    /// Products over all shops.
    pub products: usize,
    /// Reviews over all products.
    pub reviews: usize,
    /// Buyers, the demo buyer included.
    pub buyers: usize,
}

impl DemoSize {
    /// The shop that `pasar up` shows. The number of sellers is limited by the content.
    #[must_use]
    pub fn full() -> Self {
        Self {
            sellers: usize::MAX,
            products: 2_160,
            reviews: 10_400,
            buyers: 600,
        }
    }

    /// Enough for tests.
    #[must_use]
    pub fn small() -> Self {
        Self {
            sellers: 6,
            products: 60,
            reviews: 200,
            buyers: 30,
        }
    }
}

/// The whole demo marketplace.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoPlan {
    /// The administrator.
    pub admin: DemoUser,
    /// Customers; the first is the documented demo buyer.
    pub buyers: Vec<DemoUser>,
    /// Shops with their owners; the first belongs to the documented demo seller.
    pub sellers: Vec<DemoSeller>,
    /// Attribute definitions that categories refer to by `code`.
    pub attributes: Vec<DemoAttribute>,
    /// Categories, parents before children.
    pub categories: Vec<DemoCategory>,
    /// Products of all shops, oldest first: shops and categories take turns.
    pub products: Vec<DemoProduct>,
    /// Reviews, oldest first: products take turns. One per buyer and product.
    pub reviews: Vec<DemoReview>,
}

/// A person with a login. The password is [`DEMO_PASSWORD`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoUser {
    /// First name, or the only one: many Indonesians have a single name.
    pub first_name: String,
    /// Everything after the first name.
    pub last_name: Option<String>,
    /// Unique, lower case, in a domain below the reserved `.example`.
    pub email: String,
    /// For the profile.
    pub gender: DemoGender,
    /// ISO date, an adult's.
    pub birth_date: String,
}

impl DemoUser {
    /// First and last name.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.last_name {
            Some(last_name) => format!("{} {last_name}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}

/// Gender in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoGender {
    /// Male.
    Male,
    /// Female.
    Female,
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSeller {
    /// Display name, unique.
    pub shop_name: String,
    /// Unique.
    pub slug: String,
    /// Two or three sentences.
    pub description: String,
    /// City the shop is in.
    pub city: String,
    /// Province of the city.
    pub province: String,
    /// The account that runs the shop.
    pub owner: DemoUser,
    /// Whether the shop has passed verification; the others are still waiting for it.
    pub verified: bool,
    /// One to three.
    pub warehouses: Vec<DemoWarehouse>,
}

/// A place where a seller keeps stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoWarehouse {
    /// Unique over all sellers, such as `PKL-001`.
    pub code: String,
    /// Display name, such as `Gudang Pekalongan`.
    pub name: String,
    /// City.
    pub city: String,
    /// Province of the city.
    pub province: String,
}

/// A typed property that products of a category have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoAttribute {
    /// Unique, `snake_case`.
    pub code: String,
    /// Indonesian name.
    pub name: String,
    /// What values it takes.
    pub kind: DemoAttributeKind,
}

/// Type of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemoAttributeKind {
    /// Free text.
    Text,
    /// One of these values.
    Choice(Vec<String>),
    /// A number in this unit; the unit may be empty.
    Number(String),
    /// Yes or no.
    Flag,
}

/// A node of the category tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoCategory {
    /// Unique.
    pub slug: String,
    /// Indonesian name.
    pub name_id: String,
    /// English name.
    pub name_en: String,
    /// Slug of the parent; none for the top level.
    pub parent_slug: Option<String>,
    /// Codes of the attributes defined here; products of descendants may have them too.
    pub attributes: Vec<String>,
}

/// Whether a product is shipped or delivered as a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoProductKind {
    /// Has weight and is shipped.
    Physical,
    /// A code, licence or file.
    Digital,
}

/// What one piece of stock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DemoUnit {
    /// Single item.
    Piece,
    /// Sold by the kilogram.
    Kilogram,
    /// Sold by the bunch (`ikat`).
    Bunch,
    /// Sold by the pack.
    Pack,
}

/// Where a product is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoStatus {
    /// Not yet visible.
    Draft,
    /// On sale.
    Active,
    /// No longer sold.
    Archived,
}

/// Outer measures of the parcel in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoDimensions {
    /// Longest side.
    pub length_mm: u32,
    /// Second side.
    pub width_mm: u32,
    /// Shortest side.
    pub height_mm: u32,
}

/// Something a shop sells.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoProduct {
    /// Index into [`DemoPlan::sellers`].
    pub seller: usize,
    /// Slug of a leaf category.
    pub category_slug: String,
    /// Unique within the shop.
    pub name: String,
    /// Unique.
    pub slug: String,
    /// Two to five sentences.
    pub description: String,
    /// Physical or digital.
    pub kind: DemoProductKind,
    /// What prices and stock count.
    pub unit: DemoUnit,
    /// Values by attribute code, each defined by the category or an ancestor.
    pub attributes: Vec<(String, DemoValue)>,
    /// Names of the options that variants differ in, such as `Ukuran`; empty for a single variant.
    pub option_names: Vec<String>,
    /// At least one.
    pub variants: Vec<DemoVariant>,
    /// None for digital products.
    pub dimensions: Option<DemoDimensions>,
    /// Most are active.
    pub status: DemoStatus,
}

/// Value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum DemoValue {
    /// Free text.
    Text(String),
    /// One of the choices of the definition.
    Choice(String),
    /// In the unit of the definition.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// What is put in the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoVariant {
    /// Unique over all sellers.
    pub sku: String,
    /// One value per entry of [`DemoProduct::option_names`].
    pub options: Vec<String>,
    /// Whole rupiah.
    pub price_rupiah: i64,
    /// The former price, higher than the price.
    pub compare_at_rupiah: Option<i64>,
    /// 0 for digital products.
    pub weight_grams: u32,
    /// Index into the seller's warehouses and quantity; some are low, some zero.
    pub stock: Vec<(usize, u32)>,
}

/// A buyer's opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReview {
    /// Index into [`DemoPlan::products`].
    pub product: usize,
    /// Index into [`DemoPlan::buyers`].
    pub buyer: usize,
    /// 1 to 5.
    pub rating: u8,
    /// Many buyers leave it out.
    pub title: Option<String>,
    /// One word to a few sentences.
    pub body: String,
    /// Answer of the shop.
    pub response: Option<String>,
    /// Buyers who found it helpful, never its author.
    pub helpful_by: Vec<usize>,
}
