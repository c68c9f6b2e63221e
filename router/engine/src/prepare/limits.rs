//! Limits on the size of an operation, checked before anything expensive happens to it.

use std::collections::HashMap;

use apollo_compiler::{
    Name, Node,
    ast::{Definition, Document, FragmentDefinition, Selection},
};

use super::Refusal;
use crate::{
    error::{ErrorCode, GraphqlError},
    settings::Limits,
};

/// The planner's parser gives up at 50 levels; this leaves room for what the engine adds.
const MAX_NESTING: u64 = 45;

/// Checks the text as such: it is not parsed yet, so this also protects the parsers.
pub(super) fn check_text(text: &str, limits: &Limits) -> Result<(), Refusal> {
    let size = measure_text(text.as_bytes());
    check("tokens", "lexical tokens", size.tokens, limits.tokens)?;
    let nesting = limits.nesting.min(MAX_NESTING);
    check("nesting", "levels of brackets", size.nesting, nesting)
}

/// Checks a parsed document, before it is validated.
pub(super) fn check_document(document: &Document, limits: &Limits) -> Result<(), Refusal> {
    let mut measure = Measure {
        fragments: HashMap::new(),
        known: HashMap::new(),
    };
    for definition in &document.definitions {
        if let Definition::FragmentDefinition(fragment) = definition {
            measure.fragments.insert(&fragment.name, fragment);
        }
    }
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else {
            continue;
        };
        let mut size = measure.selections(&operation.selection_set);
        size.directives += operation.directives.len() as u64;
        check("depth", "levels of fields", size.depth, limits.depth)?;
        check("root_fields", "root fields", size.width, limits.root_fields)?;
        check("aliases", "aliases", size.aliases, limits.aliases)?;
        check(
            "directives",
            "directives",
            size.directives,
            limits.directives,
        )?;
        check("fields", "fields", size.fields, limits.fields)?;
    }
    Ok(())
}

fn check(setting: &str, what: &str, actual: u64, limit: u64) -> Result<(), Refusal> {
    if actual <= limit {
        return Ok(());
    }
    let setting = format!("limits.{setting}");
    let error = GraphqlError::new(
        ErrorCode::LimitExceeded,
        format!("the operation has {actual} {what}; at most {limit} are allowed ({setting})"),
    )
    .with("limit", limit)
    .with("actual", actual)
    .with("setting", setting);
    Err(vec![error])
}

struct TextSize {
    tokens: u64,
    nesting: u64,
}

/// Counts tokens and bracket levels in one pass, without building anything.
fn measure_text(text: &[u8]) -> TextSize {
    let mut size = TextSize {
        tokens: 0,
        nesting: 0,
    };
    let mut open: u64 = 0;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let length = token_length(&text[at..]);
        let ignored = matches!(
            byte,
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b'#' | 0xEF | 0xBB | 0xBF
        );
        if !ignored {
            size.tokens += 1;
        }
        match byte {
            b'{' | b'(' | b'[' => {
                open += 1;
                size.nesting = size.nesting.max(open);
            }
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        at += length;
    }
    size
}

/// The length of the token, comment or blank that `text` begins with; never zero.
fn token_length(text: &[u8]) -> usize {
    let run = |belongs: fn(&u8) -> bool| {
        let rest = text.iter().skip(1).take_while(|&byte| belongs(byte));
        1 + rest.count()
    };
    match text.first() {
        Some(b'#') => run(|byte| *byte != b'\n' && *byte != b'\r'),
        Some(b'"') if text.starts_with(b"\"\"\"") => block_string_length(text),
        Some(b'"') => string_length(text),
        Some(b'.') if text.starts_with(b"...") => 3,
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
            run(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        }
        Some(b'0'..=b'9' | b'-') => {
            run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-'))
        }
        _ => 1,
    }
}

fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    text.len()
}

fn block_string_length(text: &[u8]) -> usize {
    let mut at = 3;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"\\\"\"\"") {
            at += 4;
        } else if rest.starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    text.len()
}

/// How large a selection is once its fragments are written out.
#[derive(Clone, Copy, Default)]
struct Size {
    depth: u64,
    /// Fields at its top.
    width: u64,
    fields: u64,
    aliases: u64,
    directives: u64,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.width = self.width.saturating_add(other.width);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
    }

    fn add_directives(&mut self, count: usize) {
        self.directives = self.directives.saturating_add(count as u64);
    }
}

struct Measure<'a> {
    fragments: HashMap<&'a Name, &'a Node<FragmentDefinition>>,
    /// Every fragment is measured once: this keeps the measuring itself linear.
    known: HashMap<&'a Name, Size>,
}

impl<'a> Measure<'a> {
    fn selections(&mut self, selections: &'a [Selection]) -> Size {
        let mut size = Size::default();
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    // Introspection has its own depth check in apollo-compiler.
                    let inner = if matches!(field.name.as_str(), "__schema" | "__type") {
                        Size::default()
                    } else {
                        self.selections(&field.selection_set)
                    };
                    size.add(Size {
                        depth: 1 + inner.depth,
                        width: 1,
                        fields: inner.fields.saturating_add(1),
                        aliases: inner
                            .aliases
                            .saturating_add(u64::from(field.alias.is_some())),
                        directives: inner.directives,
                    });
                    size.add_directives(field.directives.len());
                }
                Selection::InlineFragment(fragment) => {
                    let inner = self.selections(&fragment.selection_set);
                    size.add(inner);
                    size.add_directives(fragment.directives.len());
                }
                Selection::FragmentSpread(spread) => {
                    let inner = self.fragment(&spread.fragment_name);
                    size.add(inner);
                    size.add_directives(spread.directives.len());
                }
            }
        }
        size
    }

    fn fragment(&mut self, name: &Name) -> Size {
        let Some((&name, &fragment)) = self.fragments.get_key_value(name) else {
            return Size::default();
        };
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        // A fragment that contains itself counts as empty here; validation refuses it later.
        self.known.insert(name, Size::default());
        let size = self.selections(&fragment.selection_set);
        self.known.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> u64 {
        measure_text(text.as_bytes()).tokens
    }

    #[test]
    fn tokens_are_counted_as_graphql_counts_them() {
        assert_eq!(tokens("{ a, b # c d e\n }"), 4);
        assert_eq!(tokens("query Q($a: Int = -1.5e+3) { a(b: $a) }"), 19);
        assert_eq!(
            tokens(r#"{ a(b: "x \" { y", c: """ " \""" { """) ...F }"#),
            13
        );
        assert_eq!(tokens("\u{feff}{ a }"), 3);
    }

    #[test]
    fn brackets_in_strings_and_comments_are_no_nesting() {
        let size = measure_text(br#"{ a(b: "{{{{", c: [{ d: 1 }]) } # (((((("#);
        assert_eq!(size.nesting, 4);
    }

    #[test]
    fn an_unclosed_string_ends_the_document() {
        assert_eq!(tokens("{ a(b: \"x"), 6);
        assert_eq!(tokens("{ a(b: \"\"\"x"), 6);
        assert_eq!(tokens("{ a(b: \"x\\"), 6);
    }
}
