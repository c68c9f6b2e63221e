//! Keeps prepared operations. The key is the whole text and the operation's name, compared in full:
//! two operations can never be taken for each other, whatever their hashes.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use indexmap::Equivalent;
use moka::sync::Cache;

use super::Prepared;

/// Bounded by entries and by bytes.
pub(crate) struct PlanCache(Cache<Key, Arc<Prepared>>);

#[derive(PartialEq, Eq)]
struct Key {
    document: Box<str>,
    operation_name: Option<Box<str>>,
}

/// A key to look up, without copying the document.
struct KeyRef<'a> {
    document: &'a str,
    operation_name: Option<&'a str>,
}

impl Key {
    fn as_ref(&self) -> KeyRef<'_> {
        KeyRef {
            document: &self.document,
            operation_name: self.operation_name.as_deref(),
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.document.hash(state);
        self.operation_name.hash(state);
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.document == &*key.document && self.operation_name == key.operation_name.as_deref()
    }
}

impl PlanCache {
    pub(crate) fn new(entries: u64, bytes: u64) -> Self {
        // One capacity bounds both: an entry never counts for less than its share of the bytes.
        let share = u32::try_from(bytes / entries.max(1)).unwrap_or(u32::MAX);
        let capacity = if entries == 0 { 0 } else { bytes };
        Self(
            Cache::builder()
                .max_capacity(capacity)
                .weigher(move |key: &Key, prepared: &Arc<Prepared>| {
                    let size = key.document.len() + prepared.estimated_bytes();
                    u32::try_from(size).unwrap_or(u32::MAX).max(share)
                })
                .build(),
        )
    }

    pub(crate) fn get(&self, document: &str, name: Option<&str>) -> Option<Arc<Prepared>> {
        self.0.get(&KeyRef {
            document,
            operation_name: name,
        })
    }

    pub(crate) fn insert(&self, document: &str, name: Option<&str>, prepared: Arc<Prepared>) {
        let key = Key {
            document: document.into(),
            operation_name: name.map(Into::into),
        };
        self.0.insert(key, prepared);
    }

    /// How many operations are kept now.
    pub(crate) fn entries(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }
}
