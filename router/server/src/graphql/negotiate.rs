//! Which media type the answer has (`reference/clients.md` 1.2).

use http::{HeaderMap, StatusCode, header};
use router_engine::ErrorCode;

use super::Refusal;

/// The media types a result can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `application/graphql-response+json`: the status tells whether the request was valid.
    GraphqlResponse,
    /// `application/json`, for older clients: a request that was understood is answered with 200.
    Json,
}

impl Format {
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// What the client reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The best format for a result that comes whole: highest `q`, then first named.
    ///
    /// `multipart/mixed` and `text/event-stream` are left out, though some clients name them first:
    /// they are for results that come in parts.
    pub(crate) single: Option<Format>,
    /// Whether it reads event streams: only who names them does.
    pub(crate) events: bool,
}

impl Accepted {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            let Ok(text) = value.to_str() else { continue };
            ranges.extend(text.split(',').filter_map(Range::parse));
        }
        if ranges.is_empty() {
            return Ok(Self {
                single: Some(Format::Json),
                events: false,
            });
        }
        let mut best: Option<(f32, Format)> = None;
        for range in &ranges {
            let Some(format) = range.format(&ranges) else {
                continue;
            };
            if range.quality > best.map_or(0.0, |(quality, _)| quality) {
                best = Some((range.quality, format));
            }
        }
        let accepted = Self {
            single: best.map(|(_, format)| format),
            events: ranges
                .iter()
                .any(|range| range.media == "text/event-stream" && range.quality > 0.0),
        };
        if accepted.single.is_none() && !accepted.events {
            return Err(Refusal::new(
                StatusCode::NOT_ACCEPTABLE,
                ErrorCode::NotAcceptable,
                "the answer can be application/graphql-response+json, application/json or \
                 text/event-stream; the Accept header allows none of them",
            ));
        }
        Ok(accepted)
    }
}

/// One entry of an Accept header.
struct Range {
    media: String,
    quality: f32,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().filter(|media| !media.is_empty())?;
        let mut quality = 1.0;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("q") {
                quality = value.parse().unwrap_or(0.0_f32).clamp(0.0, 1.0);
            } else if name.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
                // JSON is UTF-8.
                quality = 0.0;
            }
        }
        Some(Self {
            media: media.to_ascii_lowercase(),
            quality,
        })
    }

    /// The format this entry allows. A wildcard stands for plain JSON, unless that is excluded.
    fn format(&self, all: &[Self]) -> Option<Format> {
        let excluded = |media: &str| {
            all.iter()
                .any(|range| range.media == media && range.quality == 0.0)
        };
        match self.media.as_str() {
            "application/graphql-response+json" => Some(Format::GraphqlResponse),
            "application/json" => Some(Format::Json),
            "*/*" | "application/*" if !excluded("application/json") => Some(Format::Json),
            "*/*" | "application/*" if !excluded("application/graphql-response+json") => {
                Some(Format::GraphqlResponse)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(accept: &str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Accepted::of(&headers).ok()?.single
    }

    #[test]
    fn every_real_client_gets_what_it_can_read() {
        for (client, accept, expected) in [
            (
                "Apollo Client",
                "application/graphql-response+json,application/json;q=0.9",
                Format::GraphqlResponse,
            ),
            (
                "Apollo Kotlin",
                "application/graphql-response+json, application/json",
                Format::GraphqlResponse,
            ),
            (
                "Apollo iOS",
                "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json",
                Format::GraphqlResponse,
            ),
            (
                "urql",
                "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
                Format::GraphqlResponse,
            ),
            (
                "GraphiQL",
                "application/json, multipart/mixed",
                Format::Json,
            ),
            ("curl", "*/*", Format::Json),
            (
                "browser",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Format::Json,
            ),
        ] {
            assert_eq!(format(accept), Some(expected), "{client}");
        }
        assert_eq!(
            Accepted::of(&HeaderMap::new()).ok(),
            Some(Accepted {
                single: Some(Format::Json),
                events: false
            })
        );
    }

    #[test]
    fn quality_counts_before_order() {
        let graphql = Some(Format::GraphqlResponse);
        assert_eq!(
            format("application/json;q=0.5, application/graphql-response+json;q=0.6"),
            graphql
        );
        assert_eq!(format("application/json;q=0, */*"), graphql);
        assert_eq!(
            format("APPLICATION/JSON ; Q=0.1 , text/html"),
            Some(Format::Json)
        );
        assert_eq!(
            format("application/json; charset=utf-8"),
            Some(Format::Json)
        );
    }

    #[test]
    fn what_cannot_be_produced_is_refused() {
        for accept in [
            "text/html",
            "multipart/mixed;subscriptionSpec=1.0",
            "application/json;q=0",
            "application/json; charset=utf-16",
            "image/*",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert!(Accepted::of(&headers).is_err(), "{accept}");
        }
    }

    #[test]
    fn event_streams_are_for_those_who_name_them() {
        for (accept, single, events) in [
            ("text/event-stream", None, true),
            ("text/event-stream, multipart/mixed", None, true),
            (
                "application/json, text/event-stream;q=0.1",
                Some(Format::Json),
                true,
            ),
            ("text/event-stream;q=0, */*", Some(Format::Json), false),
            ("text/*, application/json", Some(Format::Json), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            let accepted = Accepted::of(&headers).unwrap();
            assert_eq!(accepted, Accepted { single, events }, "{accept}");
        }
    }
}
