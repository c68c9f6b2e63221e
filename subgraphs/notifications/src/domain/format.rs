//! How values and texts are written in a language.

use chrono::{DateTime, Datelike as _, Duration, Timelike as _, Utc};
use kernel::Money;
use minijinja::HtmlEscape;

use super::{Locale, VariableValue};

const MONTHS_ID: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A value as a text.
#[must_use]
pub fn text(value: &VariableValue, locale: Locale) -> String {
    match value {
        VariableValue::Text(text) => text.clone(),
        VariableValue::Count(count) => count.to_string(),
        VariableValue::Amount(amount) => money(*amount, locale),
        VariableValue::Time(time) => moment(*time, locale),
    }
}

/// `Rp 1.250.000` in Indonesian, `IDR 1,250,000` in English.
fn money(amount: Money, locale: Locale) -> String {
    let decimal = amount.decimal();
    let (whole, fraction) = decimal
        .split_once('.')
        .map_or((decimal.as_str(), None), |(whole, fraction)| {
            (whole, Some(fraction))
        });
    let (group, point) = match locale {
        Locale::Id => ('.', ','),
        Locale::En => (',', '.'),
    };
    let code = amount.currency().code();
    let mut written = match (locale, code) {
        (Locale::Id, "IDR") => "Rp ".to_owned(),
        _ => format!("{code} "),
    };
    let digits = whole.trim_start_matches('-');
    if digits.len() < whole.len() {
        written.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push(group);
        }
        written.push(digit);
    }
    if let Some(fraction) = fraction {
        written.push(point);
        written.push_str(fraction);
    }
    written
}

/// `1 Januari 2026 14.05 WIB`; in English `1 January 2026 14:05 WIB`. In the time of Jakarta.
fn moment(time: DateTime<Utc>, locale: Locale) -> String {
    let local = time + Duration::hours(7);
    let (months, separator) = match locale {
        Locale::Id => (MONTHS_ID, '.'),
        Locale::En => (MONTHS_EN, ':'),
    };
    let month = months.get(local.month0() as usize).unwrap_or(&"");
    format!(
        "{} {month} {} {:02}{separator}{:02} WIB",
        local.day(),
        local.year(),
        local.hour(),
        local.minute()
    )
}

/// A plain text as an HTML document: paragraphs, and addresses of the website at `site` as links. Others stay
/// text: the name of a product or the excerpt of a message could bring them in.
#[must_use]
pub fn html(text: &str, locale: Locale, site: &str) -> String {
    let language = match locale {
        Locale::Id => "id",
        Locale::En => "en",
    };
    let mut body = String::new();
    for paragraph in text.trim().split("\n\n") {
        body.push_str("<p>");
        for (index, line) in paragraph.lines().enumerate() {
            if index > 0 {
                body.push_str("<br>");
            }
            for (index, word) in line.split(' ').enumerate() {
                if index > 0 {
                    body.push(' ');
                }
                let is_link = is_below(word, site);
                let word = HtmlEscape(word);
                body.push_str(&if is_link {
                    format!("<a href=\"{word}\">{word}</a>")
                } else {
                    word.to_string()
                });
            }
        }
        body.push_str("</p>\n");
    }
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\n\
         <body style=\"font-family:sans-serif;line-height:1.5;max-width:36em;margin:1em auto;padding:0 1em\">\n\
         {body}</body>\n</html>\n"
    )
}

/// Whether `word` is the address of the website or of a page of it.
fn is_below(word: &str, site: &str) -> bool {
    let rest = word.strip_prefix(site).filter(|_| !site.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}
