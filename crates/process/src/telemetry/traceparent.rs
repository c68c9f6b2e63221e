//! The W3C `traceparent` header: `00-<32 hex trace id>-<16 hex span id>-<2 hex flags>`.

use std::{collections::HashMap, sync::Arc};

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The name of the header.
pub const HEADER: &str = "traceparent";

/// The header's value if it is well-formed: what came from outside is never passed on unread.
#[must_use]
pub fn parse(value: &str) -> Option<Arc<str>> {
    let mut parts = value.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let well_formed = parts.next().is_none()
        && version == "00"
        && is_id(trace, 32)
        && is_id(span, 16)
        && is_hex(flags, 2);
    well_formed.then(|| Arc::from(value))
}

fn is_id(text: &str, length: usize) -> bool {
    is_hex(text, length) && text.bytes().any(|byte| byte != b'0')
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The trace id inside a well-formed value.
#[must_use]
pub fn trace_id(value: &str) -> Option<&str> {
    value.split('-').nth(1)
}

/// Makes `span` a child of the caller's span.
pub fn adopt(span: &Span, value: &str) {
    let carrier = HashMap::from([(HEADER.to_owned(), value.to_owned())]);
    let parent = TraceContextPropagator::new().extract(&carrier);
    // Fails only when no traces are recorded, and then there is nothing to adopt.
    drop(span.set_parent(parent));
}

/// What to send to somebody called from inside `span`; nothing when no traces are recorded.
#[must_use]
pub fn of(span: &Span) -> Option<Arc<str>> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.get(HEADER).map(|value| Arc::from(value.as_str()))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn only_well_formed_values_are_passed_on() {
        assert_eq!(parse(GIVEN).as_deref(), Some(GIVEN));
        assert_eq!(trace_id(GIVEN), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for wrong in [
            "",
            "garbage",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_child_stays_in_the_trace_of_the_caller() {
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")));
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("child");
            adopt(&span, GIVEN);
            let sent = of(&span).unwrap();
            assert_eq!(trace_id(&sent), trace_id(GIVEN));
            assert_ne!(&*sent, GIVEN, "the span id must be the child's own");
        });
    }

    #[test]
    fn without_traces_there_is_nothing_to_send() {
        assert_eq!(of(&tracing::info_span!("alone")), None);
    }
}
