//! Outgoing HTTP: pooled connections, a limit for time and size of every answer, no redirects.

use std::{io, path::PathBuf, pin::Pin, task, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self,
        connect::{Connect, HttpConnector},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::net::UnixStream;

/// How connections are made and kept.
#[derive(Debug, Clone, Copy)]
pub struct ClientSettings {
    /// Speak HTTP/2 without asking first (h2c). Otherwise HTTP/1.1, or what TLS negotiates.
    pub http2_prior_knowledge: bool,
    /// Idle connections kept per host.
    pub max_idle_per_host: usize,
    /// How long an idle connection is kept.
    pub idle_timeout: Duration,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            http2_prior_knowledge: false,
            max_idle_per_host: 64,
            idle_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// An HTTP client. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    settings: ClientSettings,
    connections: Connections,
}

#[derive(Clone, Debug)]
enum Connections {
    Tcp(Pool<HttpsConnector<HttpConnector>>),
    Unix(Pool<UnixConnector>),
}

#[derive(Clone, Debug)]
struct Pool<C> {
    connector: C,
    client: legacy::Client<C, Full<Bytes>>,
}

impl<C: Connect + Clone> Pool<C> {
    fn new(connector: C, settings: &ClientSettings) -> Self {
        Self {
            client: builder(settings).build(connector.clone()),
            connector,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It took too long.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// There is no connection, so the request was certainly not handled.
    #[error("cannot connect")]
    Connect(#[source] legacy::Error),
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is longer than allowed.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
}

impl Client {
    /// A client for `http://` and `https://`.
    #[must_use]
    pub fn new(settings: &ClientSettings) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        let tls = HttpsConnectorBuilder::new()
            .with_tls_config(tls_config())
            .https_or_http();
        let connector = if settings.http2_prior_knowledge {
            tls.enable_http2().wrap_connector(tcp)
        } else {
            tls.enable_all_versions().wrap_connector(tcp)
        };
        Self {
            settings: *settings,
            connections: Connections::Tcp(Pool::new(connector, settings)),
        }
    }

    /// A client whose every request goes to the Unix socket at `path`, whatever host it names.
    #[must_use]
    pub fn unix(path: PathBuf, settings: &ClientSettings) -> Self {
        Self {
            settings: *settings,
            connections: Connections::Unix(Pool::new(UnixConnector { path }, settings)),
        }
    }

    /// The same client with connections of its own.
    #[must_use]
    pub fn apart(&self) -> Self {
        let (connections, settings) = (&self.connections, self.settings);
        let connections = match connections {
            Connections::Tcp(pool) => {
                Connections::Tcp(Pool::new(pool.connector.clone(), &settings))
            }
            Connections::Unix(pool) => {
                Connections::Unix(Pool::new(pool.connector.clone(), &settings))
            }
        };
        Self {
            settings,
            connections,
        }
    }

    /// Sends `request` and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no complete answer within `timeout` and `max_bytes`.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
        max_bytes: usize,
    ) -> Result<Response<Bytes>, ClientError> {
        tokio::time::timeout(timeout, self.exchange(request, max_bytes))
            .await
            .unwrap_or(Err(ClientError::Timeout(timeout)))
    }

    /// Sends `request` and leaves the body of the answer to be read piece by piece, for as long as it
    /// lasts.
    ///
    /// # Errors
    /// When the answer does not begin within `timeout`.
    pub async fn open(
        &self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
    ) -> Result<Response<OpenBody>, ClientError> {
        let begun = tokio::time::timeout(timeout, self.begin(request)).await;
        let response = begun.unwrap_or(Err(ClientError::Timeout(timeout)))?;
        Ok(response.map(OpenBody))
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        max_bytes: usize,
    ) -> Result<Response<Bytes>, ClientError> {
        let (parts, body) = self.begin(request).await?.into_parts();
        let body = read(body, max_bytes).await?;
        Ok(Response::from_parts(parts, body))
    }

    async fn begin(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        let sent = match &self.connections {
            Connections::Tcp(pool) => pool.client.request(request).await,
            Connections::Unix(pool) => pool.client.request(request).await,
        };
        sent.map_err(|error| {
            if error.is_connect() {
                ClientError::Connect(error)
            } else {
                ClientError::Broken(error.into())
            }
        })
    }
}

/// A body of which more may come. Nothing is read ahead of [`OpenBody::chunk`], so a slow reader slows
/// the sender down; dropping it ends the exchange.
#[derive(Debug)]
pub struct OpenBody(Incoming);

impl OpenBody {
    /// The next piece, or nothing at the end. Waits as long as it takes.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        while let Some(frame) = self.0.frame().await {
            let frame = frame.map_err(|error| ClientError::Broken(error.into()))?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// All of it.
    ///
    /// # Errors
    /// When the connection breaks, or the body is longer than `max_bytes`.
    pub async fn whole(self, max_bytes: usize) -> Result<Bytes, ClientError> {
        read(self.0, max_bytes).await
    }
}

fn builder(settings: &ClientSettings) -> legacy::Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_max_idle_per_host(settings.max_idle_per_host)
        .pool_idle_timeout(settings.idle_timeout)
        .http2_only(settings.http2_prior_knowledge);
    builder
}

/// Trusts what the system trusts. A machine without certificates can still speak plain HTTP, and
/// `https` then fails with a message about the certificate.
fn tls_config() -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

async fn read(mut body: Incoming, max_bytes: usize) -> Result<Bytes, ClientError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max_bytes {
        return Err(ClientError::TooLarge(max_bytes));
    }
    // Most answers are one frame, which then needs no copy.
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ClientError::Broken(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = first.len().max(whole.len()) + data.len();
        if length > max_bytes {
            return Err(ClientError::TooLarge(max_bytes));
        }
        if first.is_empty() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            whole.reserve(length.max(announced));
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() {
        first
    } else {
        whole.freeze()
    })
}

#[derive(Clone, Debug)]
struct UnixConnector {
    path: PathBuf,
}

impl tower::Service<Uri> for UnixConnector {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let path = self.path.clone();
        Box::pin(async move { UnixStream::connect(path).await.map(TokioIo::new) })
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    fn app() -> Router {
        let chunked = || async {
            let parts = ["one ", "two ", "three"].map(Ok::<_, io::Error>);
            axum::body::Body::from_stream(futures_util::stream::iter(parts))
        };
        Router::new()
            .route("/chunked", get(chunked))
            .route(
                "/away",
                get(|| async { axum::response::Redirect::to("/chunked") }),
            )
            .route("/never", get(std::future::pending::<&'static str>))
    }

    async fn started() -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app()).await });
        format!("http://{address}")
    }

    fn get_request(url: &str) -> Request<Full<Bytes>> {
        Request::get(url).body(Full::default()).unwrap()
    }

    #[tokio::test]
    async fn answers_are_read_whole_over_both_versions_and_unix_sockets() {
        let url = format!("{}/chunked", started().await);
        for http2_prior_knowledge in [false, true] {
            let client = Client::new(&ClientSettings {
                http2_prior_knowledge,
                ..ClientSettings::default()
            });
            let answer = client.send(get_request(&url), LIMIT, 13).await.unwrap();
            assert_eq!(answer.body(), "one two three");
            let version = if http2_prior_knowledge {
                http::Version::HTTP_2
            } else {
                http::Version::HTTP_11
            };
            assert_eq!(answer.version(), version);
        }

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        tokio::spawn(async move { axum::serve(listener, app()).await });
        let client = Client::unix(path, &ClientSettings::default());
        let answer = client
            .send(get_request("http://catalog/chunked"), LIMIT, 13)
            .await
            .unwrap();
        assert_eq!(answer.body(), "one two three");
    }

    #[tokio::test]
    async fn a_long_answer_a_late_answer_and_no_answer_are_told_apart() {
        let client = Client::new(&ClientSettings::default());
        let url = started().await;
        let long = client
            .send(get_request(&format!("{url}/chunked")), LIMIT, 12)
            .await;
        assert!(matches!(long, Err(ClientError::TooLarge(12))), "{long:?}");
        let short = Duration::from_millis(50);
        let late = client
            .send(get_request(&format!("{url}/never")), short, 12)
            .await;
        assert!(matches!(late, Err(ClientError::Timeout(_))), "{late:?}");
        let refused = client
            .send(get_request("http://127.0.0.1:1/"), LIMIT, 12)
            .await;
        assert!(
            matches!(refused, Err(ClientError::Connect(_))),
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let client = Client::new(&ClientSettings::default());
        let url = format!("{}/away", started().await);
        let answer = client.send(get_request(&url), LIMIT, 100).await.unwrap();
        assert_eq!(answer.status(), http::StatusCode::SEE_OTHER);
    }
}
