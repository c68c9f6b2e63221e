//! Types, values and directives.

use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Directive, DirectiveList, FloatValue, IntValue, Type, Value};

use super::lexer::Token;
use super::{Reader, strings};

/// Deeper ones are left to the library, which has a limit.
const MAX_DEPTH: usize = 16;

impl Reader<'_> {
    pub(super) fn ty(&mut self) -> Option<Type> {
        self.ty_at(0)
    }

    fn ty_at(&mut self, depth: usize) -> Option<Type> {
        if self.takes(b'[')? {
            let inner = (depth < MAX_DEPTH).then(|| self.ty_at(depth + 1))??;
            self.expect(b']')?;
            return Some(if self.takes(b'!')? {
                Type::NonNullList(Box::new(inner))
            } else {
                Type::List(Box::new(inner))
            });
        }
        let name = self.plain_name()?;
        Some(if self.takes(b'!')? {
            Type::NonNullNamed(name)
        } else {
            Type::Named(name)
        })
    }

    pub(super) fn directives(&mut self) -> Option<DirectiveList> {
        let mut directives = Vec::new();
        while self.is(b'@') {
            let at = self.start;
            self.advance()?;
            let directive = Node::new(Directive {
                name: self.plain_name()?,
                arguments: self.list(*b"()", Self::argument)?,
            });
            if let Some(places) = &mut self.places {
                places.note_directive(&directive, at);
            }
            directives.push(directive);
        }
        Some(DirectiveList(directives))
    }

    fn argument(&mut self) -> Option<Node<Argument>> {
        let name = self.plain_name()?;
        self.expect(b':')?;
        let value = self.value()?;
        Some(Node::new(Argument { name, value }))
    }

    pub(super) fn value(&mut self) -> Option<Node<Value>> {
        self.value_at(0).map(Node::new)
    }

    fn value_at(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let value = match self.token {
            Token::Name(word) => match word {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                "null" => Value::Null,
                _ => return self.plain_name().map(Value::Enum),
            },
            Token::Int(text) => Value::Int(IntValue::new_parsed(text)),
            Token::Float(text) => Value::Float(FloatValue::new_parsed(text)),
            Token::String(raw) => Value::String(strings::unescaped(raw)?.into_owned()),
            Token::Block(raw) => Value::String(strings::block(raw).into_owned()),
            Token::Sign(b'[') => {
                self.advance()?;
                let mut items = Vec::new();
                while !self.takes(b']')? {
                    items.push(Node::new(self.value_at(depth + 1)?));
                }
                return Some(Value::List(items));
            }
            Token::Sign(b'{') => {
                self.advance()?;
                let mut fields = Vec::new();
                while !self.takes(b'}')? {
                    let name = self.plain_name()?;
                    self.expect(b':')?;
                    fields.push((name, Node::new(self.value_at(depth + 1)?)));
                }
                return Some(Value::Object(fields));
            }
            Token::Sign(_) | Token::End => return None,
        };
        self.advance()?;
        Some(value)
    }
}
