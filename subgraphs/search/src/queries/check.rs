//! `searchCheck`: proves that the projection is what the owners say.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{Fault, Id, ProductId, SellerId};
use serde_json::{Value, json};
use service::Ctx;
use uuid::Uuid;

use super::snapshots::{self, Owner, Snapshot};
use crate::{
    access::MANAGE_SEARCH,
    commands::project::{brand, hundredths},
    consumers::payload,
    store::{self, Engines, checks::Known, elastic::Elastic, projection::sources::Range},
};

/// How many things of the projection and how many documents of the node are compared on one page, however few
/// the owner has there: as many as one answer of the node may have.
const DOCUMENTS: usize = 10_000;

/// What is wrong with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The owner has it, the projection has not.
    Missing,
    /// The projection has it, the owner has not.
    Extra,
    /// The projection has an older version.
    Stale,
    /// The projection has a newer version: the owner lost something.
    Ahead,
    /// Same version, other values.
    Different,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The thing, as the graph writes its id.
    pub id: String,
    /// What is wrong.
    pub flaw: Flaw,
    /// The version its owner has, if any.
    pub expected_version: Option<i32>,
    /// The version the projection has, if any.
    pub found_version: Option<i32>,
    /// The fields that differ.
    pub fields: Vec<String>,
}

/// A document that the search node has otherwise than the projection. What waits to be pushed is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDifference {
    /// The product.
    pub product_id: ProductId,
    /// What is wrong: never [`Flaw::Different`], since every change of a document has a new version.
    pub flaw: Flaw,
    /// The version the projection has, if any.
    pub expected_version: Option<i64>,
    /// The version the node has, if any.
    pub found_version: Option<i64>,
}

/// What one page of a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many things the owner has on this page.
    pub checked: i64,
    /// What differs. Events that are still on their way differ, too: check these again.
    pub differences: Vec<Difference>,
    /// What the search node has otherwise than the projection, of the products of this page; `None` for other
    /// owners, without a node and when it is away.
    pub index_differences: Option<Vec<IndexDifference>>,
    /// Where the next page begins; `None` after the last.
    pub end: Option<String>,
    /// How many products can be found.
    pub findable: i64,
    /// How many the search node has; `None` without a node or when it is away.
    pub indexed: Option<i64>,
    /// How many changes wait for the search node.
    pub pending: i64,
}

/// Compares the next `first` things of `owner` after `after` with the projection, and products also with the
/// search node. A page ends after 10,000 that the projection has, however few the owner has.
///
/// # Errors
/// Without `manage:search`; `BAD_USER_INPUT` for an id of another kind; `UNAVAILABLE` when the owner does
/// not answer.
pub async fn check(
    ctx: &Ctx,
    engines: &Engines,
    owner: Owner,
    after: Option<&str>,
    first: i32,
) -> Result<Checked, Fault> {
    ctx.require(MANAGE_SEARCH)?;
    let after = after.map(|text| owner.uuid(text)).transpose()?;
    let mut page = snapshots::page(ctx, owner, after, first).await?;
    let is_last = i32::try_from(page.len()).is_ok_and(|count| count < first);
    let last = page.last().filter(|_| !is_last);
    let mut range = Range {
        after: after.unwrap_or_default(),
        until: last.map_or(Uuid::max(), |snapshot| snapshot.id),
    };
    let mut known = store::checks::list(&ctx.db, owner, &range, DOCUMENTS).await?;
    cut(&mut range, &known, |known| known.id);
    let (mut indexed, mut index_differences) = (None, None);
    if let Some(node) = engines.elastic() {
        indexed = node.count().await.ok();
        if owner == Owner::Products {
            index_differences = check_node(ctx, node, &mut range).await?;
        }
    }
    page.retain(|snapshot| snapshot.id <= range.until);
    known.retain(|known| known.id <= range.until);
    Ok(Checked {
        checked: i64::try_from(page.len())?,
        differences: compare(owner, &page, &known)?,
        index_differences,
        end: (range.until < Uuid::max()).then(|| owner.text(range.until)),
        findable: store::checks::count_findable(&ctx.db).await?,
        indexed,
        pending: store::projection::documents::count_pending(&ctx.db).await?,
    })
}

/// Ends the range at the last that was read when there may be more.
fn cut<T>(range: &mut Range, read: &[T], id: impl Fn(&T) -> Uuid) {
    if let Some(last) = read.last().filter(|_| read.len() == DOCUMENTS) {
        range.until = id(last);
    }
}

/// Compares the documents of a range, which may end before it did; `None` when the node does not answer.
async fn check_node(
    ctx: &Ctx,
    node: &Elastic,
    range: &mut Range,
) -> Result<Option<Vec<IndexDifference>>, Fault> {
    // The node is asked last and shows what it was given: only what it has not been given can be missing.
    let mut expected = store::checks::list_documents(&ctx.db, range, DOCUMENTS).await?;
    cut(range, &expected, |document| document.product_id);
    if node.refresh().await.is_err() {
        return Ok(None);
    }
    let (after, until) = (Id::from_uuid(range.after), Id::from_uuid(range.until));
    let Ok(found) = node.versions(after, until, DOCUMENTS).await else {
        return Ok(None);
    };
    cut(range, &found, |(product_id, _)| product_id.uuid());
    expected.retain(|document| document.product_id <= range.until);
    Ok(Some(compare_index(&expected, &found)))
}

fn compare_index(
    expected: &[store::checks::Indexed],
    found: &[(ProductId, i64)],
) -> Vec<IndexDifference> {
    let mut found: BTreeMap<ProductId, i64> = found.iter().copied().collect();
    let mut differences = Vec::new();
    for document in expected {
        let product_id = Id::from_uuid(document.product_id);
        let found_version = found.remove(&product_id);
        let expected_version = document.is_searchable.then_some(document.version);
        let flaw = match (expected_version, found_version) {
            (None, None) => continue,
            _ if document.is_pending => continue,
            (Some(_), None) => Flaw::Missing,
            (None, Some(_)) => Flaw::Extra,
            (Some(expected), Some(found)) if found < expected => Flaw::Stale,
            (Some(expected), Some(found)) if found > expected => Flaw::Ahead,
            (Some(_), Some(_)) => continue,
        };
        differences.push(IndexDifference {
            product_id,
            flaw,
            expected_version,
            found_version,
        });
    }
    differences.extend(
        found
            .into_iter()
            .map(|(product_id, version)| IndexDifference {
                product_id,
                flaw: Flaw::Extra,
                expected_version: None,
                found_version: Some(version),
            }),
    );
    differences.sort_by_key(|difference| difference.product_id);
    differences
}

fn compare(owner: Owner, page: &[Snapshot], known: &[Known]) -> Result<Vec<Difference>, Fault> {
    let by_id: HashMap<Uuid, &Known> = known.iter().map(|known| (known.id, known)).collect();
    let owned: HashSet<Uuid> = page.iter().map(|snapshot| snapshot.id).collect();
    let mut differences = Vec::new();
    for snapshot in page {
        let found = by_id.get(&snapshot.id);
        let found_version = found.map(|found| found.version);
        let (flaw, fields) = match found {
            None => (Flaw::Missing, Vec::new()),
            Some(found) if found.version < snapshot.version => (Flaw::Stale, Vec::new()),
            Some(found) if found.version > snapshot.version => (Flaw::Ahead, Vec::new()),
            Some(found) => {
                let fields = differing(&values(owner, snapshot)?, &found.fields);
                if fields.is_empty() {
                    continue;
                }
                (Flaw::Different, fields)
            }
        };
        differences.push(Difference {
            id: owner.text(snapshot.id),
            flaw,
            expected_version: Some(snapshot.version),
            found_version,
            fields,
        });
    }
    let extra = known.iter().filter(|known| !owned.contains(&known.id));
    differences.extend(extra.map(|known| Difference {
        id: owner.text(known.id),
        flaw: Flaw::Extra,
        expected_version: None,
        found_version: Some(known.version),
        fields: Vec::new(),
    }));
    differences.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(differences)
}

/// The names of the fields that are not as expected.
fn differing(expected: &Value, found: &Value) -> Vec<String> {
    let fields = expected.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| found.get(name.as_str()) != Some(value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// What the projection should hold of a thing, named as [`store::checks`] names it. `document` says that the
/// document follows from what is known.
fn values(owner: Owner, snapshot: &Snapshot) -> Result<Value, Fault> {
    Ok(match owner {
        Owner::Categories => {
            let category: payload::Category = snapshot.read()?;
            let path = Id::uuids(&category.path);
            json!({ "name": category.name, "nameEn": category.name_en, "path": path })
        }
        Owner::Sellers => {
            let seller: payload::Seller = snapshot.read()?;
            json!({ "shopName": seller.shop_name, "city": seller.city,
                    "province": seller.province, "status": seller.status })
        }
        Owner::Products => {
            let product: payload::Product = snapshot.read()?;
            let seller: SellerId = product.seller_id;
            json!({
                "status": product.status, "sellerId": seller.uuid(),
                "categoryId": product.category_id.uuid(), "name": product.name,
                "description": product.description, "brand": brand(&product),
                "features": product.features, "attributes": product.attributes,
                "minPrice": product.min_price.minor_units(),
                "maxPrice": product.max_price.minor_units(), "document": true,
            })
        }
        Owner::Stock => {
            let stock: payload::Stock = snapshot.read()?;
            let warehouse: Id<_> = stock.warehouse_id;
            let mut values = json!({
                "productId": stock.product_id.uuid(), "warehouseId": warehouse.uuid(),
                "quantity": stock.quantity,
            });
            if let Some(is_active) = stock.is_warehouse_active {
                values["isWarehouseActive"] = is_active.into();
            }
            values
        }
        Owner::Ratings => {
            let rating: payload::Rating = snapshot.read()?;
            json!({ "average": hundredths(rating.average.as_deref())?, "count": rating.count })
        }
    })
}
