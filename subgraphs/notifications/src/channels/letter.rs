//! An e-mail as it goes over the wire: headers, plain text and HTML.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use kernel::Fault;
use lettre::message::{
    Mailbox, MultiPart, SinglePart,
    header::{HeaderName, HeaderValue},
};

use super::{Address, Message, Outcome, api};

/// The sender and where answers go, from the settings of `section`.
pub(super) fn senders(
    section: &str,
    from: &str,
    reply_to: Option<&str>,
) -> Result<(Mailbox, Option<Mailbox>), Fault> {
    let mailbox = |key: &str, text: &str| {
        text.parse::<Mailbox>().map_err(|_| {
            let what = format!("`{key}` must be like `Pasar <no-reply@pasar.example>`");
            api::wrong(section, &what)
        })
    };
    let reply_to = reply_to.map(|text| mailbox("reply_to", text)).transpose()?;
    Ok((mailbox("from", from)?, reply_to))
}

/// Whom the message is for.
pub(super) fn recipient(message: &Message) -> Result<Mailbox, Outcome> {
    let Address::Email { address, name } = &message.to else {
        return Err(api::refused("an e-mail needs an e-mail address"));
    };
    let Ok(address) = address.trim().parse() else {
        return Err(api::refused("the e-mail address is none"));
    };
    let name = one_line(name);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// `text` without line breaks and other control characters: in a header they would begin another one.
pub(super) fn one_line(text: &str) -> String {
    let spaced = text.replace(|c: char| c.is_control(), " ");
    spaced.trim().to_owned()
}

/// The letter. The same message gives the same bytes but for the date, and always the same `Message-ID`, by which a
/// mail server or a reader recognises one that is sent again.
pub(super) fn write(
    message: &Message,
    from: &Mailbox,
    reply_to: Option<&Mailbox>,
    now: DateTime<Utc>,
) -> Result<lettre::Message, Outcome> {
    let id = message.delivery_id;
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .to(recipient(message)?)
        .subject(one_line(&message.subject))
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        // RFC 3834: nobody's holiday notice answers it.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    if let Some(reply_to) = reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    let written = match &message.html {
        None => builder.singlepart(SinglePart::plain(message.text.clone())),
        Some(html) => builder.multipart(
            MultiPart::alternative()
                .boundary(format!("=_{id}"))
                .singlepart(SinglePart::plain(message.text.clone()))
                .singlepart(SinglePart::html(html.clone())),
        ),
    };
    written.map_err(|_| api::refused("the message makes no e-mail"))
}
