//! One batch per kind of key: however many siblings ask, there is one SQL statement.

use std::collections::HashMap;

use futures_util::FutureExt;
use gql::Batch;
use kernel::UserId;
use service::Ctx;

use crate::{
    domain::{Role, Session, User},
    store,
};

/// The batches of one request.
pub(crate) struct Loaders {
    /// Accounts by id.
    pub(crate) users: Batch<UserId, User>,
    /// The roles of an account.
    pub(crate) roles: Batch<UserId, Vec<Role>>,
    /// The live sessions of an account.
    pub(crate) sessions: Batch<UserId, Vec<Session>>,
}

impl Loaders {
    pub(crate) fn new(ctx: &Ctx) -> Self {
        let (db, roles_db, sessions_ctx) = (ctx.db.clone(), ctx.db.clone(), ctx.clone());
        Self {
            users: Batch::new(move |ids| {
                let db = db.clone();
                async move {
                    let users = store::users::load(&db, &ids).await?;
                    Ok(users.into_iter().map(|user| (user.id, user)).collect())
                }
                .boxed()
            }),
            roles: Batch::new(move |ids| {
                let db = roles_db.clone();
                async move {
                    let mut by_user: HashMap<_, Vec<_>> = HashMap::new();
                    for (id, role) in store::roles::load_by_user(&db, &ids).await? {
                        by_user.entry(id).or_default().push(role);
                    }
                    Ok(by_user)
                }
                .boxed()
            }),
            sessions: Batch::new(move |ids| {
                let ctx = sessions_ctx.clone();
                async move {
                    let mut by_user: HashMap<_, Vec<_>> = HashMap::new();
                    let now = ctx.now();
                    for session in store::sessions::load_live_by_user(&ctx.db, &ids, now).await? {
                        by_user.entry(session.user_id).or_default().push(session);
                    }
                    Ok(by_user)
                }
                .boxed()
            }),
        }
    }
}
