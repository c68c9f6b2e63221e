//! The wordings that are compiled in. One file per language, a block per type:
//!
//! ```text
//! # PRICE_DROP
//! subject: …        subject and title
//! short: …          the text everywhere but in e-mails
//! mail:             the text of e-mails, up to the next block
//! …
//! ```

use kernel::Named as _;
use std::{collections::HashMap, sync::LazyLock};

use super::{ChannelKind, Locale, NotificationType, Wording, wording::has_subject};

#[derive(Debug, Clone, Default)]
struct Block {
    subject: String,
    short: String,
    mail: String,
}

static BLOCKS: LazyLock<HashMap<(NotificationType, Locale), Block>> = LazyLock::new(|| {
    let mut blocks = read(include_str!("wording/id.txt"), Locale::Id);
    blocks.extend(read(include_str!("wording/en.txt"), Locale::En));
    blocks
});

fn read(file: &str, locale: Locale) -> HashMap<(NotificationType, Locale), Block> {
    let mut blocks = HashMap::new();
    for text in file.split("\n# ").skip(1) {
        let (name, rest) = text.split_once('\n').unwrap_or((text, ""));
        let Some(kind) = NotificationType::from_name(name.trim()) else {
            continue;
        };
        let (head, mail) = rest.split_once("\nmail:\n").unwrap_or((rest, ""));
        let line = |key: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(key));
            found.unwrap_or_default().trim().to_owned()
        };
        let block = Block {
            subject: line("subject:"),
            short: line("short:"),
            mail: mail.trim().to_owned(),
        };
        blocks.insert((kind, locale), block);
    }
    blocks
}

/// The wording that is compiled in.
#[must_use]
pub fn default_wording(kind: NotificationType, channel: ChannelKind, locale: Locale) -> Wording {
    let block = BLOCKS.get(&(kind, locale)).cloned().unwrap_or_default();
    Wording {
        subject: if has_subject(channel) {
            block.subject
        } else {
            String::new()
        },
        text: if channel == ChannelKind::Email {
            block.mail
        } else {
            block.short
        },
        html: None,
    }
}
