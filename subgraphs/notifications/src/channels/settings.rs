//! The section `[notifications]` of the configuration.

use kernel::{Fault, FaultKind};
use process::config::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    ChannelKind, FcmSettings, SendgridSettings, SmtpSettings, TwilioSettings, WhatsappSettings,
    api, fcm, mailbox, sendgrid, smtp, twilio, whatsapp,
};

/// How messages leave.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The shop's website, to which links in messages lead; without a slash at the end.
    pub site_url: String,
    /// The address under which providers reach this server from outside, for their callbacks; without a
    /// slash at the end.
    #[serde(default)]
    pub callback_url: Option<String>,
    /// Whether messages of channels without a provider are kept in the table `mailbox`, where those with
    /// `manage:notifications` read them. Off, such messages are refused.
    pub mailbox: bool,
    /// The country of phone numbers without country code: digits only.
    #[serde(default = "indonesia")]
    pub country_code: String,
    /// E-mail through a mail server.
    #[serde(default)]
    pub smtp: Option<SmtpSettings>,
    /// E-mail by SendGrid, instead.
    #[serde(default)]
    pub sendgrid: Option<SendgridSettings>,
    /// SMS.
    #[serde(default)]
    pub twilio: Option<TwilioSettings>,
    /// Push messages.
    #[serde(default)]
    pub fcm: Option<FcmSettings>,
    /// WhatsApp.
    #[serde(default)]
    pub whatsapp: Option<WhatsappSettings>,
}

fn indonesia() -> String {
    "62".to_owned()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            site_url: "http://127.0.0.1:4000".to_owned(),
            callback_url: None,
            mailbox: true,
            country_code: indonesia(),
            smtp: None,
            sendgrid: None,
            twilio: None,
            fcm: None,
            whatsapp: None,
        }
    }
}

impl Settings {
    /// The same with its secrets readable, for the hand-over from the binary to the subgraph.
    #[must_use]
    pub fn exposed(&self) -> Value {
        let mut json = json!(self);
        for (section, key, secret) in self.secrets() {
            json[section][key] = json!(secret.expose());
        }
        json
    }

    /// Every secret that is set: its section, its key and itself.
    fn secrets(&self) -> impl Iterator<Item = (&'static str, &'static str, &Secret)> {
        let (smtp, sendgrid) = (self.smtp.as_ref(), self.sendgrid.as_ref());
        let (twilio, fcm) = (self.twilio.as_ref(), self.fcm.as_ref());
        let whatsapp = self.whatsapp.as_ref();
        let all = [
            (
                smtp::NAME,
                "password",
                smtp.and_then(|it| it.password.as_ref()),
            ),
            (sendgrid::NAME, "api_key", sendgrid.map(|it| &it.api_key)),
            (twilio::NAME, "auth_token", twilio.map(|it| &it.auth_token)),
            (
                fcm::NAME,
                "service_account",
                fcm.map(|it| &it.service_account),
            ),
            (
                whatsapp::NAME,
                "access_token",
                whatsapp.map(|it| &it.access_token),
            ),
            (
                whatsapp::NAME,
                "app_secret",
                whatsapp.and_then(|it| it.app_secret.as_ref()),
            ),
            (
                whatsapp::NAME,
                "verify_token",
                whatsapp.and_then(|it| it.verify_token.as_ref()),
            ),
        ];
        let set = |(section, key, secret): (_, _, Option<_>)| Some((section, key, secret?));
        all.into_iter().filter_map(set)
    }

    /// Who sends messages of this channel: a name from a closed list.
    #[must_use]
    pub const fn provider(&self, channel: ChannelKind) -> &'static str {
        match channel {
            ChannelKind::InApp => "pasar",
            ChannelKind::Email if self.smtp.is_some() => smtp::NAME,
            ChannelKind::Email if self.sendgrid.is_some() => sendgrid::NAME,
            ChannelKind::Sms if self.twilio.is_some() => twilio::NAME,
            ChannelKind::Push if self.fcm.is_some() => fcm::NAME,
            ChannelKind::Whatsapp if self.whatsapp.is_some() => whatsapp::NAME,
            ChannelKind::Email | ChannelKind::Sms | ChannelKind::Push | ChannelKind::Whatsapp => {
                mailbox::NAME
            }
        }
    }

    /// The address of a callback from outside, if providers can reach us.
    pub(super) fn callback(&self, path: &str) -> Option<String> {
        Some(format!("{}{path}", self.callback_url.as_deref()?))
    }

    /// Refuses what makes no sense in itself; each provider checks its own section.
    pub(super) fn check(&self) -> Result<(), Fault> {
        // An empty one is a mistake, and anybody could sign callbacks with it.
        let mut secrets = self.secrets();
        if let Some((section, key, _)) = secrets.find(|(.., it)| it.expose().trim().is_empty()) {
            return Err(api::wrong(section, &format!("`{key}` must not be empty")));
        }
        let code = &self.country_code;
        let is_code = (1..=3).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && !code.starts_with('0');
        let what = if self.smtp.is_some() && self.sendgrid.is_some() {
            "e-mail goes by [notifications.smtp] or by [notifications.sendgrid]: leave one out"
        } else if !is_code {
            "`notifications.country_code` must be one to three digits, such as \"62\""
        } else if !is_address(&self.site_url) {
            "`notifications.site_url` must begin with https:// and have no slash at its end"
        } else if !self.callback_url.as_deref().is_none_or(is_address) {
            "`notifications.callback_url` must begin with https:// and have no slash at its end"
        } else {
            return Ok(());
        };
        Err(Fault::told(FaultKind::Internal, what))
    }
}

/// Whether paths can be put behind it. Plain HTTP is for development.
fn is_address(url: &str) -> bool {
    let is_http = url.starts_with("https://") || url.starts_with("http://");
    is_http && !url.ends_with('/') && url.parse::<http::Uri>().is_ok()
}
