//! What was measured, as `/metrics` would show it.

use std::{collections::BTreeSet, sync::Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// What this thread has counted and set, while it is the thread's recorder.
#[derive(Default)]
pub(super) struct Measured {
    counted: Mutex<Vec<Key>>,
    set: Mutex<BTreeSet<Key>>,
}

impl Measured {
    /// How many gauges of that name were set.
    pub(super) fn gauges(&self, name: &str) -> usize {
        let set = self.set.lock().unwrap();
        set.iter().filter(|key| key.name() == name).count()
    }

    /// The value of `label` whenever the counter was counted up, in order.
    pub(super) fn counted(&self, name: &str, label: &str) -> Vec<String> {
        let counted = self.counted.lock().unwrap();
        let of = counted.iter().filter(|key| key.name() == name);
        of.flat_map(Key::labels)
            .filter(|found| found.key() == label)
            .map(|found| found.value().to_owned())
            .collect()
    }
}

impl Recorder for Measured {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.counted.lock().unwrap().push(key.clone());
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.set.lock().unwrap().insert(key.clone());
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
