//! One batch per kind of key: however many siblings ask, there is one SQL statement.

use std::collections::HashMap;

use futures_util::FutureExt;
use gql::Batch;
use kernel::{SellerId, UserId};
use service::Ctx;

use crate::{
    domain::{Member, Seller},
    store,
};

/// The batches of one request.
pub(crate) struct Loaders {
    /// Shops by id.
    pub(crate) sellers: Batch<SellerId, Seller>,
    /// The people of a shop.
    pub(crate) members: Batch<SellerId, Vec<Member>>,
    /// The place where a person works.
    pub(crate) membership: Batch<UserId, Member>,
}

impl Loaders {
    pub(crate) fn new(ctx: &Ctx) -> Self {
        let (db, members_db, membership_db) = (ctx.db.clone(), ctx.db.clone(), ctx.db.clone());
        Self {
            sellers: Batch::new(move |ids| {
                let db = db.clone();
                async move {
                    let sellers = store::sellers::load(&db, &ids).await?;
                    Ok(sellers
                        .into_iter()
                        .map(|seller| (seller.id, seller))
                        .collect())
                }
                .boxed()
            }),
            members: Batch::new(move |ids| {
                let db = members_db.clone();
                async move {
                    let mut by_seller: HashMap<_, Vec<_>> = HashMap::new();
                    for member in store::members::load_by_seller(&db, &ids).await? {
                        by_seller.entry(member.seller_id).or_default().push(member);
                    }
                    Ok(by_seller)
                }
                .boxed()
            }),
            membership: Batch::new(move |ids| {
                let db = membership_db.clone();
                async move {
                    let members = store::members::load_by_user(&db, &ids).await?;
                    Ok(members
                        .into_iter()
                        .map(|member| (member.user_id, member))
                        .collect())
                }
                .boxed()
            }),
        }
    }
}
