//! Rules for texts that people type, and slugs made from them.

use std::ops::RangeInclusive;

use super::Rejection;

/// How long the part of a slug may be that is made from a name.
const MADE_SLUG_BYTES: usize = 80;

/// Checks how many characters a text has, and that it has no control characters but line breaks.
///
/// # Errors
/// [`Rejection::Invalid`] about `field`.
pub fn check_length(
    field: &str,
    value: &str,
    allowed: RangeInclusive<usize>,
) -> Result<(), Rejection> {
    let fits = allowed.contains(&value.trim().chars().count()) && !value.chars().any(is_forbidden);
    if fits {
        return Ok(());
    }
    let (least, most) = (allowed.start(), allowed.end());
    let rule = if *least == 0 {
        format!("must have at most {most} characters")
    } else {
        format!("must have {least} to {most} characters")
    };
    Err(Rejection::invalid(field, rule))
}

/// Control characters break logs, labels and screens; a description may have line breaks.
fn is_forbidden(letter: char) -> bool {
    letter.is_control() && letter != '\n'
}

/// Whether a text is a slug: 3 to 120 lower-case letters, digits and single hyphens between them.
#[must_use]
pub fn is_slug(slug: &str) -> bool {
    (3..=120).contains(&slug.len())
        && slug.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// Checks a slug that the caller chose.
///
/// # Errors
/// [`Rejection::Invalid`] when it is none.
pub fn check_slug(slug: &str) -> Result<(), Rejection> {
    if is_slug(slug) {
        return Ok(());
    }
    let rule = "must have 3 to 120 lower-case letters, digits and single hyphens between them";
    Err(Rejection::invalid("slug", rule))
}

/// Makes a slug out of a name: `Kopi Gayo 250 g` becomes `kopi-gayo-250-g`. A name without any letter
/// that fits becomes `fallback`.
#[must_use]
pub fn slug_from(name: &str, fallback: &str) -> String {
    let plain: String = name
        .chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect();
    let mut slug = String::new();
    for word in plain.split_whitespace() {
        if slug.len() + 1 + word.len() > MADE_SLUG_BYTES {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.len() < 3 {
        // Also a name that is one endless word: the start of it would say little.
        let separator = if slug.is_empty() { "" } else { "-" };
        slug = format!("{fallback}{separator}{slug}");
    }
    slug
}

/// The letter without its accent; a space for what has no place in a slug.
fn plain(letter: char) -> char {
    match letter {
        'a'..='z' | '0'..='9' => letter,
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        _ => ' ',
    }
}
