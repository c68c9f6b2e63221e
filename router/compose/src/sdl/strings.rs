//! What string literals mean.

use std::borrow::Cow;

use crate::text::{is_blank, lines};

/// The value of a string between single quotes.
pub(super) fn unescaped(raw: &str) -> Option<Cow<'_, str>> {
    let Some((before, mut rest)) = raw.split_once('\\') else {
        return Some(Cow::Borrowed(raw));
    };
    let mut value = before.to_owned();
    loop {
        let mut characters = rest.chars();
        value.push(match characters.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let code = characters.as_str().get(..4)?;
                let is_hex = code.bytes().all(|byte| byte.is_ascii_hexdigit());
                characters.nth(3)?;
                char::from_u32(u32::from_str_radix(code, 16).ok()?).filter(|_| is_hex)?
            }
            _ => return None,
        });
        let after = characters.as_str();
        let Some((before, next)) = after.split_once('\\') else {
            value.push_str(after);
            return Some(Cow::Owned(value));
        };
        value.push_str(before);
        rest = next;
    }
}

/// The value of a block string: without common indentation and blank lines at both ends
/// (<https://spec.graphql.org/September2025/#BlockStringValue()>).
pub(super) fn block(raw: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'\n', b'\r', b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(if is_blank(raw) { "" } else { raw });
    }
    // Lines end with `\n`, `\r` or both.
    if memchr::memchr(b'\r', raw.as_bytes()).is_some() {
        let lines = raw.replace("\r\n", "\n").replace('\r', "\n");
        return Cow::Owned(dedented(&lines));
    }
    Cow::Owned(dedented(raw))
}

fn dedented(raw: &str) -> String {
    let indented = lines(raw).skip(1).filter(|line| !is_blank(line));
    let common = indented
        .map(|line| line.len() - unindented(line).len())
        .min();
    let has_escapes = memchr::memchr(b'\\', raw.as_bytes()).is_some();
    let mut value = String::with_capacity(raw.len());
    // Up to the last line that is not blank.
    let mut end = 0;
    for (number, line) in lines(raw).enumerate() {
        let is_blank = is_blank(line);
        if end == 0 && value.is_empty() && is_blank {
            continue;
        }
        if end > 0 {
            value.push('\n');
        }
        let indent = if number == 0 { 0 } else { common.unwrap_or(0) };
        let line = line.get(indent.min(line.len())..).unwrap_or_default();
        if has_escapes {
            value.push_str(&line.replace("\\\"\"\"", "\"\"\""));
        } else {
            value.push_str(line);
        }
        if !is_blank {
            end = value.len();
        }
    }
    value.truncate(end);
    value
}

fn unindented(line: &str) -> &str {
    let is_text = |byte: u8| !matches!(byte, b' ' | b'\t');
    let start = line.bytes().position(is_text).unwrap_or(line.len());
    line.get(start..).unwrap_or_default()
}
