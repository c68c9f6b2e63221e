//! The playground: GraphiQL, embedded in the binary, without a request to any other host.
//!
//! `web/dist` is built and checked in. In a debug build the files are read from that folder.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use process::http::RequestContext;
use rust_embed::RustEmbed;

use crate::{
    RouterState,
    graphql::{self, Format},
};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Bundle;

const PAGE: &str = "index.html";

/// Everything from here; styles also inline, workers also from memory, because the editor needs it.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; \
     style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
     connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `/`, `/playground/…` and `/schema.graphql`, as far as the settings allow them.
pub(crate) fn routes(state: &RouterState) -> Router<Arc<RouterState>> {
    let settings = &state.settings;
    let mut routes = Router::new().route("/", get(root));
    if settings.playground {
        routes = routes
            .route("/playground", get(|| async { page() }))
            .route("/playground/", get(|| async { page() }))
            .route("/playground/{*path}", get(asset));
    }
    if settings.engine.introspection {
        routes = routes.route("/schema.graphql", get(schema));
    }
    routes
}

/// Whether a person has opened `/graphql` in a browser, instead of a program asking a query.
pub(crate) fn wants_page(
    state: &RouterState,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> bool {
    state.settings.playground
        && method == Method::GET
        && uri.query().is_none()
        && accepts_html(headers)
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|accept| accept.to_ascii_lowercase().contains("text/html"))
}

async fn root(State(state): State<Arc<RouterState>>, headers: HeaderMap) -> Response {
    let mut response = if state.settings.playground && accepts_html(&headers) {
        page()
    } else {
        Json(serde_json::json!({
            "graphql": "/graphql",
            "schema": "/schema.graphql",
            "playground": "/playground",
            "health": "/health",
        }))
        .into_response()
    };
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("accept"));
    response
}

fn page() -> Response {
    match file(PAGE) {
        Some(mut response) => {
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(PAGE_POLICY),
            );
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        // The bundle has not been built: `web/README.md` says how.
        None => (
            StatusCode::NOT_FOUND,
            "this binary was built without the playground; GraphQL is at /graphql",
        )
            .into_response(),
    }
}

async fn asset(Path(path): Path<String>) -> Response {
    if path == PAGE {
        return page();
    }
    let Some(mut response) = file(&path) else {
        return graphql::not_found(None).await;
    };
    let cached = if path.starts_with("assets/") {
        // The names carry a hash of the content.
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
    response
}

fn file(path: &str) -> Option<Response> {
    let file = Bundle::get(path)?;
    let mut response = Response::new(Body::from(file.data));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    Some(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("json" | "map") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

async fn schema(
    State(state): State<Arc<RouterState>>,
    Extension(context): Extension<RequestContext>,
) -> Response {
    let Some(serving) = state.serving() else {
        return graphql::refused(graphql::no_supergraph(), Format::Json, &context);
    };
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    let sdl = serving.engine.supergraph().api_sdl().to_owned();
    let mut response = Response::new(Body::from(sdl));
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
