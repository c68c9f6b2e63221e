//! What this subgraph adds to the entities of others.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::{PageRequest, ProductId, SellerId, UserId, markers};

use super::{
    loaders::Loaders,
    types::{RatingSummaryValue, ReviewNode},
};
use crate::{
    access,
    domain::{Owner, ReviewSort},
    queries,
};

/// In which order to list reviews. Within the same rank the newest come first.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ReviewSort", remote = "ReviewSort")]
pub(crate) enum ReviewSortValue {
    /// The newest first.
    Newest,
    /// Those first that readers found most helpful; many votes weigh more than few.
    MostHelpful,
    /// The most stars first.
    Highest,
    /// The fewest stars first.
    Lowest,
}

/// Which reviews to list.
#[derive(InputObject)]
pub(crate) struct ReviewWhere {
    /// Only those with one of these numbers of stars (at most 5 items); without it, all.
    #[graphql(validator(max_items = 5))]
    rating: Option<Vec<i32>>,
}

/// A product; `catalog` owns it.
pub(crate) struct ProductNode {
    pub(crate) id: ProductId,
}

#[Object(name = "Product")]
impl ProductNode {
    /// Id, begins with `product_`.
    async fn id(&self) -> GlobalId<markers::Product> {
        self.id.into()
    }

    /// Its published reviews. `first` is at most 100, 20 without it; `sort` is `NEWEST` without it.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        sort: Option<ReviewSortValue>,
        r#where: Option<ReviewWhere>,
    ) -> Result<Option<Connection<ReviewNode>>> {
        let page = page_request(first, after)?;
        reviews_of(ctx, Owner::Product(self.id), page, (sort, r#where)).await
    }

    /// What its published reviews say together.
    async fn rating(&self, ctx: &Context<'_>) -> Result<Option<RatingSummaryValue>> {
        let ratings = &ctx.data::<Loaders>()?.product_ratings;
        let summary = ratings.load(self.id).await.map_err(gql::shared_fault)?;
        Ok(Some(summary.unwrap_or_default().into()))
    }

    /// What the caller wrote about it, published or not; null when that is nothing.
    async fn viewer_review(&self, ctx: &Context<'_>) -> Result<Option<ReviewNode>> {
        let reviews = &ctx.data::<Loaders>()?.viewer_reviews;
        let review = reviews.load(self.id).await.map_err(gql::shared_fault)?;
        Ok(review.map(ReviewNode))
    }
}

/// A shop; `sellers` owns it.
pub(crate) struct SellerNode {
    pub(crate) id: SellerId,
}

#[Object(name = "Seller")]
impl SellerNode {
    /// Id, begins with `seller_`.
    async fn id(&self) -> GlobalId<markers::Seller> {
        self.id.into()
    }

    /// The published reviews of its products. `first` is at most 100, 20 without it; `sort` is `NEWEST`
    /// without it.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        sort: Option<ReviewSortValue>,
        r#where: Option<ReviewWhere>,
    ) -> Result<Option<Connection<ReviewNode>>> {
        let page = page_request(first, after)?;
        reviews_of(ctx, Owner::Seller(self.id), page, (sort, r#where)).await
    }

    /// What the published reviews of its products say together.
    async fn rating(&self, ctx: &Context<'_>) -> Result<Option<RatingSummaryValue>> {
        let ratings = &ctx.data::<Loaders>()?.seller_ratings;
        let summary = ratings.load(self.id).await.map_err(gql::shared_fault)?;
        Ok(Some(summary.unwrap_or_default().into()))
    }
}

/// An account; `identity` owns it.
pub(crate) struct UserNode {
    pub(crate) id: UserId,
}

#[Object(name = "User")]
impl UserNode {
    /// Id, begins with `user_`.
    async fn id(&self) -> GlobalId<markers::User> {
        self.id.into()
    }

    /// What the person wrote, the newest first: published reviews, and all of them for the person and for
    /// moderators. `first` is at most 100, 20 without it.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<ReviewNode>>> {
        let page = page_request(first, after)?;
        let owner = if access::may_see_all_of(ctx.data()?, self.id) {
            Owner::AuthorWithHidden(self.id)
        } else {
            Owner::Author(self.id)
        };
        reviews_of(ctx, owner, page, (None, None)).await
    }
}

async fn reviews_of(
    ctx: &Context<'_>,
    owner: Owner,
    page: PageRequest,
    (sort, r#where): (Option<ReviewSortValue>, Option<ReviewWhere>),
) -> Result<Option<Connection<ReviewNode>>> {
    let ratings = r#where
        .and_then(|r#where| r#where.rating)
        .unwrap_or_default();
    let sort = sort.map_or(ReviewSort::Newest, Into::into);
    let listing = queries::listing(sort, &ratings, page).map_err(gql::fault)?;
    let lists = &ctx.data::<Loaders>()?.lists;
    let page = lists
        .load((owner, listing))
        .await
        .map_err(gql::shared_fault)?;
    Ok(page.map(|page| connection(page, ReviewNode)))
}
