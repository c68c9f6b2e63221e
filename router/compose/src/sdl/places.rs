//! Where the elements of a schema are.

use apollo_compiler::ast::{Definition, Directive, Document};
use apollo_compiler::collections::HashMap;
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Node};

use crate::diagnostic::Place;

/// The places of a schema's elements.
///
/// Only the library's own parser can put them into its syntax tree. In a tree that the quick reader
/// made, they are known by where the names and directives lie in memory: these are shared, not
/// copied, when a schema is built from the tree.
#[derive(Debug, Default)]
pub(crate) struct Places {
    lines: Lines,
    /// The tree of the quick reader: what lies where is only known while it is there.
    _tree: Vec<Definition>,
    /// Offsets of names.
    names: HashMap<usize, u32>,
    /// Offsets of elements that begin before their names.
    elements: HashMap<usize, u32>,
    /// Offsets of directives.
    directives: HashMap<usize, u32>,
}

impl Places {
    /// Those of a syntax tree that says them itself, or that the quick reader is about to make.
    /// Nothing when a text is too large for offsets of 32 bits.
    pub(crate) fn new(text: &str) -> Option<Self> {
        Some(Self {
            lines: Lines::new(text)?,
            ..Self::default()
        })
    }

    pub(super) fn keeping(self, document: &Document) -> Self {
        Self {
            _tree: document.definitions.clone(),
            ..self
        }
    }

    pub(super) fn note_name(&mut self, name: &Name, at: usize, begin: usize) {
        self.names.insert(address(name), offset(at));
        if begin < at {
            self.elements.insert(address(name), offset(begin));
        }
    }

    pub(super) fn note_directive(&mut self, directive: &Node<Directive>, at: usize) {
        let address = std::ptr::from_ref::<Directive>(directive).addr();
        self.directives.insert(address, offset(at));
    }

    /// Where a name is.
    pub(crate) fn name(&self, name: &Name) -> Place {
        match name.location() {
            Some(span) => self.span(Some(span)),
            None => self.lines.place(self.names.get(&address(name))),
        }
    }

    /// Where an element of that name, at that location if it knows one, begins.
    pub(crate) fn element(&self, name: &Name, location: Option<SourceSpan>) -> Place {
        if location.is_some() {
            return self.span(location);
        }
        let own = self.elements.get(&address(name));
        self.lines
            .place(own.or_else(|| self.names.get(&address(name))))
    }

    /// Where a directive is applied.
    pub(crate) fn directive(&self, directive: &Node<Directive>) -> Place {
        if let Some(location) = directive.location() {
            return self.span(Some(location));
        }
        let address = std::ptr::from_ref::<Directive>(directive).addr();
        self.lines.place(self.directives.get(&address))
    }

    /// Where a span of this text begins.
    pub(crate) fn span(&self, span: Option<SourceSpan>) -> Place {
        let at = span.map(|span| offset(span.offset()));
        self.lines.place(at.as_ref())
    }
}

fn address(name: &Name) -> usize {
    name.as_str().as_ptr().addr()
}

/// Texts are not longer: see `Lines::new`.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where the lines of a text begin.
#[derive(Debug, Default)]
struct Lines {
    starts: Vec<u32>,
    /// Offsets of all bytes that begin no character, so that columns can be counted in these.
    inner: Vec<u32>,
}

impl Lines {
    fn new(text: &str) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let mut lines = Self {
            starts: vec![0],
            inner: Vec::new(),
        };
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(byte, b' '..0x80) {
                continue;
            }
            let ends = match byte {
                b'\n' | 0x0b | 0x0c => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                0x80..=0xbf => {
                    lines.inner.push(offset(at));
                    // As in the library, U+0085, U+2028 and U+2029 end lines too.
                    text.get(..=at)
                        .is_some_and(|before| before.ends_with(['\u{85}', '\u{2028}', '\u{2029}']))
                }
                _ => false,
            };
            if ends {
                lines.starts.push(offset(at + 1));
            }
        }
        // The end of a text belongs to its last line.
        lines
            .starts
            .pop_if(|start| *start > 0 && *start == offset(bytes.len()));
        Some(lines)
    }

    fn place(&self, at: Option<&u32>) -> Place {
        let Some(at) = at else {
            return Place::default();
        };
        let line = self.starts.partition_point(|start| start <= at);
        let start = self.starts.get(line.saturating_sub(1)).unwrap_or(&0);
        let inner = |end: &u32| self.inner.partition_point(|byte| byte < end);
        let bytes = usize::try_from(at - start).unwrap_or(usize::MAX);
        Place {
            line,
            column: 1 + bytes - (inner(at) - inner(start)),
        }
    }
}
