//! Where providers report what became of messages: `/notifications/callbacks/<provider>`. Nothing is believed
//! without a signature. Reports may come twice, late and in any order; an answer of 503 makes a provider report
//! again, Twilio for 15 s at most.

mod sendgrid;
mod twilio;
mod whatsapp;

pub(super) use sendgrid::SendgridCallbacks;
pub(super) use twilio::{PATH as TWILIO_PATH, TwilioCallbacks};
pub(super) use whatsapp::WhatsappCallbacks;

use axum::http::{HeaderMap, StatusCode};
use kernel::DeliveryId;
use service::Ctx;

use super::StatusReport;
use crate::commands::{Heard, record_status};

/// What reading a callback gave.
enum Callback {
    /// Signed; these messages have news.
    Reports(Vec<StatusReport>),
    /// Not signed, or wrongly, or too long ago.
    Forged,
    /// Signed, but not of the form that is documented.
    Malformed,
}

/// Records what a callback says and answers it.
async fn settle(ctx: &Ctx, provider: &'static str, callback: Callback) -> StatusCode {
    let (result, status) = match callback {
        Callback::Forged => {
            tracing::warn!(provider, "a callback has no valid signature");
            ("forged", StatusCode::FORBIDDEN)
        }
        Callback::Malformed => {
            tracing::warn!(provider, "a callback is not understood");
            ("malformed", StatusCode::BAD_REQUEST)
        }
        Callback::Reports(reports) => record_all(ctx, provider, reports).await,
    };
    metrics::counter!(
        "pasar_notifications_callbacks_total", "provider" => provider, "result" => result
    )
    .increment(1);
    status
}

async fn record_all(
    ctx: &Ctx,
    provider: &'static str,
    reports: Vec<StatusReport>,
) -> (&'static str, StatusCode) {
    let (mut result, mut is_early) = ("ignored", false);
    for report in reports {
        match record_status(ctx, report).await {
            Ok(Heard::Recorded) => result = "recorded",
            Ok(Heard::Unknown) => {
                tracing::info!(provider, "a callback speaks of a message nobody sent");
            }
            Ok(Heard::TooEarly) => {
                tracing::info!(provider, "a callback comes before the answer it needs");
                is_early = true;
            }
            Err(fault) => {
                // What was recorded before stays and says nothing new when it comes again.
                tracing::error!(
                    provider,
                    cause = fault.chain(),
                    "a callback is lost for now"
                );
                return ("failed", StatusCode::SERVICE_UNAVAILABLE);
            }
        }
    }
    if is_early {
        // All of them come again, also those that were recorded.
        return ("early", StatusCode::SERVICE_UNAVAILABLE);
    }
    (result, StatusCode::OK)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Our id as a provider repeats it; nothing when it is not of ours.
fn delivery(text: Option<&str>) -> Option<DeliveryId> {
    text?.parse().ok()
}

/// A provider's code for the reason of a failure; nothing when it might be more than a code.
fn code(text: &str) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    (!text.is_empty() && text.len() <= 40 && text.chars().all(fits)).then_some(text)
}
