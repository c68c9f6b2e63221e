//! Why a WebSocket is closed. A closed list: README.md has it for clients, and `graphql-ws` decides by the
//! code whether to connect again.

use std::borrow::Cow;

use axum::extract::ws::CloseFrame;

/// A control frame holds 125 bytes, two of which are the code.
const MAX_REASON: usize = 123;

/// Why this side closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Close {
    /// A frame that breaks the WebSocket protocol.
    Protocol,
    /// Text that is not UTF-8.
    NotUtf8,
    /// A message above `router.body_limit`.
    TooBig,
    /// The process stops. Clients connect again, elsewhere.
    Restart,
    /// A subscription is about a schema that is no longer in use. Clients connect again and repeat it.
    NewSchema,
    /// A message that is malformed or that only a server sends.
    BadMessage(Cow<'static, str>),
    /// `subscribe` before `connection_ack`.
    NotIntroduced,
    /// The token is not accepted, or not any more. Clients connect again with a fresh one.
    Forbidden(String),
    /// Another protocol than ours.
    Subprotocol,
    /// No `connection_init` in time.
    InitTimeout,
    /// The id of an operation that still runs.
    Duplicate(String),
    /// A second `connection_init`.
    SecondInit,
    /// One more connection than a user may have.
    TooManyOfUser,
    /// A defect.
    Defect,
    /// The client does not read.
    TooSlow,
}

impl Close {
    pub(crate) const fn code(&self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::NotUtf8 => 1007,
            Self::TooBig => 1009,
            Self::Restart => 1012,
            Self::NewSchema => 4205,
            Self::BadMessage(_) => 4400,
            Self::NotIntroduced => 4401,
            Self::Forbidden(_) => 4403,
            Self::Subprotocol => 4406,
            Self::InitTimeout => 4408,
            Self::Duplicate(_) => 4409,
            Self::SecondInit => 4429,
            Self::TooManyOfUser => 4430,
            Self::Defect => 4500,
            Self::TooSlow => 4503,
        }
    }

    /// The code as a label of metrics.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Protocol => "1002",
            Self::NotUtf8 => "1007",
            Self::TooBig => "1009",
            Self::Restart => "1012",
            Self::NewSchema => "4205",
            Self::BadMessage(_) => "4400",
            Self::NotIntroduced => "4401",
            Self::Forbidden(_) => "4403",
            Self::Subprotocol => "4406",
            Self::InitTimeout => "4408",
            Self::Duplicate(_) => "4409",
            Self::SecondInit => "4429",
            Self::TooManyOfUser => "4430",
            Self::Defect => "4500",
            Self::TooSlow => "4503",
        }
    }

    // Where the protocol's reference implementation has a text, it is that one.
    fn reason(&self) -> Cow<'static, str> {
        match self {
            Self::Protocol => "a frame broke the WebSocket protocol".into(),
            Self::NotUtf8 => "a text was not UTF-8".into(),
            Self::TooBig => "the message is too long".into(),
            Self::Restart => "Service restart".into(),
            Self::NewSchema => "The schema has changed, connect again".into(),
            Self::BadMessage(reason) => reason.clone(),
            Self::NotIntroduced => "Unauthorized".into(),
            Self::Forbidden(reason) => format!("Forbidden: {reason}").into(),
            Self::Subprotocol => "Subprotocol not acceptable".into(),
            Self::InitTimeout => "Connection initialisation timeout".into(),
            Self::Duplicate(id) => format!("Subscriber for {id} already exists").into(),
            Self::SecondInit => "Too many initialisation requests".into(),
            Self::TooManyOfUser => crate::policy::places::TOO_MANY_OF_USER.into(),
            Self::Defect => "Internal server error".into(),
            Self::TooSlow => "the client does not read fast enough".into(),
        }
    }

    pub(crate) fn frame(&self) -> CloseFrame {
        let mut reason = self.reason().into_owned();
        let mut end = reason.len().min(MAX_REASON);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        reason.truncate(end);
        CloseFrame {
            code: self.code(),
            reason: reason.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame_whatever_the_client_sent() {
        for length in 0..200 {
            let frame = Close::Duplicate("é".repeat(length)).frame();
            assert!(frame.reason.len() <= MAX_REASON, "{length}");
            assert!(frame.reason.starts_with("Subscriber for "));
        }
    }

    #[test]
    fn labels_are_codes() {
        for close in [
            Close::Protocol,
            Close::Defect,
            Close::TooSlow,
            Close::TooBig,
        ] {
            assert_eq!(close.label(), close.code().to_string());
        }
    }
}
