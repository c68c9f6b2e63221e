//! A quick reader of schemas: text to the syntax tree of `apollo-compiler`.
//!
//! Most of the time of a composition went into the library's parser, which builds a lossless tree
//! first. This one reads schemas that are in order, and only these: it gives nothing where it is in
//! any doubt, and the caller asks the library, whose messages and places are then used. What it
//! gives is what the library gives, which its tests compare.

mod definitions;
mod lexer;
mod places;
mod strings;
#[cfg(test)]
mod tests;
mod values;

use apollo_compiler::Name;
use apollo_compiler::ast::Document;
use apollo_compiler::collections::HashMap;
use apollo_compiler::parser::SourceMap;

use crate::subgraph::fieldset::Selection;
use lexer::{Lexer, Token};
pub(crate) use places::Places;

/// Half of what the library reads.
const MAX_FIELD_SET_DEPTH: usize = 16;

/// Reads a schema, with the place of every element.
pub(crate) fn read(text: &str) -> Option<(Document, Places)> {
    let mut reader = Reader::new(text, Some(Places::new(text)?))?;
    let document = reader.document()?;
    let places = reader.places?.keeping(&document);
    Some((document, places))
}

/// Reads a schema whose places nobody asks for.
pub(crate) fn read_plain(text: &str) -> Option<Document> {
    Reader::new(text, None)?.document()
}

/// Reads a field set that consists of names and braces, as nearly all do.
pub(crate) fn read_field_set(text: &str) -> Option<Vec<Selection>> {
    let mut reader = Reader::new(text, None)?;
    let is_braced = reader.takes(b'{')?;
    // The library puts braces around what does not begin with one, which a comment would hide.
    if text.contains('#') || is_braced != text.trim_start().starts_with('{') {
        return None;
    }
    let selections = reader.selections(0)?;
    let is_closed = !is_braced || reader.takes(b'}')?;
    (is_closed && reader.token == Token::End).then_some(selections)
}

/// Reads one definition after the other; every part gives nothing when it is not in order.
struct Reader<'a> {
    lexer: Lexer<'a>,
    /// The next token, and where it begins.
    token: Token<'a>,
    start: usize,
    places: Option<Places>,
    /// Names without a place, which occur again and again.
    names: HashMap<&'a str, Name>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, places: Option<Places>) -> Option<Self> {
        let mut reader = Self {
            lexer: Lexer::new(text),
            token: Token::End,
            start: 0,
            places,
            names: HashMap::default(),
        };
        reader.advance()?;
        Some(reader)
    }

    fn document(&mut self) -> Option<Document> {
        let mut definitions = Vec::new();
        while self.token != Token::End {
            definitions.push(self.definition()?);
        }
        (!definitions.is_empty()).then(|| Document {
            sources: SourceMap::default(),
            definitions,
        })
    }

    fn advance(&mut self) -> Option<()> {
        (self.start, self.token) = self.lexer.next()?;
        Some(())
    }

    fn is(&self, sign: u8) -> bool {
        self.token == Token::Sign(sign)
    }

    /// Takes a sign if it is next.
    fn takes(&mut self, sign: u8) -> Option<bool> {
        let is_next = self.is(sign);
        if is_next {
            self.advance()?;
        }
        Some(is_next)
    }

    fn expect(&mut self, sign: u8) -> Option<()> {
        self.takes(sign)?.then_some(())
    }

    fn word(&mut self) -> Option<&'a str> {
        let Token::Name(word) = self.token else {
            return None;
        };
        self.advance()?;
        Some(word)
    }

    /// A name that nobody asks the place of.
    fn plain_name(&mut self) -> Option<Name> {
        let word = self.word()?;
        let known = self.names.entry(word);
        Some(known.or_insert_with(|| Name::new_unchecked(word)).clone())
    }

    /// The name of an element that begins there, at the latest with its name.
    fn element_name(&mut self, begin: usize) -> Option<Name> {
        let at = self.start;
        let name = Name::new_unchecked(self.word()?);
        if let Some(places) = &mut self.places {
            places.note_name(&name, at, begin);
        }
        Some(name)
    }

    /// A name that has a place.
    fn name(&mut self) -> Option<Name> {
        self.element_name(self.start)
    }

    /// All items between two signs: none if the first is not there, else at least one.
    fn list<T>(
        &mut self,
        [open, close]: [u8; 2],
        item: fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        if !self.takes(open)? {
            return Some(items);
        }
        while !self.takes(close)? {
            items.push(item(self)?);
        }
        (!items.is_empty()).then_some(items)
    }

    /// At least one field, each perhaps with fields of its own.
    fn selections(&mut self, depth: usize) -> Option<Vec<Selection>> {
        if depth == MAX_FIELD_SET_DEPTH {
            return None;
        }
        let mut selections = Vec::new();
        while let Token::Name(_) = self.token {
            let name = self.word()?.to_owned();
            let mut nested = Vec::new();
            if self.takes(b'{')? {
                nested = self.selections(depth + 1)?;
                self.expect(b'}')?;
            }
            selections.push(Selection::Field {
                name,
                arguments: Vec::new(),
                selections: nested,
            });
        }
        (!selections.is_empty()).then_some(selections)
    }

    /// Items with a sign between them, and perhaps before them.
    fn separated<T>(&mut self, sign: u8, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.takes(sign)?;
        let mut items = vec![item(self)?];
        while self.takes(sign)? {
            items.push(item(self)?);
        }
        Some(items)
    }
}
