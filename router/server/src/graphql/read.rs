//! What is asked: the parameters of a request, by POST or GET.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use http_body_util::BodyExt as _;
use router_engine::ErrorCode;
use serde_json_bytes::{ByteString, Map, Value};

use super::Refusal;

/// A client that sends too much is listened to up to here, so that it reads the refusal instead of
/// finding its connection reset.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;

/// The parameters of a GraphQL request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Map<ByteString, Value>,
}

/// Reads the parameters.
pub(super) async fn request(parts: &Parts, body: Body, limit: usize) -> Result<Asked, Refusal> {
    match parts.method {
        Method::GET => from_query(parts.uri.query().unwrap_or_default()),
        Method::POST => {
            check_content(&parts.headers)?;
            from_json(read_body(&parts.headers, body, limit).await?)
        }
        _ => Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::MethodNotAllowed,
            "send GraphQL by POST, or queries by GET",
        )
        .with_header(header::ALLOW, "GET, POST")),
    }
}

/// JSON in UTF-8, not compressed.
fn check_content(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str().unwrap_or_default())
    };
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let charset = parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'));
    let unsupported = |message| {
        Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
            message,
        ))
    };
    if !media.trim().eq_ignore_ascii_case("application/json") {
        return unsupported(
            "the body must be JSON, with the header Content-Type: application/json",
        );
    }
    if charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return unsupported("the body must be encoded in UTF-8");
    }
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return unsupported("the body must not be compressed");
    }
    Ok(())
}

async fn read_body(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0_usize);
    let mut whole = BytesMut::with_capacity(announced.min(limit));
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken| Refusal::bad_request("the body broke off"))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        received += data.len();
        if received > limit {
            whole = BytesMut::new();
            if received.max(announced) > MAX_DISCARDED {
                break;
            }
        } else {
            whole.extend_from_slice(data);
        }
    }
    if received > limit {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::PayloadTooLarge,
            format!("the body must not be longer than {limit} bytes"),
        ));
    }
    Ok(whole.freeze())
}

fn from_json(body: Bytes) -> Result<Asked, Refusal> {
    let members = match Value::from_bytes(body) {
        Ok(Value::Object(members)) => members,
        Ok(Value::Array(_)) => {
            return Err(Refusal::bad_request(
                "the body must be one request: batches are not served",
            ));
        }
        Ok(_) => return Err(Refusal::bad_request("the body must be a JSON object")),
        Err(error) => {
            return Err(Refusal::bad_request(format!(
                "the body is not valid JSON: {error}"
            )));
        }
    };
    asked(members)
}

/// The parameters in a URL: texts, of which two are JSON. Empty means absent.
fn from_query(query: &str) -> Result<Asked, Refusal> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|_malformed| Refusal::bad_request("the query string is malformed"))?;
    let mut members = Map::new();
    for (name, value) in pairs {
        if value.is_empty() {
            continue;
        }
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(value.into()),
            "variables" | "extensions" => Value::from_bytes(value.into()).map_err(|error| {
                Refusal::bad_request(format!("`{name}` is not valid JSON: {error}"))
            })?,
            _ => continue,
        };
        if members.insert(name.clone(), value).is_some() {
            return Err(Refusal::bad_request(format!("`{name}` is given twice")));
        }
    }
    asked(members)
}

/// Picks the parameters; whatever else is there is ignored, as the specification demands.
pub(crate) fn asked(mut members: Map<ByteString, Value>) -> Result<Asked, Refusal> {
    let extensions = object(members.remove("extensions"), "extensions")?;
    let query = match members.remove("query") {
        Some(Value::String(query)) => query.as_str().to_owned(),
        Some(Value::Null) | None if extensions.contains_key("persistedQuery") => {
            // This very text tells clients to send whole documents from now on.
            return Err(Refusal::bad_request("PersistedQueryNotSupported"));
        }
        Some(Value::Null) | None => {
            return Err(Refusal::bad_request(
                "`query` is missing: send the GraphQL document in it",
            ));
        }
        Some(_) => return Err(Refusal::bad_request("`query` must be a string")),
    };
    let operation_name = match members.remove("operationName") {
        Some(Value::String(name)) => Some(name.as_str().to_owned()),
        Some(Value::Null) | None => None,
        Some(_) => return Err(Refusal::bad_request("`operationName` must be a string")),
    };
    Ok(Asked {
        query,
        operation_name,
        variables: object(members.remove("variables"), "variables")?,
    })
}

fn object(value: Option<Value>, name: &str) -> Result<Map<ByteString, Value>, Refusal> {
    match value {
        Some(Value::Object(members)) => Ok(members),
        Some(Value::Null) | None => Ok(Map::new()),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object"))),
    }
}
