//! E-mail by SMTP (RFC 5321), over a few kept connections.
//!
//! Not `lettre`'s own pool: it takes a connection back in the middle of an exchange when sending is given up, and
//! the next message would then read the answers to that one.

use std::{sync::Mutex, time::Duration};

use chrono::{DateTime, Utc};
use kernel::Fault;
use lettre::{
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use tokio::{sync::Semaphore, time::Instant};

use super::{Message, Outcome, SmtpSettings, SmtpTls, api, letter};

/// See [`super::Channels::provider`].
pub(super) const NAME: &str = "smtp";

/// Sends e-mails through one mail server.
pub(super) struct Smtp {
    server: (String, u16),
    tls: SmtpTls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    timeout: Duration,
    idle_timeout: Duration,
    seats: Semaphore,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, Fault> {
        let (from, reply_to) = letter::senders(NAME, &settings.from, settings.reply_to.as_deref())?;
        let credentials = match (&settings.username, &settings.password) {
            (Some(user), Some(password)) => {
                Some(Credentials::new(user.clone(), password.expose().to_owned()))
            }
            (None, None) => None,
            _ => {
                let what = "`username` and `password` go together";
                return Err(api::wrong(NAME, what));
            }
        };
        let port = settings.port.unwrap_or(match settings.tls {
            SmtpTls::Implicit => 465,
            SmtpTls::StartTls => 587,
            SmtpTls::None => 25,
        });
        Ok(Self {
            server: (settings.host.clone(), port),
            tls: settings.tls,
            parameters: parameters(settings)?,
            credentials,
            hello: ClientId::default(),
            from,
            reply_to,
            timeout: settings.timeout.get(),
            idle_timeout: settings.idle_timeout.get(),
            seats: Semaphore::new(settings.max_connections.max(1)),
            idle: Mutex::default(),
        })
    }

    /// Sends `message`; `now` is its date.
    pub(super) async fn send(&self, message: &Message, now: DateTime<Utc>) -> Outcome {
        let letter = match letter::write(message, &self.from, self.reply_to.as_ref(), now) {
            Ok(letter) => letter,
            Err(refused) => return refused,
        };
        // Given up, a connection is dropped and thereby closed, wherever the exchange stands.
        let delivered = match tokio::time::timeout(self.timeout, self.deliver(&letter)).await {
            Ok(delivered) => delivered,
            Err(_) => Err(api::failed("the mail server", "did not answer in time")),
        };
        match delivered {
            Ok(()) => Outcome::Accepted {
                provider_id: message.delivery_id.to_string(),
            },
            Err(outcome) => outcome,
        }
    }

    async fn deliver(&self, letter: &lettre::Message) -> Result<(), Outcome> {
        let closed = |_| api::failed("the mail server", "is not used any more");
        let _seat = self.seats.acquire().await.map_err(closed)?;
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self
                .connect()
                .await
                .map_err(|error| not_connected(&error))?,
        };
        let bytes = letter.formatted();
        let sent = connection.send(letter.envelope(), &bytes).await;
        let answer = sent.map_err(|error| not_sent(&error))?;
        if !answer.has_code(250) {
            let what = format!("answered {} to the message", answer.code());
            return Err(api::failed("the mail server", &what));
        }
        self.keep(connection);
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let wrapped = match self.tls {
            SmtpTls::Implicit => self.parameters.clone(),
            SmtpTls::StartTls | SmtpTls::None => None,
        };
        let server = (self.server.0.as_str(), self.server.1);
        let limit = Some(self.timeout);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, limit, &self.hello, wrapped, None).await?;
        if let (SmtpTls::StartTls, Some(parameters)) = (self.tls, &self.parameters) {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    /// A kept connection that still works.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle.lock().ok()?.pop()?;
            if since.elapsed() < self.idle_timeout && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.retain(|(_, since)| since.elapsed() < self.idle_timeout);
            idle.push((connection, Instant::now()));
        }
    }
}

fn parameters(settings: &SmtpSettings) -> Result<Option<TlsParameters>, Fault> {
    if settings.tls == SmtpTls::None {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca_certificate {
        // A text without any certificate would be accepted, and nothing trusted for it.
        let certificate = pem
            .contains("BEGIN CERTIFICATE")
            .then(|| Certificate::from_pem(pem.as_bytes()).ok())
            .flatten()
            .ok_or_else(|| api::wrong(NAME, "`ca_certificate` must be a certificate in PEM"))?;
        builder = builder.add_root_certificate(certificate);
    }
    Ok(Some(builder.build()?))
}

/// A failure before the message was offered speaks of us or of the server, never of the message.
fn not_connected(error: &Error) -> Outcome {
    let what = match error.status() {
        Some(code) => format!("refuses us with {code}"),
        None if is_distrust(error) => "has no certificate that we trust".to_owned(),
        None if error.is_timeout() => "did not answer in time".to_owned(),
        None if error.is_client() => {
            "does not offer the log-in or the encryption that is set".to_owned()
        }
        None => "is not reached".to_owned(),
    };
    api::failed("the mail server", &what)
}

/// Whether the server's certificate is the reason; `lettre` calls it a failed connection.
fn is_distrust(error: &Error) -> bool {
    error.is_tls() || error.to_string().contains("invalid peer certificate")
}

fn not_sent(error: &Error) -> Outcome {
    let Some(code) = error.status() else {
        // Ours, and it stays: an address of another script at a server that knows only ASCII.
        if error.is_client() {
            return api::refused("the mail server does not take such an address");
        }
        return api::failed("the mail server", "broke the connection");
    };
    let enhanced = enhanced_code(error);
    let code = code.to_string();
    let mut reason = format!("the mail server answered {code}");
    if let Some(enhanced) = &enhanced {
        reason = format!("{reason} {enhanced}");
    }
    // RFC 3463: no such mailbox, no such host, moved without a new address, disabled.
    let gone = matches!(
        enhanced.as_deref(),
        Some("5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.2.1")
    );
    match code.as_str() {
        _ if error.is_transient() => Outcome::Failed {
            reason,
            retry_after: None,
        },
        // Out of sequence, not understood, or log in first: not the message's fault.
        "500" | "502" | "503" | "504" | "530" | "534" | "535" | "538" => Outcome::Failed {
            reason,
            retry_after: None,
        },
        _ if gone => Outcome::Gone { reason },
        _ => Outcome::Refused { reason },
    }
}

/// The code of RFC 3463 with which the text of an answer may begin. The rest of the text is never shown: it repeats
/// addresses.
fn enhanced_code(error: &Error) -> Option<String> {
    let text = std::error::Error::source(error)?.to_string();
    let word = text.split_whitespace().next()?;
    let numbers = word.split('.').map(str::parse::<u16>);
    let is_code = word.split('.').count() == 3 && numbers.into_iter().all(|part| part.is_ok());
    is_code.then(|| word.to_owned())
}
