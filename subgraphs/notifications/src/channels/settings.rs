//! The section `[notifications]` of the configuration.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            site_url: "http://127.0.0.1:4000".to_owned(),
            callback_url: None,
            mailbox: true,
        }
    }
}

impl Settings {
    /// The same with its secrets readable, for the hand-over from the binary to the subgraph.
    #[must_use]
    pub fn exposed(&self) -> Value {
        json!({
            "site_url": self.site_url,
            "callback_url": self.callback_url,
            "mailbox": self.mailbox,
        })
    }
}
