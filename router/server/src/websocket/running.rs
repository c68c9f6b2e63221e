//! The operations of one connection.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt as _, stream::Abortable};

use crate::subscriptions::{Item, Items};

/// An operation that says whose items it gives, and when it is over; not when it was aborted.
pub(crate) struct Running {
    key: u64,
    items: Abortable<Items>,
    over: bool,
}

impl Running {
    pub(crate) const fn new(key: u64, items: Abortable<Items>) -> Self {
        Self {
            key,
            items,
            over: false,
        }
    }
}

impl Stream for Running {
    type Item = (u64, Option<Item>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        self.items.poll_next_unpin(context).map(|item| {
            self.over = item.is_none();
            let aborted = self.over && self.items.is_aborted();
            (!aborted).then_some((self.key, item))
        })
    }
}
