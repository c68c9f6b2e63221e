//! Root subscriptions.

use std::collections::VecDeque;

use async_graphql::{Context, Result, Subscription};
use futures_util::{Stream, stream};
use gql::Int64;
use service::{Ctx, live::Listener};

use super::{Site, types::NotificationNode};
use crate::{
    commands::live_channel,
    queries::{self, View},
};

/// Where a subscription stands.
struct Reader {
    ctx: Ctx,
    site: Site,
    listener: Listener,
    seq: i64,
    ready: VecDeque<View>,
    has_looked: bool,
}

impl Reader {
    /// The next notification; waits until there is one.
    async fn next(&mut self) -> Result<View, kernel::Fault> {
        loop {
            if let Some(view) = self.ready.pop_front() {
                // The account may have been closed since the look.
                queries::find_last_seq(&self.ctx).await?;
                self.seq = view.notification.seq.unwrap_or(self.seq);
                return Ok(view);
            }
            if self.has_looked {
                self.listener.changed().await;
                queries::find_last_seq(&self.ctx).await?;
            }
            self.ready = queries::list_after(&self.ctx, &self.site.0, self.seq)
                .await?
                .into();
            self.has_looked = self.ready.is_empty();
        }
    }
}

pub(crate) struct Subscription;

#[Subscription]
impl Subscription {
    /// What the caller is told, as it happens, in order of `seq`. With `afterSeq`, first everything after that
    /// number: who gives the last number they saw misses nothing. Needs a login; ends with an error when the
    /// account is closed.
    async fn notification_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `seq` seen last; without it, only what comes from now on.")]
        after_seq: Option<Int64>,
    ) -> Result<impl Stream<Item = Result<NotificationNode>> + use<>> {
        let request = ctx.data::<Ctx>()?.clone();
        let user_id = request.user().map_err(gql::fault)?;
        // Listen before looking, so that nothing falls between.
        let listener = request.live.listen(&live_channel(user_id));
        let last = queries::find_last_seq(&request).await.map_err(gql::fault)?;
        let reader = Reader {
            seq: after_seq.map_or(last, |seq| seq.0),
            site: ctx.data::<Site>()?.clone(),
            ctx: request,
            listener,
            ready: VecDeque::new(),
            has_looked: false,
        };
        // An error is the last item.
        Ok(stream::unfold(Some(reader), |reader| async move {
            let mut reader = reader?;
            Some(match reader.next().await {
                Ok(view) => (Ok(NotificationNode(view)), Some(reader)),
                Err(fault) => (Err(gql::fault(fault)), None),
            })
        }))
    }
}
