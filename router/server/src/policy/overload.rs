//! How much runs at the same time. What is too much is refused at once: waiting would only make
//! everybody late.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::{
    RouterState,
    graphql::{Refusal, reject},
};

pub(crate) fn enter(state: &RouterState) -> Result<OwnedSemaphorePermit, Refusal> {
    Arc::clone(&state.slots)
        .try_acquire_owned()
        .map_err(|_full| {
            reject("overload");
            Refusal::unavailable("too many requests run at the moment; try again shortly")
        })
}
