//! The HTTP side of a simulator: what came is kept, what is to fail fails, everything else is answered by the provider's
//! own function.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// Method.
    pub method: Method,
    /// Path without query.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Received {
    /// A header, empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON; `Null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as the fields of a form, in their order.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_bytes(&self.body).unwrap_or_default()
    }

    /// One field of the form, empty when it is not there.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        let found = self.form().into_iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }
}

/// What a simulator answers.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    /// JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    /// Nothing but a status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// How the next request fails.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is answered with this.
    Answer(Answer),
    /// It is answered as usual, but the answer is lost: the connection breaks.
    Lost,
    /// It is never answered.
    Hang,
    /// The connection breaks before anything is done.
    Reset,
}

type Handler = Box<dyn Fn(&Received) -> Answer + Send + Sync>;

/// A running simulator.
pub(super) struct Web {
    /// Where it answers, without a slash at the end.
    pub(super) url: String,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

struct Shared {
    handler: Handler,
    received: Mutex<Vec<Received>>,
    faults: Mutex<VecDeque<(String, Fault)>>,
}

impl Web {
    /// Starts answering with `handler`.
    pub(super) async fn start(
        handler: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            received: Mutex::default(),
            faults: Mutex::default(),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            url,
            shared,
            serving,
        }
    }

    /// Makes the next request fail whose path ends in `path`; several are used one after the other.
    pub(super) fn fail(&self, path: &str, fault: Fault) {
        let mut faults = self.shared.faults.lock().unwrap();
        faults.push_back((path.to_owned(), fault));
    }

    /// Everything that came to paths that end in `path`, also what failed.
    pub(super) fn received(&self, path: &str) -> Vec<Received> {
        let received = self.shared.received.lock().unwrap();
        let of_path = received.iter().filter(|one| one.path.ends_with(path));
        of_path.cloned().collect()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(Arc::clone(&shared), request));
            // An error is a connection that was broken, by the client or on purpose.
            drop(
                http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let received = Received {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: body.collect().await.map_err(io::Error::other)?.to_bytes(),
    };
    shared.received.lock().unwrap().push(received.clone());
    let fault = {
        let mut faults = shared.faults.lock().unwrap();
        let next = faults
            .iter()
            .position(|(path, _)| received.path.ends_with(path));
        next.and_then(|index| faults.remove(index))
    };
    let broken = || Err(io::Error::other("broken on purpose"));
    let answer = match fault.map(|(_, fault)| fault) {
        None => (shared.handler)(&received),
        Some(Fault::Answer(answer)) => answer,
        Some(Fault::Hang) => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
        Some(Fault::Reset) => return broken(),
        Some(Fault::Lost) => {
            (shared.handler)(&received);
            return broken();
        }
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::from(answer.body))
        .map_err(io::Error::other)
}

/// What a provider sends to us.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Path and query.
    pub path: String,
    /// Headers, the signature among them.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Bytes,
}

impl Callback {
    /// The same with another body under the same signature.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with another value of a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        for (key, old) in &mut self.headers {
            if *key == name {
                value.clone_into(old);
            }
        }
        self
    }

    /// The same without a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| *key != name);
        self
    }

    /// As a request to `routes`.
    #[must_use]
    pub fn request(&self) -> Request<axum::body::Body> {
        let mut request = Request::post(&self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(self.body.clone().into()).unwrap()
    }
}
