//! Writing strings and descriptions in GraphQL syntax.

use std::borrow::Cow;
use std::fmt::Write as _;

use apollo_compiler::ast::Type;

use crate::text::{is_blank, lines};

/// A string literal in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Writes a string literal in double quotes.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
    {
        out.push_str(text);
        out.push('"');
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Writes a reference to a type.
pub(super) fn push_type(out: &mut String, ty: &Type) {
    match ty {
        Type::Named(name) => out.push_str(name),
        Type::NonNullNamed(name) => {
            out.push_str(name);
            out.push('!');
        }
        Type::List(item) => {
            out.push('[');
            push_type(out, item);
            out.push(']');
        }
        Type::NonNullList(item) => {
            out.push('[');
            push_type(out, item);
            out.push_str("]!");
        }
    }
}

/// A description before an element, with its line end; a block string where that keeps the text.
pub(super) fn description(out: &mut String, text: Option<&str>, indent: &str) {
    let Some(text) = text else { return };
    if !is_block_safe(text) {
        out.push_str(indent);
        push_quoted(out, text);
        out.push('\n');
        return;
    }
    let escaped = if memchr::memchr(b'"', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\"\"\"", "\\\"\"\""))
    } else {
        Cow::Borrowed(text)
    };
    out.push_str(indent);
    out.push_str("\"\"\"");
    if memchr::memchr(b'\n', escaped.as_bytes()).is_some() {
        for line in lines(&escaped) {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(indent);
                out.push_str(line);
            }
        }
        out.push('\n');
        out.push_str(indent);
    } else {
        out.push_str(&escaped);
    }
    out.push_str("\"\"\"\n");
}

/// Block strings lose common indentation and blank lines at both ends, and know no escapes.
fn is_block_safe(text: &str) -> bool {
    let mut lines = lines(text);
    let (first, last) = (lines.next().unwrap_or_default(), text.rsplit('\n').next());
    let ends_well = !text.ends_with(['"', '\\']) && !text.starts_with('"');
    let is_plain = |byte: u8| matches!(byte, b'\n' | b'\t' | b' '..=b'~');
    let plain = if text.is_ascii() {
        // All bytes are looked at, but many at a time.
        text.bytes().fold(true, |all, byte| all & is_plain(byte))
    } else {
        text.chars()
            .all(|c| c == '\n' || c == '\t' || !c.is_control())
    };
    let unindented = std::iter::once(first)
        .chain(lines)
        .any(|line| !is_blank(line) && !line.starts_with([' ', '\t']));
    ends_well
        && plain
        && unindented
        && !is_blank(first)
        && !last.is_some_and(is_blank)
        && !first.starts_with([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::{description, quoted};

    fn written(text: &str) -> String {
        let mut out = String::new();
        description(&mut out, Some(text), "  ");
        out
    }

    #[test]
    fn one_line_is_a_block() {
        assert_eq!(written("A shop."), "  \"\"\"A shop.\"\"\"\n");
    }

    #[test]
    fn lines_are_indented() {
        assert_eq!(written("A\n\nB"), "  \"\"\"\n  A\n\n  B\n  \"\"\"\n");
    }

    #[test]
    fn what_a_block_would_change_is_quoted() {
        assert_eq!(written(" A"), "  \" A\"\n");
        assert_eq!(written("A\n "), "  \"A\\n \"\n");
        assert_eq!(written("say \"yes\""), "  \"say \\\"yes\\\"\"\n");
    }

    #[test]
    fn every_description_survives_a_round_trip() {
        for text in [
            "a", "a\nb", "a\n  b", "\n", " x", "x\\", "\"\"\"", "a\"\"\"b", "\u{7}", "é\tz",
        ] {
            let sdl = format!("{}scalar X", written(text));
            let document = apollo_compiler::ast::Document::parse(sdl, "x").expect("valid");
            let found = document.definitions[0].as_scalar_type_definition().unwrap();
            assert_eq!(found.description.as_ref().unwrap().as_str(), text);
        }
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
    }
}
