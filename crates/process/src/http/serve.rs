//! Accepting connections until told to stop, then ending them in order.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::HttpSettings;

/// Serves `router` on `listener` until `shutdown` is cancelled and running requests have ended.
///
/// Then: new connections are accepted for `drain_delay` more (load balancers need it to notice), idle
/// connections close, running requests get `drain_timeout`, and what still runs is cut off.
///
/// # Errors
/// None today: a failing `accept` is logged and tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &HttpSettings,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let connections = Connections {
        tracker: TaskTracker::new(),
        drain: CancellationToken::new(),
        cut: CancellationToken::new(),
        slots: Arc::new(Semaphore::new(settings.max_connections)),
        builder: builder(settings),
        router,
    };
    let drain_delay = settings.drain_delay.get();
    let mut stop = pin!(async {
        shutdown.cancelled().await;
        tokio::time::sleep(drain_delay).await;
    });
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = connections.accept_one(&listener) => {}
        }
    }
    drop(listener);
    connections.end(settings.drain_timeout.get()).await;
    Ok(())
}

fn builder(settings: &HttpSettings) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // hyper wants at least 8 KiB.
    let header_size = settings.max_header_size.get().max(8 * 1024);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout.get())
        .max_buf_size(header_size);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(header_size).unwrap_or(u32::MAX))
        .max_concurrent_streams(settings.max_streams_per_connection)
        // WebSockets over HTTP/2 (RFC 8441).
        .enable_connect_protocol()
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

struct Connections {
    tracker: TaskTracker,
    /// Finish what runs, take nothing new.
    drain: CancellationToken,
    /// End now.
    cut: CancellationToken,
    slots: Arc<Semaphore>,
    builder: Builder<TokioExecutor>,
    router: Router,
}

impl Connections {
    async fn accept_one(&self, listener: &TcpListener) {
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = self.run(stream, peer);
                self.tracker.spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            Err(error) => {
                // A client that gave up, or too many open files: the latter needs a moment.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    fn run(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + use<> {
        let (drain, cut) = (self.drain.clone(), self.cut.clone());
        let builder = self.builder.clone();
        let service = TowerToHyperService::new(self.router.clone().map_request(
            move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.map(Body::new)
            },
        ));
        async move {
            // Answers are written whole: waiting for more to send only costs time.
            drop(stream.set_nodelay(true));
            let mut connection =
                pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
            let mut draining = false;
            loop {
                tokio::select! {
                    result = connection.as_mut() => {
                        if let Err(error) = result {
                            tracing::debug!(%peer, error, "a connection ended early");
                        }
                        return;
                    }
                    () = drain.cancelled(), if !draining => {
                        draining = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    () = cut.cancelled() => return,
                }
            }
        }
    }

    async fn end(&self, timeout: Duration) {
        self.drain.cancel();
        self.tracker.close();
        if tokio::time::timeout(timeout, self.tracker.wait())
            .await
            .is_err()
        {
            let connections = self.tracker.len();
            tracing::warn!(
                connections,
                "cut off {connections} connections after the drain timeout"
            );
            self.cut.cancel();
            self.tracker.wait().await;
        }
    }
}
