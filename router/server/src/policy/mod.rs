//! What every request must pass, one rule per file.

pub(crate) mod auth;
pub(crate) mod cors;
pub(crate) mod csrf;
pub(crate) mod headers;
pub(crate) mod origin;
pub(crate) mod overload;
pub(crate) mod panics;
pub(crate) mod places;

use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

/// Shorter answers fit into one packet anyway.
const COMPRESSED_FROM_BYTES: u16 = 1_024;

/// Compression for clients that accept it. A low level: this is computed for every answer.
pub(crate) fn compression(enabled: bool) -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .gzip(enabled)
        .br(enabled)
        .quality(CompressionLevel::Precise(4))
        .compress_when(
            SizeAbove::new(COMPRESSED_FROM_BYTES)
                .and(NotForContentType::const_new("text/event-stream"))
                .and(NotForContentType::const_new("multipart/mixed")),
        )
}
