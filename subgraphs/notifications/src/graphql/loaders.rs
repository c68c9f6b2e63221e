//! Batches, one per kind of key. There are none: everything here belongs to the one person who asks, so
//! siblings never ask for many of a kind.
