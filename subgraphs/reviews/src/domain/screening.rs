//! A cheap look at texts before people look at them. It never refuses a review: what it finds waits for
//! a moderator, so a wrong guess costs time and no voice. Words are Indonesian and English.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Why a review waits for a moderator.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldReason {
    /// It seems to hold a phone number.
    PhoneNumber,
    /// It seems to hold a link or a mail address.
    Link,
    /// It seems to insult somebody.
    Profanity,
    /// It seems to advertise what has nothing to do with the product.
    Spam,
    /// It is written in capitals.
    Shouting,
    /// It repeats the same letters or words.
    Repetition,
    /// Several readers objected to it.
    Reported,
    /// It was refused, and its author has changed it since.
    Resubmitted,
}

impl HoldReason {
    /// Whether another text can remove it; the others only a moderator.
    #[must_use]
    pub const fn is_about_text(self) -> bool {
        !matches!(self, Self::Reported | Self::Resubmitted)
    }
}

/// Insults as whole words. Animals are missing on purpose: pet food has reviews too.
const INSULTS: [&str; 28] = [
    "asshole",
    "babi lu",
    "bajingan",
    "bangsat",
    "bastard",
    "bitch",
    "brengsek",
    "cunt",
    "dasar anjing",
    "dasar babi",
    "faggot",
    "fuck",
    "fucking",
    "goblok",
    "jancok",
    "jancuk",
    "kampret",
    "keparat",
    "kontol",
    "lonte",
    "memek",
    "motherfucker",
    "nigger",
    "ngentot",
    "pelacur",
    "penjual anjing",
    "shit",
    "tolol",
];

/// Advertisements as whole words. `slot` and `gacor` alone are innocent: memory cards, singing birds.
const ADVERTISEMENTS: [&str; 14] = [
    "agen slot",
    "casino",
    "dana cepat cair",
    "judi",
    "judi online",
    "maxwin",
    "pinjaman online",
    "pinjol",
    "poker online",
    "situs slot",
    "slot gacor",
    "slot online",
    "togel",
    "followers murah",
];

const NUMBER_WORDS: [&str; 11] = [
    "nol", "kosong", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan",
];

/// Ends of host names. The second list also ends sentences whose next word lacks its space, so these
/// must be followed by a path.
const DOMAINS: [&str; 11] = [
    "com", "net", "org", "id", "xyz", "biz", "ly", "io", "gg", "site", "click",
];
const DOMAINS_WITH_PATH: [&str; 8] = ["me", "to", "top", "app", "shop", "store", "link", "online"];

/// What a moderator should look at in a review.
#[must_use]
pub fn screen(title: &str, body: &str) -> Vec<HoldReason> {
    let text = format!("{title}\n{body}");
    let words = words(&text);
    let mut found = found_in(&text, &words);
    if is_shouting(&text) {
        found.push(HoldReason::Shouting);
    }
    if is_repetitive(&text, &words) {
        found.push(HoldReason::Repetition);
    }
    found
}

/// What must not be in a shop's response, which nobody looks at before it is shown.
#[must_use]
pub fn screen_response(body: &str) -> Vec<HoldReason> {
    found_in(body, &words(body))
}

fn found_in(text: &str, words: &[String]) -> Vec<HoldReason> {
    let squeezed: Vec<String> = words.iter().map(|word| squeeze(&plain(word))).collect();
    let holds = |list: &[&str]| list.iter().any(|phrase| has_phrase(&squeezed, phrase));
    let checks = [
        (
            HoldReason::PhoneNumber,
            has_phone_number(text) || spells_number(words),
        ),
        (HoldReason::Link, has_link(text, words)),
        (HoldReason::Profanity, holds(&INSULTS)),
        (HoldReason::Spam, holds(&ADVERTISEMENTS)),
    ];
    checks
        .into_iter()
        .filter(|(_, found)| *found)
        .map(|(reason, _)| reason)
        .collect()
}

/// Words in lower case; letters that stand alone (`t o l o l`) are read as one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut spelled = 0;
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '@' | '$');
    for word in text
        .split(|letter| !is_part(letter))
        .filter(|word| !word.is_empty())
    {
        let word = word.to_lowercase();
        let is_letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if is_letter && spelled > 0 => last.push_str(&word),
            _ => words.push(word),
        }
        spelled = if is_letter { spelled + 1 } else { 0 };
    }
    words
}

/// Digits and signs that stand for letters: `t0l0l`, `b@ngsat`. Numbers stay numbers.
fn plain(word: &str) -> String {
    if !word.chars().any(char::is_alphabetic) {
        return word.to_owned();
    }
    let letter = |sign| match sign {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    word.chars().map(letter).collect()
}

/// Each run of one letter as a single one: `gobloook` is `goblok`.
fn squeeze(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// Whether the words of `phrase` stand side by side, the last one with or without `-nya`.
fn has_phrase(squeezed: &[String], phrase: &str) -> bool {
    let phrase: Vec<String> = phrase.split(' ').map(squeeze).collect();
    squeezed.windows(phrase.len()).any(|window| {
        window.iter().zip(&phrase).all(|(word, wanted)| {
            word == wanted || word.strip_suffix("nya") == Some(wanted.as_str())
        })
    })
}

/// Indonesian numbers: 08… or +628…, 9 digits or more, however they are grouped, also with the letter o.
fn has_phone_number(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let near_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let mut groups: Vec<String> = vec![String::new()];
    for (at, &letter) in letters.iter().enumerate() {
        let is_zero =
            matches!(letter, 'o' | 'O') && (near_digit(at + 1) || (at > 0 && near_digit(at - 1)));
        if letter.is_ascii_digit() || is_zero {
            let digit = if is_zero { '0' } else { letter };
            if let Some(group) = groups.last_mut() {
                group.push(digit);
            }
        } else if matches!(letter, ' ' | '-' | '.' | '(' | ')' | '+' | '_') {
            groups.push(String::new());
        } else {
            // A mark that no number crosses.
            groups.extend(["x".to_owned(), String::new()]);
        }
    }
    groups.retain(|group| !group.is_empty());
    (0..groups.len()).any(|start| {
        let first = groups[start].as_str();
        // Sixteen groups have digits enough, however short they are.
        let row = groups[start..]
            .iter()
            .take(16)
            .take_while(|group| *group != "x");
        let digits: String = row.map(String::as_str).collect();
        // Two digits begin a date, not a number, unless they are the country.
        let begins = first.len() != 2 || first == "62";
        let is_mobile = digits.starts_with("08") && digits.len() >= 9;
        begins && (is_mobile || (digits.starts_with("628") && digits.len() >= 10))
    })
}

/// Seven number words in a row: nobody counts so far in a review.
fn spells_number(words: &[String]) -> bool {
    words.windows(7).any(|window| {
        window
            .iter()
            .all(|word| NUMBER_WORDS.contains(&word.as_str()))
    })
}

fn has_link(text: &str, words: &[String]) -> bool {
    let spelled = words.windows(2).any(|pair| {
        matches!(pair[0].as_str(), "dot" | "titik") && DOMAINS.contains(&pair[1].as_str())
    });
    spelled
        || text
            .split_whitespace()
            .any(|token| is_link(&token.to_lowercase()))
}

fn is_link(token: &str) -> bool {
    let token = token.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '/');
    if token.contains("://") || token.starts_with("www.") {
        return true;
    }
    let (host, has_path) = match token.split_once('/') {
        Some((host, path)) => (host, !path.is_empty()),
        None => (token, false),
    };
    let Some((name, end)) = host.rsplit_once('.') else {
        return false;
    };
    let is_name = name.chars().any(char::is_alphanumeric)
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    is_name && (DOMAINS.contains(&end) || (has_path && DOMAINS_WITH_PATH.contains(&end)))
}

/// Mostly capitals, in more than a short exclamation.
fn is_shouting(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let capitals = text.chars().filter(|letter| letter.is_uppercase()).count();
    letters >= 30 && capitals * 10 >= letters * 8
}

/// One letter eight times in a row, or one word five times.
fn is_repetitive(text: &str, words: &[String]) -> bool {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let stutters = letters.windows(8).any(|run| {
        (run[0].is_alphanumeric() || matches!(run[0], '!' | '?'))
            && run.iter().all(|c| *c == run[0])
    });
    stutters
        || words
            .windows(5)
            .any(|run| run.iter().all(|word| *word == run[0]))
}
