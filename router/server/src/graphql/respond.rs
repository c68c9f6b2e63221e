//! The HTTP side of an answer: status, headers, body.

use axum::{
    Extension,
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use process::http::RequestContext;
use router_engine::{ErrorCode, GraphqlResponse};

use super::{
    Accepted, Format, Refusal,
    refusal::{Status, name_request, reject},
};
use crate::subscriptions;

/// The engine's answer, with data or without.
pub(super) fn answered(
    mut answer: GraphqlResponse,
    accepted: Accepted,
    context: &RequestContext,
) -> Response {
    let Some(format) = accepted.single else {
        name_request(&mut answer.errors, &context.id);
        return subscriptions::once(&answer);
    };
    let status = if answer.data.is_some() {
        StatusCode::OK
    } else {
        status_of_errors(&answer, format)
    };
    send(status, &mut answer, format, context)
}

/// A refusal for somebody who may want an event stream: in one, what is wrong with the operation is an
/// event like any other, because browsers hide the body of anything but 200.
pub(super) fn refused_as(
    refusal: Refusal,
    accepted: Accepted,
    context: &RequestContext,
) -> Response {
    match (accepted.single, refusal.status) {
        (None, Status::OfErrors) => {
            answered(GraphqlResponse::refused(refusal.errors), accepted, context)
        }
        (format, _) => refused(refusal, format.unwrap_or(Format::Json), context),
    }
}

pub(crate) fn refused(refusal: Refusal, format: Format, context: &RequestContext) -> Response {
    let mut answer = GraphqlResponse::refused(refusal.errors);
    let status = match refusal.status {
        Status::Fixed(status) => status,
        Status::OfErrors => status_of_errors(&answer, format),
    };
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        reject("body");
    }
    let mut response = send(status, &mut answer, format, context);
    response.headers_mut().extend(
        refusal
            .headers
            .into_iter()
            .map(|(name, value)| (Some(name), value)),
    );
    response
}

/// The status of a GraphQL request that was not run (`reference/clients.md` 1.1, `compat`).
fn status_of_errors(answer: &GraphqlResponse, format: Format) -> StatusCode {
    let code = answer
        .errors
        .first()
        .map_or(ErrorCode::InternalServerError, |error| error.code);
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match format {
        // Clients that ask for plain JSON drop the body of anything but 200.
        Format::Json if status == StatusCode::BAD_REQUEST => StatusCode::OK,
        Format::Json | Format::GraphqlResponse => status,
    }
}

fn send(
    status: StatusCode,
    answer: &mut GraphqlResponse,
    format: Format,
    context: &RequestContext,
) -> Response {
    name_request(&mut answer.errors, &context.id);
    let mut response = Response::new(Body::from(answer.to_bytes()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Any path that is none of ours.
pub(crate) async fn not_found(context: Option<Extension<RequestContext>>) -> Response {
    let refusal = Refusal::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "there is nothing here; GraphQL is at /graphql",
    );
    match context {
        Some(Extension(context)) => refused(refusal, Format::Json, &context),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A defect: the details are in the log, under the request id.
pub(crate) fn defect(context: &RequestContext) -> Response {
    let refusal = Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::InternalServerError,
        "something went wrong on our side",
    );
    refused(refusal, Format::Json, context)
}
