//! From text to tokens.

/// A token; strings are without their quotes and as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Sign(u8),
    Int(&'a str),
    Float(&'a str),
    String(&'a str),
    Block(&'a str),
    End,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// There was a comma before the last token.
    pub(super) after_comma: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            after_comma: false,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next token and where it begins; nothing where the text is not in order.
    pub(super) fn next(&mut self) -> Option<(usize, Token<'a>)> {
        self.skip_ignored();
        let start = self.at;
        let token = match self.rest() {
            [] => Token::End,
            [b'_' | b'a'..=b'z' | b'A'..=b'Z', ..] => {
                let is_part = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
                Token::Name(self.take_while(is_part)?)
            }
            [sign @ (b'{' | b'}' | b'(' | b')' | b'[' | b']'), ..]
            | [sign @ (b':' | b'!' | b'=' | b'@' | b'|' | b'&'), ..] => {
                self.at += 1;
                Token::Sign(*sign)
            }
            [b'"', b'"', b'"', ..] => {
                let end = block_end(self.rest())?;
                Token::Block(self.quoted(end, 3)?)
            }
            [b'"', ..] => {
                let end = string_end(self.rest())?;
                Token::String(self.quoted(end, 1)?)
            }
            [b'-' | b'0'..=b'9', ..] => self.number()?,
            _ => return None,
        };
        Some((start, token))
    }

    fn skip_ignored(&mut self) {
        let rest = self.rest();
        let mut bytes = rest.iter();
        let (mut in_comment, mut after_comma) = (false, false);
        let ends = bytes.position(|byte| {
            match byte {
                b'\n' | b'\r' => in_comment = false,
                _ if in_comment => {}
                b' ' | b'\t' => {}
                b',' => after_comma = true,
                b'#' => in_comment = true,
                _ => return true,
            }
            false
        });
        self.at += ends.unwrap_or(rest.len());
        self.after_comma = after_comma;
    }

    fn take_while(&mut self, is_part: impl Fn(&u8) -> bool) -> Option<&'a str> {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_part(byte));
        let start = self.at;
        self.at += length.unwrap_or(rest.len());
        self.text.get(start..self.at)
    }

    /// What is between quotes of that length, the last of which end there.
    fn quoted(&mut self, end: usize, quotes: usize) -> Option<&'a str> {
        let start = self.at;
        self.at += end;
        self.text.get(start + quotes..self.at - quotes)
    }

    fn number(&mut self) -> Option<Token<'a>> {
        let text = self.take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'+')
        })?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (digits, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
        let leads_with_zero = whole.len() > 1 && whole.starts_with('0');
        if leads_with_zero
            || !is_digits(whole)
            || fraction.is_some_and(|text| !is_digits(text))
            || exponent.is_some_and(|text| !is_digits(text))
        {
            return None;
        }
        Some(if fraction.is_some() || exponent.is_some() {
            Token::Float(text)
        } else {
            Token::Int(text)
        })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a string that begins with the text ends, its last quote included.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            b'\t' | b' '.. => at += 1,
            _ => return None,
        }
    }
}

/// The same for a block string.
fn block_end(text: &[u8]) -> Option<usize> {
    let mut at = 3;
    loop {
        let rest = text.get(at..)?;
        at += memchr::memchr2(b'"', b'\\', rest)?;
        match text.get(at..)? {
            [b'"', b'"', b'"', ..] => return Some(at + 3),
            [b'\\', b'"', b'"', b'"', ..] => at += 4,
            // The library has its own view of other backslashes before quotes.
            [b'\\', b'"' | b'\\', ..] => return None,
            _ => at += 1,
        }
    }
}
