//! The end of a connection, and how the client learns of it.

use std::{future::poll_fn, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, error::ProtocolError};

use super::{close::Close, outbox::Outbox};

/// How long a client may take to take note of the end.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// Why a connection ends.
pub(crate) enum End {
    Close(Close),
    /// The client closed it.
    ByClient,
    /// The client is gone without a word, or does not answer.
    Lost,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl End {
    /// What is wrong with a connection that cannot be read any more.
    pub(crate) fn of_broken(error: axum::Error) -> Self {
        let Ok(error) = error.into_inner().downcast::<Error>() else {
            return Self::Lost;
        };
        match *error {
            Error::Capacity(_) => Close::TooBig.into(),
            Error::Utf8(_) => Close::NotUtf8.into(),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Lost,
            Error::Protocol(_) => Close::Protocol.into(),
            _ => Self::Lost,
        }
    }

    /// Ends the connection.
    pub(crate) async fn carry_out(self, mut socket: WebSocket, mut outbox: Outbox) {
        let label = match &self {
            Self::Close(close) => close.label(),
            Self::ByClient => "client",
            Self::Lost => "lost",
        };
        metrics::counter!("pasar_router_websocket_closes_total", "code" => label).increment(1);
        tracing::debug!(code = label, "a WebSocket is closed");
        let farewell = async {
            match &self {
                Self::Close(close) => tell(&mut socket, &mut outbox, close).await,
                // Reading on sends the answer to its close frame.
                Self::ByClient => while let Some(Ok(_)) = socket.recv().await {},
                Self::Lost => {}
            }
        };
        // Whoever does not want to know finds the connection gone.
        drop(timeout(CLOSE_WAIT, farewell).await);
    }
}

/// Sends what is left and the reason, and lets the client answer: a socket that is dropped with something
/// unread in it takes the reason away from the client.
async fn tell(socket: &mut WebSocket, outbox: &mut Outbox, close: &Close) {
    let left = poll_fn(|context| outbox.poll_write(socket, context)).await;
    let frame = Message::Close(Some(close.frame()));
    if left.is_err() || socket.send(frame).await.is_err() {
        return;
    }
    while let Some(Ok(_)) = socket.recv().await {}
}
