//! The answer to one request.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::error::GraphqlError;

/// A GraphQL response. `data` is JSON text already: nothing needs to read it again.
#[derive(Debug, Clone)]
pub struct GraphqlResponse {
    /// The text of `data` (it may be `null`), or nothing when execution never began.
    pub data: Option<Bytes>,
    /// What went wrong.
    pub errors: Vec<GraphqlError>,
    /// Additional information about the response as a whole.
    pub extensions: Map<String, Value>,
}

impl GraphqlResponse {
    /// The answer to a request that was refused before execution.
    #[must_use]
    pub fn refused(errors: Vec<GraphqlError>) -> Self {
        Self {
            data: None,
            errors,
            extensions: Map::new(),
        }
    }

    /// The response as JSON text.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let size = self.data.as_ref().map_or(0, Bytes::len);
        let mut out = Vec::with_capacity(size + 16 + 256 * self.errors.len());
        out.push(b'{');
        if let Some(data) = &self.data {
            out.extend_from_slice(b"\"data\":");
            out.extend_from_slice(data);
        }
        if !self.errors.is_empty() {
            next_member(&mut out, b"\"errors\":");
            write_json(&mut out, &self.errors);
        }
        if !self.extensions.is_empty() {
            next_member(&mut out, b"\"extensions\":");
            write_json(&mut out, &self.extensions);
        }
        out.push(b'}');
        out.into()
    }
}

fn next_member(out: &mut Vec<u8>, key: &[u8]) {
    if out.len() > 1 {
        out.push(b',');
    }
    out.extend_from_slice(key);
}

/// Writes `value` as JSON text.
pub(crate) fn write_json(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(out, value)
        .expect("values here have string keys, and writing to memory does not fail");
}
