//! How many connections stay open, sockets and event streams, in total and of one user.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use http::StatusCode;
use kernel::UserId;
use router_engine::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    RouterState, SubscriptionSettings,
    graphql::{Refusal, reject},
};

/// A place for `user`, or for somebody not known yet.
pub(crate) fn enter(state: &RouterState, user: Option<UserId>) -> Result<Place, Refusal> {
    let subscriptions = &state.subscriptions;
    if subscriptions.draining.is_cancelled() {
        return Err(Refusal::unavailable("the server is stopping; try again"));
    }
    let Some(mut place) = subscriptions.places.enter() else {
        reject("subscriptions");
        return Err(Refusal::unavailable(
            "too many subscribers are connected at the moment; try again shortly",
        ));
    };
    if place.belongs_to(user) {
        return Ok(place);
    }
    reject("subscriptions_of_user");
    Err(Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::RateLimited,
        TOO_MANY_OF_USER,
    ))
}

pub(crate) const TOO_MANY_OF_USER: &str = "too many connections of this user are open";

/// What is taken and what is left.
pub(crate) struct Places {
    total: Arc<Semaphore>,
    per_user: usize,
    users: Mutex<HashMap<UserId, usize>>,
}

/// One connection's place; given back when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    user: Option<UserId>,
    _one_of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(settings: &SubscriptionSettings) -> Self {
        Self {
            total: Arc::new(Semaphore::new(
                settings.max_connections.min(Semaphore::MAX_PERMITS),
            )),
            per_user: settings.max_connections_per_user,
            users: Mutex::default(),
        }
    }

    /// A place for somebody not known yet, if there is one left.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Place> {
        let permit = Arc::clone(&self.total).try_acquire_owned().ok()?;
        Some(Place {
            places: Arc::clone(self),
            user: None,
            _one_of_all: permit,
        })
    }
}

impl Place {
    /// Counts the place as `user`'s. False when that would be one too many.
    pub(crate) fn belongs_to(&mut self, user: Option<UserId>) -> bool {
        self.forget_user();
        let Some(user) = user else { return true };
        let mut users = self
            .places
            .users
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let taken = users.entry(user).or_default();
        let fits = *taken < self.places.per_user;
        if fits {
            *taken += 1;
        }
        if *taken == 0 {
            users.remove(&user);
        }
        drop(users);
        self.user = fits.then_some(user);
        fits
    }

    fn forget_user(&mut self) {
        let Some(user) = self.user.take() else { return };
        let mut users = self
            .places
            .users
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut taken) = users.entry(user) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.forget_user();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(max_connections: usize, max_connections_per_user: usize) -> Arc<Places> {
        Arc::new(Places::new(&SubscriptionSettings {
            max_connections,
            max_connections_per_user,
            ..SubscriptionSettings::default()
        }))
    }

    #[test]
    fn places_are_counted_in_total_and_per_user_and_come_back() {
        let ids = kernel::Ids::counted();
        let (ani, budi): (UserId, UserId) = (ids.next(), ids.next());
        let places = places(3, 1);
        let mut first = places.enter().unwrap();
        let mut second = places.enter().unwrap();
        let mut third = places.enter().unwrap();
        assert!(places.enter().is_none());
        assert!(first.belongs_to(Some(ani)));
        assert!(first.belongs_to(Some(ani)), "the same place again");
        assert!(!second.belongs_to(Some(ani)));
        assert!(second.belongs_to(Some(budi)));
        assert!(third.belongs_to(None));
        drop(first);
        assert!(third.belongs_to(Some(ani)));
        drop((second, third));
        assert!(places.users.lock().unwrap().is_empty());
        assert_eq!(places.total.available_permits(), 3);
    }

    #[test]
    fn a_limit_of_none_lets_no_user_in() {
        let mut place = places(1, 0).enter().unwrap();
        assert!(!place.belongs_to(Some(kernel::Ids::counted().next())));
        assert!(place.belongs_to(None));
    }
}
