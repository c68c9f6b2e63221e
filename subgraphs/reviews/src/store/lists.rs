//! Lists of reviews: many lists of one kind in one statement.

use std::{
    collections::HashMap,
    mem::{Discriminant, discriminant},
};

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Page, PageRequest, ProductId, ReviewId, UserId};
use sqlx::PgPool;
use uuid::Uuid;

use super::reviews::{COLUMNS, Row};
use crate::domain::{Listing, Owner, Review, ReviewSort};

/// Reads lists of reviews: one statement for all lists that differ only in whose they are.
pub(crate) async fn load(
    db: &PgPool,
    lists: Vec<(Owner, Listing)>,
) -> Result<HashMap<(Owner, Listing), Page<Review>>, Fault> {
    let mut alike: HashMap<(Discriminant<Owner>, Listing), Vec<Owner>> = HashMap::new();
    for (owner, listing) in lists {
        alike
            .entry((discriminant(&owner), listing))
            .or_default()
            .push(owner);
    }
    let mut pages = HashMap::new();
    for ((_, listing), owners) in alike {
        let mut found: HashMap<Owner, Vec<Review>> =
            owners.iter().map(|owner| (*owner, Vec::new())).collect();
        for review in load_alike(db, &owners, &listing).await? {
            let owner = owners.first().map(|kind| owner_of(*kind, &review));
            if let Some(reviews) = owner.and_then(|owner| found.get_mut(&owner)) {
                reviews.push(review);
            }
        }
        for (owner, reviews) in found {
            let page = listing.page(reviews);
            pages.insert((owner, listing.clone()), page);
        }
    }
    Ok(pages)
}

/// The owner among those of the same kind as `kind` to whose list the review belongs.
fn owner_of(kind: Owner, review: &Review) -> Owner {
    let subject = review.subject;
    match kind {
        Owner::Product(_) => Owner::Product(subject.product_id),
        Owner::Seller(_) => Owner::Seller(subject.seller_id),
        Owner::Author(_) => Owner::Author(subject.author_id),
        Owner::AuthorWithHidden(_) => Owner::AuthorWithHidden(subject.author_id),
    }
}

fn uuid_of(owner: Owner) -> Uuid {
    match owner {
        Owner::Product(id) => id.uuid(),
        Owner::Seller(id) => id.uuid(),
        Owner::Author(id) | Owner::AuthorWithHidden(id) => id.uuid(),
    }
}

async fn load_alike(
    db: &PgPool,
    owners: &[Owner],
    listing: &Listing,
) -> Result<Vec<Review>, Fault> {
    let Some(kind) = owners.first() else {
        return Ok(Vec::new());
    };
    let (column, visible) = match kind {
        Owner::Product(_) => ("product_id", "status = 'PUBLISHED'"),
        Owner::Seller(_) => ("seller_id", "status = 'PUBLISHED'"),
        Owner::Author(_) => ("author_id", "status = 'PUBLISHED'"),
        Owner::AuthorWithHidden(_) => ("author_id", "true"),
    };
    let (order, after) = match listing.sort {
        ReviewSort::Newest => (
            "created_at desc, id desc",
            "$3::integer is not null and (created_at, id) < ($4, $5)",
        ),
        ReviewSort::MostHelpful => (
            "helpfulness desc, created_at desc, id desc",
            "(helpfulness, created_at, id) < ($3, $4, $5)",
        ),
        ReviewSort::Highest => (
            "rating desc, created_at desc, id desc",
            "(rating, created_at, id) < ($3, $4, $5)",
        ),
        ReviewSort::Lowest => (
            "(-rating) desc, created_at desc, id desc",
            "(-rating, created_at, id) < ($3, $4, $5)",
        ),
    };
    // Two texts, not one with `is null or`: so each always begins its index scan at the cursor.
    let after = match listing.after {
        None => "$3::integer is null and $4::timestamptz is null and $5::uuid is null",
        Some(_) => after,
    };
    let ids: Vec<Uuid> = owners.iter().map(|owner| uuid_of(*owner)).collect();
    let ratings: Vec<i16> = listing
        .ratings
        .iter()
        .map(|rating| rating.stars().into())
        .collect();
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select review.* from unnest($1::uuid[]) as owner (owner_id) cross join lateral (\
         select {COLUMNS} from reviews where {column} = owner_id and {visible} \
         and ($2::smallint[] is null or rating = any($2)) \
         and {after} order by {order} limit $6) as review \
         order by owner_id, {order}"
    )))
    .bind(ids)
    .bind((!ratings.is_empty()).then_some(ratings))
    .bind(listing.after.map(|after| after.rank))
    .bind(listing.after.map(|after| after.created_at))
    .bind(listing.after.map(|after| after.id.uuid()))
    .bind(listing.limit())
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Review::try_from).collect()
}

/// Lists what waits for a moderator, the longest waiting first.
pub(crate) async fn list_held(db: &PgPool, page: &PageRequest) -> Result<Page<Review>, Fault> {
    let after: Option<(DateTime<Utc>, ReviewId)> = page.after()?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from reviews where status = 'PENDING' \
         and ($1::timestamptz is null or (held_at, id) > ($1, $2)) \
         order by held_at, id limit $3"
    )))
    .bind(after.map(|(held_at, _)| held_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let reviews = rows
        .into_iter()
        .map(Review::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(reviews, |review| (review.held_at, review.id)))
}

/// What one person wrote about these products, in one statement.
pub(crate) async fn load_by_author(
    db: &PgPool,
    author_id: UserId,
    product_ids: &[ProductId],
) -> Result<Vec<Review>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from reviews where author_id = $1 and product_id = any($2)"
    )))
    .bind(author_id.uuid())
    .bind(Id::uuids(product_ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Review::try_from).collect()
}
