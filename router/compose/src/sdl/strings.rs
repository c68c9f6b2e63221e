//! What string literals mean.

use std::borrow::Cow;

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
    let is_special = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\\');
    if !raw.bytes().any(is_special) {
        return Cow::Borrowed(if is_blank(raw) { "" } else { raw });
    }
    let indented = lines(raw).skip(1).filter(|line| !is_blank(line));
    let common = indented
        .map(|line| line.len() - unindented(line).len())
        .min();
    let mut value = String::with_capacity(raw.len());
    // Up to the last line that is not blank.
    let mut end = 0;
    for (number, line) in lines(raw).enumerate() {
        if value.is_empty() && end == 0 && is_blank(line) {
            continue;
        }
        if end > 0 {
            value.push('\n');
        }
        let indent = if number == 0 { 0 } else { common.unwrap_or(0) };
        let line = line.get(indent.min(line.len())..).unwrap_or_default();
        if line.contains('\\') {
            value.push_str(&line.replace("\\\"\"\"", "\"\"\""));
        } else {
            value.push_str(line);
        }
        if !is_blank(line) {
            end = value.len();
        }
    }
    value.truncate(end);
    Cow::Owned(value)
}

fn unindented(line: &str) -> &str {
    let is_text = |byte: u8| !matches!(byte, b' ' | b'\t');
    let start = line.bytes().position(is_text).unwrap_or(line.len());
    line.get(start..).unwrap_or_default()
}

fn is_blank(line: &str) -> bool {
    unindented(line).is_empty()
}

/// Lines end with `\n`, `\r` or both.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let is_end = |byte: u8| matches!(byte, b'\n' | b'\r');
        let Some(end) = text.bytes().position(is_end) else {
            rest = None;
            return Some(text);
        };
        let (line, after) = text.split_at_checked(end)?;
        rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(['\n', '\r']));
        Some(line)
    })
}
