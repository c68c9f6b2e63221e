//! Text templates: alternatives separated by ` | `, slots in braces.
//!
//! `{slot}` stands for a value as written, `{~slot}` for the value in lower case, for use inside a sentence.

use std::collections::BTreeMap;

use super::random::Random;

/// Values of slots for one product or one review.
pub(super) type Slots = BTreeMap<String, String>;

/// The alternatives of a template list.
pub(super) fn alternatives(text: &str) -> Vec<&str> {
    text.split('|')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// The template with its slots filled and its first letter in upper case, or none when a slot has no value:
/// such a template does not fit.
pub(super) fn fill(template: &str, slots: &Slots) -> Option<String> {
    fill_inside(template, slots).map(|filled| capitalised(&filled))
}

/// The same for use inside a sentence.
pub(super) fn fill_inside(template: &str, slots: &Slots) -> Option<String> {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}')?;
        filled.push_str(before);
        match slot.strip_prefix('~') {
            Some(slot) => filled.push_str(&lowered(slots.get(slot)?)),
            None => filled.push_str(slots.get(slot)?),
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// The text inside a sentence: words lose their capital, but `ATBM`, `Wi-Fi` and `Vitamin C` keep theirs.
fn lowered(text: &str) -> String {
    let lower = |word: &str| {
        let capitals = word.chars().filter(|letter| letter.is_uppercase()).count();
        if capitals == 1 && word.starts_with(char::is_uppercase) && word.len() > 1 {
            word.to_lowercase()
        } else {
            word.to_owned()
        }
    };
    text.split(' ').map(lower).collect::<Vec<_>>().join(" ")
}

/// One of the alternatives that fit these slots.
pub(super) fn choose(random: &mut Random, text: &str, slots: &Slots) -> Option<String> {
    let alternatives = alternatives(text);
    if alternatives.is_empty() {
        return None;
    }
    // Mostly the first try fits; the scan is for lists where little does.
    let tried = (0..6).find_map(|_| fill(alternatives[random.below(alternatives.len())], slots));
    tried.or_else(|| {
        alternatives
            .iter()
            .find_map(|template| fill(template, slots))
    })
}

/// The text with its first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Lower-case ASCII words joined by hyphens.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.chars() {
        let letter = match letter {
            'é' | 'è' | 'É' => 'e',
            other => other.to_ascii_lowercase(),
        };
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() && letter != '\'' {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}
