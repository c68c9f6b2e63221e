//! Batches: one look-up for all the keys that one request asks for at the same time.
//!
//! `async-graphql` resolves siblings (the items of a list, the representations of `_entities`) as
//! futures of one task. Each `load` therefore puts its key in and yields once: by the time the first
//! one goes on and begins the look-up, every sibling has been polled. There is no timer and no spawned task, so a batch costs
//! microseconds and its size does not depend on the machine's load (`cargo xtask bench entities`
//! compares it with the timer-based `DataLoader`).
//!
//! What was found is remembered for the rest of the request. In a subscription, and between the
//! mutations of one document, that would become old: there a batch forgets a key as soon as its look-up
//! is done.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{
    FutureExt, StreamExt as _,
    future::{BoxFuture, Shared},
    stream::{self, BoxStream},
};
use kernel::Fault;

tokio::task_local! {
    /// Set while batches forget.
    static FORGETTING: ();
}

/// Runs `work` with batches that forget what they have found.
pub(crate) async fn forgetting<F: Future>(work: F) -> F::Output {
    FORGETTING.scope((), work).await
}

/// Makes the items of `items` with batches that forget what they have found.
pub(crate) fn forgetting_stream<T: 'static>(
    mut items: BoxStream<'static, T>,
) -> impl stream::Stream<Item = T> + Send + 'static {
    stream::poll_fn(move |context| FORGETTING.sync_scope((), || items.poll_next_unpin(context)))
}

type Outcome<K, V> = Result<Arc<HashMap<K, V>>, Arc<Fault>>;
type Running<K, V> = Shared<BoxFuture<'static, Outcome<K, V>>>;
type LoadAll<K, V> =
    dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Fault>> + Send + Sync;

/// Loads values by key for one request, many keys at a time, each key once.
pub struct Batch<K, V> {
    load_all: Arc<LoadAll<K, V>>,
    state: Arc<Mutex<State<K, V>>>,
}

struct State<K, V> {
    /// Keys that wait for the next look-up, and that look-up.
    waiting: Vec<K>,
    next: Option<Running<K, V>>,
    /// The look-up in which a key is, or was, asked for.
    asked: HashMap<K, Running<K, V>>,
}

impl<K, V> Batch<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A batch that finds the values of many keys with `load_all`. Keys that it leaves out of its
    /// answer do not exist.
    pub fn new<F>(load_all: F) -> Self
    where
        F: Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Fault>> + Send + Sync + 'static,
    {
        let state = State {
            waiting: Vec::new(),
            next: None,
            asked: HashMap::new(),
        };
        Self {
            load_all: Arc::new(load_all),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The value of `key`, or `None` when it does not exist.
    ///
    /// # Errors
    /// The fault of the whole look-up.
    pub async fn load(&self, key: K) -> Result<Option<V>, Arc<Fault>> {
        let look_up = self.look_up(&key);
        // Not inside the shared look-up: whoever joins it polls it, which would end its wait early.
        tokio::task::yield_now().await;
        Ok(look_up.await?.get(&key).cloned())
    }

    fn look_up(&self, key: &K) -> Running<K, V> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = state.asked.get(key) {
            return running.clone();
        }
        let running = state.next.get_or_insert_with(|| self.start()).clone();
        state.waiting.push(key.clone());
        state.asked.insert(key.clone(), running.clone());
        running
    }

    /// A look-up of all keys that have been put in by the time it is first polled.
    fn start(&self) -> Running<K, V> {
        let (load_all, state) = (Arc::clone(&self.load_all), Arc::clone(&self.state));
        async move {
            let keys = {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.next = None;
                std::mem::take(&mut state.waiting)
            };
            if FORGETTING.try_with(|()| ()).is_err() {
                return load_all(keys).await.map(Arc::new).map_err(Arc::new);
            }
            let found = load_all(keys.clone()).await;
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            for key in &keys {
                state.asked.remove(key);
            }
            found.map(Arc::new).map_err(Arc::new)
        }
        .boxed()
        .shared()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    fn recording() -> (Batch<u32, String>, Arc<Mutex<Vec<usize>>>) {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sizes);
        let batch = Batch::new(move |keys: Vec<u32>| {
            seen.lock().unwrap().push(keys.len());
            async move {
                if keys.contains(&1_013) {
                    return Err(Fault::internal("unlucky"));
                }
                Ok(keys
                    .into_iter()
                    .filter(|k| k % 2 == 0)
                    .map(|k| (k, k.to_string()))
                    .collect())
            }
            .boxed()
        });
        (batch, sizes)
    }

    #[tokio::test]
    async fn siblings_share_one_look_up_and_missing_keys_are_none() {
        let (batch, sizes) = recording();
        let values = join_all((100..200).map(|key| batch.load(key % 150))).await;
        assert_eq!(values[0].as_ref().unwrap().as_deref(), Some("100"));
        assert_eq!(values[1].as_ref().unwrap().as_deref(), None);
        assert_eq!(*sizes.lock().unwrap(), [100]);
        batch.load(100).await.unwrap();
        assert_eq!(*sizes.lock().unwrap(), [100], "a key is looked up once");
        batch.load(300).await.unwrap();
        assert_eq!(*sizes.lock().unwrap(), [100, 1]);
    }

    #[tokio::test]
    async fn a_batch_that_forgets_asks_again_and_still_asks_for_siblings_at_once() {
        let (batch, sizes) = recording();
        forgetting(join_all([2, 2, 4].map(|key| batch.load(key)))).await;
        assert_eq!(*sizes.lock().unwrap(), [2]);
        forgetting(batch.load(2)).await.unwrap();
        let batch = Arc::new(batch);
        let events = stream::iter([2, 2]).then(move |key| {
            let batch = Arc::clone(&batch);
            async move { batch.load(key).await.unwrap() }
        });
        let found: Vec<_> = forgetting_stream(events.boxed()).collect().await;
        assert_eq!(found, [Some("2".to_owned()), Some("2".to_owned())]);
        assert_eq!(*sizes.lock().unwrap(), [2, 1, 1, 1]);
    }

    #[tokio::test]
    async fn a_failed_look_up_fails_all_that_wait_for_it_and_no_other() {
        let (batch, _) = recording();
        let values = join_all([1_012, 1_013].map(|key| batch.load(key))).await;
        assert!(values.iter().all(Result::is_err));
        assert_eq!(batch.load(14).await.unwrap().as_deref(), Some("14"));
    }
}
