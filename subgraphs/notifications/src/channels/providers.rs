//! The settings of the providers: `[notifications.smtp]` and its siblings. A section that is there switches
//! its provider on.

use process::config::{DurationSetting, Secret};
use serde::{Deserialize, Serialize};

/// A mail server: `[notifications.smtp]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port; usually 465 with `tls = "implicit"`, 587 with `"starttls"`, 25 with `"none"`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: SmtpTls,
    /// A certificate authority of your own, PEM; the system's are trusted anyway.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// Whom to log in as, if the server asks.
    #[serde(default)]
    pub username: Option<String>,
    /// The password for that.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The sender: `Pasar <no-reply@pasar.example>`.
    pub from: String,
    /// Where answers go, when not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Connections at the same time.
    #[serde(default = "smtp_connections")]
    pub max_connections: usize,
    /// How long an unused connection is kept.
    #[serde(default = "ten_seconds")]
    pub idle_timeout: DurationSetting,
    /// How long one message may take, waiting for a connection included.
    #[serde(default = "twenty_seconds")]
    pub timeout: DurationSetting,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// TLS from the first byte.
    #[default]
    Implicit,
    /// TLS after `STARTTLS`; a server that does not offer it gets no mail.
    StartTls,
    /// None: for a relay on the same machine only.
    None,
}

/// E-mail by Twilio SendGrid: `[notifications.sendgrid]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SendgridSettings {
    /// Where its API is.
    #[serde(default = "sendgrid_url")]
    pub url: String,
    /// A key with the right to send mail.
    pub api_key: Secret,
    /// The sender: `Pasar <no-reply@pasar.example>`.
    pub from: String,
    /// Where answers go, when not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The verification key of its signed event webhook, as its pages show it. Without it there are no
    /// callbacks.
    #[serde(default)]
    pub webhook_key: Option<String>,
    /// How long one request may take.
    #[serde(default = "ten_seconds")]
    pub timeout: DurationSetting,
}

/// SMS by Twilio: `[notifications.twilio]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioSettings {
    /// Where its API is.
    #[serde(default = "twilio_url")]
    pub url: String,
    /// `AC…`.
    pub account_sid: String,
    /// Proves who we are, and signs its callbacks.
    pub auth_token: Secret,
    /// The sender: a number in E.164 or a name. Either this or `messaging_service_sid`.
    #[serde(default)]
    pub from: Option<String>,
    /// `MG…`, a messaging service that picks the sender.
    #[serde(default)]
    pub messaging_service_sid: Option<String>,
    /// How long one request may take.
    #[serde(default = "ten_seconds")]
    pub timeout: DurationSetting,
}

/// Push messages by Firebase Cloud Messaging: `[notifications.fcm]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FcmSettings {
    /// Where its API is.
    #[serde(default = "fcm_url")]
    pub url: String,
    /// The service account's key file, JSON, as the console gives it.
    pub service_account: Secret,
    /// How long one request may take.
    #[serde(default = "ten_seconds")]
    pub timeout: DurationSetting,
}

/// WhatsApp by Meta's Cloud API: `[notifications.whatsapp]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WhatsappSettings {
    /// Where its API is.
    #[serde(default = "whatsapp_url")]
    pub url: String,
    /// The version of the API: `v23.0`.
    #[serde(default = "whatsapp_version")]
    pub version: String,
    /// The id of the sending number.
    pub phone_number_id: String,
    /// A system user's token with the right to send.
    pub access_token: Secret,
    /// The app's secret, which signs callbacks. Without it there are none.
    #[serde(default)]
    pub app_secret: Option<Secret>,
    /// Any text; entered on Meta's pages as well, which ask with it whether the callback URL is ours.
    #[serde(default)]
    pub verify_token: Option<Secret>,
    /// What stands before the names of our templates there.
    #[serde(default)]
    pub template_prefix: String,
    /// How long one request may take.
    #[serde(default = "ten_seconds")]
    pub timeout: DurationSetting,
}

const fn smtp_connections() -> usize {
    4
}

const fn ten_seconds() -> DurationSetting {
    DurationSetting::from_secs(10)
}

const fn twenty_seconds() -> DurationSetting {
    DurationSetting::from_secs(20)
}

fn sendgrid_url() -> String {
    "https://api.sendgrid.com".to_owned()
}

fn twilio_url() -> String {
    "https://api.twilio.com".to_owned()
}

fn fcm_url() -> String {
    "https://fcm.googleapis.com".to_owned()
}

fn whatsapp_url() -> String {
    "https://graph.facebook.com".to_owned()
}

fn whatsapp_version() -> String {
    "v23.0".to_owned()
}
