//! A mail server that delivers nothing: RFC 5321 as far as a client needs it, with log-in (RFC 4954) and TLS.

mod talk;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};
use tokio_rustls::TlsAcceptor;

use crate::simulators::tls;

const USER: &str = "pasar";
const PASSWORD: &str = "smtp-password-of-the-tests";

/// How connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    None,
    /// By `STARTTLS`, before which nobody may log in.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender in the envelope.
    pub from: String,
    /// The recipients in the envelope.
    pub to: Vec<String>,
    /// The message, with its line breaks, without transparency dots.
    pub data: String,
    /// Who had logged in.
    pub user: Option<String>,
    /// Whether it came over TLS.
    pub was_encrypted: bool,
    /// The number of the connection, from 1.
    pub connection: usize,
}

impl Mail {
    /// The value of a header, unfolded; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{name}: ");
        let line = unfolded.lines().find(|line| line.starts_with(&prefix));
        line.map_or("", |line| line.split_at(prefix.len()).1)
            .to_owned()
    }

    /// The names of all headers, in their order.
    #[must_use]
    pub fn header_names(&self) -> Vec<String> {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        let names = head.lines().filter(|line| !line.starts_with([' ', '\t']));
        names
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect()
    }
}

/// What of a conversation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The first line of the server.
    Greeting,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Recipient,
    /// The end of the message.
    Message,
}

/// How it fails.
#[derive(Debug, Clone)]
pub enum SmtpFault {
    /// With this answer.
    Answer(&'static str),
    /// It is never answered.
    Hang,
    /// The answer comes only when the test calls [`SmtpSink::answer_late`]; what was asked is done.
    Late,
    /// The connection is closed before anything is done.
    Close,
    /// It is done, then the connection is closed without an answer.
    Lost,
}

struct Shared {
    protection: Protection,
    acceptor: TlsAcceptor,
    mails: Mutex<Vec<Mail>>,
    faults: Mutex<VecDeque<(Stage, SmtpFault)>>,
    late: Notify,
    connections: Mutex<usize>,
}

/// A running mail server.
pub struct SmtpSink {
    port: u16,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl SmtpSink {
    /// Starts it.
    pub async fn start(protection: Protection) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            protection,
            acceptor: tls::acceptor(),
            mails: Mutex::default(),
            faults: Mutex::default(),
            late: Notify::new(),
            connections: Mutex::default(),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            port,
            shared,
            serving,
        }
    }

    /// The section `[notifications.smtp]` that leads here.
    #[must_use]
    pub fn settings(&self) -> Value {
        let mut settings = json!({
            "host": "localhost", "port": self.port, "tls": "none",
            "from": "Pasar <no-reply@pasar.test>", "reply_to": "help@pasar.test", "timeout": "2s",
        });
        if self.shared.protection != Protection::None {
            settings["tls"] = json!(match self.shared.protection {
                Protection::StartTls => "starttls",
                _ => "implicit",
            });
            settings["ca_certificate"] = json!(tls::authority());
            settings["username"] = json!(USER);
            settings["password"] = json!(PASSWORD);
        }
        settings
    }

    /// Makes the next conversation that reaches `stage` fail there.
    pub fn fail(&self, stage: Stage, fault: SmtpFault) {
        let mut faults = self.shared.faults.lock().unwrap();
        faults.push_back((stage, fault));
    }

    /// Lets an answer that was held back come now.
    pub fn answer_late(&self) {
        self.shared.late.notify_one();
    }

    /// What was taken.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().unwrap().clone()
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let number = {
            let mut connections = shared.connections.lock().unwrap();
            *connections += 1;
            *connections
        };
        let shared = Arc::clone(&shared);
        // A conversation ends with an error when the client goes away.
        tokio::spawn(async move { drop(talk::converse(stream, shared, number).await) });
    }
}
