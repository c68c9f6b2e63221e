//! Telephone numbers as providers want them: E.164, such as `+6281234567890`.

/// `text` in E.164. A number without country code is one of the country `country_code` (digits only, such
/// as `62`). `None` when it cannot be a number.
///
/// Understood are `+62 812-…`, `0062 812…`, `0812…` and `62812…`; blanks, dots, hyphens and brackets are left out.
#[must_use]
pub fn e164(text: &str, country_code: &str) -> Option<String> {
    let text = text.trim();
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut digits = String::with_capacity(rest.len());
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
            _ => return None,
        }
    }
    let number = if international {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = digits.strip_prefix('0') {
        format!("{country_code}{rest}")
    } else {
        digits
    };
    // ITU-T E.164: at most 15 digits, no country code begins with zero. Shorter than 8 is nobody's mobile.
    let plausible = (8..=15).contains(&number.len()) && !number.starts_with('0');
    plausible.then(|| format!("+{number}"))
}
