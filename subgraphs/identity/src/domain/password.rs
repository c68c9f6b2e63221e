//! What a password must be (T-AUT-12).

use super::{Rejection, common_passwords::COMMON};

/// Shortest accepted password, in characters.
pub const MIN_LENGTH: usize = 8;
/// Longest accepted password, in characters.
pub const MAX_LENGTH: usize = 128;

/// One thing that a password must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRule {
    /// At least [`MIN_LENGTH`] characters.
    MinLength,
    /// At most [`MAX_LENGTH`] characters.
    MaxLength,
    /// An upper-case letter.
    Uppercase,
    /// A lower-case letter.
    Lowercase,
    /// A digit.
    Digit,
    /// A character that is neither letter nor digit.
    Special,
    /// Not one of the passwords that everybody tries first.
    NotCommon,
}

/// All the rules that `password` breaks.
#[must_use]
pub fn broken_rules(password: &str) -> Vec<PasswordRule> {
    use PasswordRule::{Digit, Lowercase, MaxLength, MinLength, NotCommon, Special, Uppercase};
    let length = password.chars().count();
    let has = |what: fn(char) -> bool| password.chars().any(what);
    [
        (MinLength, length >= MIN_LENGTH),
        (MaxLength, length <= MAX_LENGTH),
        (Uppercase, has(char::is_uppercase)),
        (Lowercase, has(char::is_lowercase)),
        (Digit, has(char::is_numeric)),
        (Special, has(|letter| !letter.is_alphanumeric())),
        (NotCommon, length > MAX_LENGTH || !is_common(password)),
    ]
    .into_iter()
    .filter(|(_, kept)| !kept)
    .map(|(rule, _)| rule)
    .collect()
}

/// Refuses a password that breaks a rule.
///
/// # Errors
/// [`Rejection::WeakPassword`] with all the rules that it breaks.
pub fn check(field: &'static str, password: &str) -> Result<(), Rejection> {
    let missing = broken_rules(password);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Rejection::WeakPassword { field, missing })
}

/// Whether it is a common password as it is, or one that was only dressed up: `P@ssw0rd123!`.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let core = lower.trim_matches(|letter: char| !letter.is_alphabetic());
    let plain: String = core.chars().map(undress).collect();
    [lower.as_str(), core, &plain]
        .iter()
        .any(|form| COMMON.contains(form))
}

const fn undress(letter: char) -> char {
    match letter {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        other => other,
    }
}
