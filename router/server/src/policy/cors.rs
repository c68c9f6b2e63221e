//! Which other sites may use the API from a browser (T-GW-4, `reference/clients.md` 1.6).

use http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{CorsSettings, SettingsError};

const REQUEST_HEADERS: [&str; 18] = [
    "content-type",
    "accept",
    "authorization",
    "apollographql-client-name",
    "apollographql-client-version",
    "apollographql-library-name",
    "apollographql-library-version",
    "graphql-client-name",
    "graphql-client-version",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "x-apollo-operation-id",
    "x-graphql-event-stream-token",
    "idempotency-key",
    "traceparent",
    "tracestate",
    "baggage",
    "x-request-id",
];

const RESPONSE_HEADERS: [&str; 5] = [
    "x-request-id",
    "retry-after",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
];

pub(crate) fn layer(settings: &CorsSettings) -> Result<CorsLayer, SettingsError> {
    Ok(CorsLayer::new()
        .allow_origin(origins(settings)?)
        .allow_credentials(settings.credentials)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(REQUEST_HEADERS.map(HeaderName::from_static))
        .expose_headers(RESPONSE_HEADERS.map(HeaderName::from_static))
        .max_age(settings.max_age.get())
        .vary([header::ORIGIN]))
}

fn origins(settings: &CorsSettings) -> Result<AllowOrigin, SettingsError> {
    if settings.origins.iter().any(|origin| origin == "*") {
        if settings.origins.len() > 1 || settings.credentials {
            return Err(SettingsError::AnyOrigin);
        }
        return Ok(AllowOrigin::any());
    }
    settings
        .origins
        .iter()
        .map(|text| origin(text).ok_or_else(|| SettingsError::Origin(text.clone())))
        .collect::<Result<Vec<_>, _>>()
        .map(AllowOrigin::list)
}

/// Browsers compare origins as text, so that `https://shop.example/` would never match.
fn origin(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let exact = format!("{scheme}://{authority}").to_ascii_lowercase() == text;
    let web = matches!(scheme, "http" | "https") && !authority.as_str().contains('@');
    (exact && web).then(|| HeaderValue::from_str(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(origins: &[&str], credentials: bool) -> Result<CorsLayer, SettingsError> {
        layer(&CorsSettings {
            origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            credentials,
            ..CorsSettings::default()
        })
    }

    #[test]
    fn only_origins_are_accepted() {
        assert!(with(&["https://shop.example", "http://localhost:5173"], true).is_ok());
        assert!(with(&["*"], false).is_ok());
        for wrong in [
            "shop.example",
            "https://shop.example/",
            "https://Shop.example",
            "ftp://a",
            "",
        ] {
            let error = with(&[wrong], false).err().map(|error| error.to_string());
            assert!(
                error.is_some_and(|text| text.contains(&format!("`{wrong}`"))),
                "{wrong}"
            );
        }
        assert!(matches!(with(&["*"], true), Err(SettingsError::AnyOrigin)));
        assert!(matches!(
            with(&["*", "https://a.example"], false),
            Err(SettingsError::AnyOrigin)
        ));
    }
}
