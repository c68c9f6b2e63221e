//! Definitions of types and directives, and their extensions.

use apollo_compiler::ast::{
    Definition, DirectiveDefinition, DirectiveLocation, EnumTypeDefinition, EnumTypeExtension,
    EnumValueDefinition, FieldDefinition, InputObjectTypeDefinition, InputObjectTypeExtension,
    InputValueDefinition, InterfaceTypeDefinition, InterfaceTypeExtension, ObjectTypeDefinition,
    ObjectTypeExtension, OperationType, ScalarTypeDefinition, ScalarTypeExtension,
    SchemaDefinition, SchemaExtension, UnionTypeDefinition, UnionTypeExtension,
};
use apollo_compiler::{Name, Node};

use super::lexer::Token;
use super::{Reader, strings};

const BRACES: [u8; 2] = *b"{}";

const LOCATIONS: [DirectiveLocation; 19] = [
    DirectiveLocation::Query,
    DirectiveLocation::Mutation,
    DirectiveLocation::Subscription,
    DirectiveLocation::Field,
    DirectiveLocation::FragmentDefinition,
    DirectiveLocation::FragmentSpread,
    DirectiveLocation::InlineFragment,
    DirectiveLocation::VariableDefinition,
    DirectiveLocation::Schema,
    DirectiveLocation::Scalar,
    DirectiveLocation::Object,
    DirectiveLocation::FieldDefinition,
    DirectiveLocation::ArgumentDefinition,
    DirectiveLocation::Interface,
    DirectiveLocation::Union,
    DirectiveLocation::Enum,
    DirectiveLocation::EnumValue,
    DirectiveLocation::InputObject,
    DirectiveLocation::InputFieldDefinition,
];

impl<'a> Reader<'a> {
    pub(super) fn definition(&mut self) -> Option<Definition> {
        let begin = self.start;
        let description = self.description()?;
        let keyword = self.keyword(description.is_some())?;
        Some(match keyword {
            "extend" if description.is_none() => return self.extension(begin),
            "schema" => Definition::SchemaDefinition(Node::new(SchemaDefinition {
                description,
                directives: self.directives()?,
                root_operations: self.roots().filter(|roots| !roots.is_empty())?,
            })),
            "directive" => self.directive_definition(begin, description)?,
            "scalar" => Definition::ScalarTypeDefinition(Node::new(ScalarTypeDefinition {
                description,
                name: self.element_name(begin)?,
                directives: self.directives()?,
            })),
            "type" => Definition::ObjectTypeDefinition(Node::new(ObjectTypeDefinition {
                description,
                name: self.element_name(begin)?,
                implements_interfaces: self.interfaces()?,
                directives: self.directives()?,
                fields: self.list(BRACES, Self::field)?,
            })),
            "interface" => {
                Definition::InterfaceTypeDefinition(Node::new(InterfaceTypeDefinition {
                    description,
                    name: self.element_name(begin)?,
                    implements_interfaces: self.interfaces()?,
                    directives: self.directives()?,
                    fields: self.list(BRACES, Self::field)?,
                }))
            }
            "union" => Definition::UnionTypeDefinition(Node::new(UnionTypeDefinition {
                description,
                name: self.element_name(begin)?,
                directives: self.directives()?,
                members: self.members()?,
            })),
            "enum" => Definition::EnumTypeDefinition(Node::new(EnumTypeDefinition {
                description,
                name: self.element_name(begin)?,
                directives: self.directives()?,
                values: self.list(BRACES, Self::enum_value)?,
            })),
            "input" => {
                Definition::InputObjectTypeDefinition(Node::new(InputObjectTypeDefinition {
                    description,
                    name: self.element_name(begin)?,
                    directives: self.directives()?,
                    fields: self.list(BRACES, Self::input)?,
                }))
            }
            _ => return None,
        })
    }

    /// A word that begins a definition. The library takes no comma within its beginning.
    fn keyword(&mut self, within: bool) -> Option<&'a str> {
        let is_fit = !(within && self.lexer.after_comma);
        is_fit.then(|| self.word())?
    }

    /// What follows `extend`. An extension that says nothing is left to the library to refuse.
    fn extension(&mut self, begin: usize) -> Option<Definition> {
        let keyword = self.keyword(true)?;
        if keyword == "schema" {
            let directives = self.directives()?;
            let root_operations = self.roots()?;
            let is_empty = directives.is_empty() && root_operations.is_empty();
            return (!is_empty).then(|| {
                Definition::SchemaExtension(Node::new(SchemaExtension {
                    directives,
                    root_operations,
                }))
            });
        }
        let name = self.element_name(begin)?;
        let implements_interfaces = match keyword {
            "type" | "interface" => self.interfaces()?,
            _ => Vec::new(),
        };
        let directives = self.directives()?;
        let is_empty = implements_interfaces.is_empty() && directives.is_empty();
        let has_more = !is_empty || matches!(self.token, Token::Sign(b'{' | b'='));
        let keyword = has_more.then_some(keyword)?;
        Some(match keyword {
            "scalar" if !is_empty => {
                Definition::ScalarTypeExtension(Node::new(ScalarTypeExtension { name, directives }))
            }
            "type" => Definition::ObjectTypeExtension(Node::new(ObjectTypeExtension {
                name,
                implements_interfaces,
                directives,
                fields: self.list(BRACES, Self::field)?,
            })),
            "interface" => Definition::InterfaceTypeExtension(Node::new(InterfaceTypeExtension {
                name,
                implements_interfaces,
                directives,
                fields: self.list(BRACES, Self::field)?,
            })),
            "union" => Definition::UnionTypeExtension(Node::new(UnionTypeExtension {
                name,
                directives,
                members: self.members()?,
            })),
            "enum" => Definition::EnumTypeExtension(Node::new(EnumTypeExtension {
                name,
                directives,
                values: self.list(BRACES, Self::enum_value)?,
            })),
            "input" => Definition::InputObjectTypeExtension(Node::new(InputObjectTypeExtension {
                name,
                directives,
                fields: self.list(BRACES, Self::input)?,
            })),
            _ => return None,
        })
    }

    fn directive_definition(
        &mut self,
        begin: usize,
        description: Option<Node<str>>,
    ) -> Option<Definition> {
        self.expect(b'@')?;
        let name = self.element_name(begin)?;
        let arguments = self.list(*b"()", Self::input)?;
        let repeatable = self.token == Token::Name("repeatable");
        if repeatable {
            self.advance()?;
        }
        if self.word()? != "on" {
            return None;
        }
        let locations = self.separated(b'|', |reader| {
            let word = reader.word()?;
            LOCATIONS.into_iter().find(|one| one.name() == word)
        })?;
        Some(Definition::DirectiveDefinition(Node::new(
            DirectiveDefinition {
                description,
                name,
                arguments,
                repeatable,
                locations,
            },
        )))
    }

    fn description(&mut self) -> Option<Option<Node<str>>> {
        let text = match self.token {
            Token::String(raw) => strings::unescaped(raw)?,
            Token::Block(raw) => strings::block(raw),
            _ => return Some(None),
        };
        self.advance()?;
        Some(Some(Node::new_str(&text)))
    }

    fn roots(&mut self) -> Option<Vec<Node<(OperationType, Name)>>> {
        self.list(BRACES, |reader| {
            let operation = match reader.word()? {
                "query" => OperationType::Query,
                "mutation" => OperationType::Mutation,
                "subscription" => OperationType::Subscription,
                _ => return None,
            };
            reader.expect(b':')?;
            Some(Node::new((operation, reader.name()?)))
        })
    }

    fn interfaces(&mut self) -> Option<Vec<Name>> {
        if self.token != Token::Name("implements") {
            return Some(Vec::new());
        }
        self.advance()?;
        self.separated(b'&', Self::name)
    }

    fn members(&mut self) -> Option<Vec<Name>> {
        if self.takes(b'=')? {
            self.separated(b'|', Self::name)
        } else {
            Some(Vec::new())
        }
    }

    fn field(&mut self) -> Option<Node<FieldDefinition>> {
        let begin = self.start;
        let description = self.description()?;
        let name = self.element_name(begin)?;
        let arguments = self.list(*b"()", Self::input)?;
        self.expect(b':')?;
        Some(Node::new(FieldDefinition {
            description,
            name,
            arguments,
            ty: self.ty()?,
            directives: self.directives()?,
        }))
    }

    fn input(&mut self) -> Option<Node<InputValueDefinition>> {
        let begin = self.start;
        let description = self.description()?;
        let name = self.element_name(begin)?;
        self.expect(b':')?;
        let ty = Node::new(self.ty()?);
        let default_value = if self.takes(b'=')? {
            Some(self.value()?)
        } else {
            None
        };
        Some(Node::new(InputValueDefinition {
            description,
            name,
            ty,
            default_value,
            directives: self.directives()?,
        }))
    }

    fn enum_value(&mut self) -> Option<Node<EnumValueDefinition>> {
        let begin = self.start;
        let description = self.description()?;
        if matches!(self.token, Token::Name("true" | "false" | "null")) {
            return None;
        }
        Some(Node::new(EnumValueDefinition {
            description,
            value: self.element_name(begin)?,
            directives: self.directives()?,
        }))
    }
}
