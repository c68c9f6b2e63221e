//! Builds sets of subgraphs that should compose: entities whose fields are spread over subgraphs,
//! value types, interfaces, unions, enums and inputs that several of them know.

use super::Random;
use super::schema::{Member, Schema, Type};

pub(super) struct World<'r> {
    pub(super) random: &'r mut Random,
    pub(super) schemas: Vec<Schema>,
    /// By entity: whether its second key, `sku`, exists.
    second_keys: Vec<bool>,
}

const SCALARS: [&str; 5] = ["Int", "String", "Boolean", "Float", "ID"];

/// One to four subgraphs.
pub(super) fn build(random: &mut Random) -> Vec<Schema> {
    let count = 1 + random.below(4);
    let mut schemas = Vec::new();
    for name in ["a", "b", "c", "d"].iter().take(count) {
        schemas.push(Schema {
            name: (*name).to_owned(),
            minor: u32::try_from(random.below(10)).unwrap(),
            custom: random.chance(10),
            ..Schema::default()
        });
    }
    let entities = 1 + random.below(4);
    let second_keys = (0..entities).map(|_| random.chance(40)).collect();
    let mut world = World {
        random,
        schemas,
        second_keys,
    };
    for entity in 0..entities {
        world.entity(entity);
    }
    world.abstract_types();
    if world.random.chance(25) {
        world.interface_object();
    }
    for index in 0..count {
        world.roots(index);
    }
    super::notes::decorate(world.random, &mut world.schemas);
    world.schemas
}

fn entity_name(number: usize) -> String {
    format!("E{number}")
}

impl World<'_> {
    pub(super) fn any_schema(&mut self) -> usize {
        self.random.below(self.schemas.len())
    }

    pub(super) fn member(&mut self, index: usize, ty: &str, name: &str, member: Member) {
        let Some(ty) = self.schemas[index].types.get_mut(ty) else {
            return;
        };
        if !ty.members.contains_key(name) {
            ty.members.insert(name.to_owned(), member);
        }
    }

    /// The entity as this subgraph knows it: by one key, or both.
    fn ensure_entity(&mut self, index: usize, number: usize) {
        let name = entity_name(number);
        if self.schemas[index].types.contains_key(&name) {
            return;
        }
        let resolvable = if self.random.chance(12) {
            ", resolvable: false"
        } else {
            ""
        };
        let mut ty = Type::new("type");
        let both = self.second_keys[number] && self.random.chance(30);
        let by_sku = self.second_keys[number] && self.random.chance(30);
        if both || !by_sku {
            ty = ty
                .with(&format!("@key(fields: \"id\"{resolvable})"))
                .field("id", "ID!");
        }
        if both || by_sku {
            // The second key of every third entity is nested.
            let nested = number % 3 == 2;
            let fields = if nested { "sku at { code }" } else { "sku" };
            ty = ty
                .with(&format!("@key(fields: \"{fields}\"{resolvable})"))
                .field("sku", "String!");
            if nested {
                ty = ty.field("at", "At!");
                let at = Type::new("type").with("@shareable").field("code", "ID!");
                self.schemas[index].types.insert("At".to_owned(), at);
            }
        }
        self.schemas[index].types.insert(name, ty);
    }

    fn ensure_value(&mut self, index: usize, number: usize) {
        let name = format!("V{number}");
        if self.schemas[index].types.contains_key(&name) {
            return;
        }
        let mut ty = Type::new("type").with("@shareable").field("x", "Int");
        for field in ["y", "z"].iter().take(number + 1) {
            if self.random.chance(92) {
                ty = ty.field(field, SCALARS[(number + field.len()) % 5]);
            }
        }
        self.schemas[index].types.insert(name, ty);
    }

    fn ensure_enum(&mut self, index: usize, number: usize) {
        let mut ty = Type::new("enum").field("ONE", "").field("TWO", "");
        if self.random.chance(85) {
            ty = ty.field("THREE", "");
        }
        self.schemas[index]
            .types
            .entry(format!("N{number}"))
            .or_insert(ty);
    }

    fn ensure_input(&mut self, index: usize) {
        let required = if self.random.chance(80) {
            "Int!"
        } else {
            "Int"
        };
        let mut ty = Type::new("input").field("a", required).field("b", "String");
        if self.random.chance(50) {
            ty = ty.field("c", "[ID!]");
        }
        if self.random.chance(30)
            && let Some(member) = ty.members.get_mut("b")
        {
            member.default = Some("\"x\"");
        }
        self.schemas[index]
            .types
            .entry("P".to_owned())
            .or_insert(ty);
    }

    /// A type for a field that all of these subgraphs have.
    pub(super) fn output(&mut self, among: &[usize]) -> String {
        let name = match self.random.below(10) {
            0..=4 => (*self.random.pick(&SCALARS)).to_owned(),
            5 => {
                let number = self.random.below(2);
                among
                    .iter()
                    .for_each(|index| self.ensure_enum(*index, number));
                format!("N{number}")
            }
            6..=7 => {
                let number = self.random.below(2);
                among
                    .iter()
                    .for_each(|index| self.ensure_value(*index, number));
                format!("V{number}")
            }
            _ => {
                let number = self.random.below(self.second_keys.len());
                among
                    .iter()
                    .for_each(|index| self.ensure_entity(*index, number));
                entity_name(number)
            }
        };
        match self.random.below(6) {
            0 => format!("{name}!"),
            1 => format!("[{name}!]!"),
            2 => format!("[{name}]"),
            _ => name,
        }
    }

    pub(super) fn arguments(&mut self, among: &[usize]) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.random.chance(20) {
            let choices = ["x: Int", "x: Int!", "x: Int = 1", "x: [String!]"];
            arguments.push((*self.random.pick(&choices)).to_owned());
        }
        if self.random.chance(8) {
            among.iter().for_each(|index| self.ensure_input(*index));
            arguments.push("p: P".to_owned());
        }
        if self.random.chance(6) {
            among.iter().for_each(|index| self.ensure_enum(*index, 1));
            arguments.push("n: N1 = ONE".to_owned());
        }
        arguments
    }

    fn entity(&mut self, number: usize) {
        let name = entity_name(number);
        let home = self.any_schema();
        self.ensure_entity(home, number);
        for index in 0..self.schemas.len() {
            if self.random.chance(55) {
                self.ensure_entity(index, number);
            }
        }
        for field in 0..=self.random.below(4) {
            self.entity_field(&name, number, &format!("f{field}"));
        }
    }

    /// A field of an entity: in one subgraph, shared, moved, or computed from another's.
    fn entity_field(&mut self, entity: &str, number: usize, name: &str) {
        let (owner, other) = (self.any_schema(), self.any_schema());
        self.ensure_entity(owner, number);
        if owner == other {
            let ty = self.output(&[owner]);
            let arguments = self.arguments(&[owner]);
            let member = Member {
                arguments,
                ..Member::of(&ty)
            };
            self.member(owner, entity, name, member);
            return;
        }
        self.ensure_entity(other, number);
        let ty = self.output(&[owner, other]);
        let arguments = self.arguments(&[owner, other]);
        let member = Member {
            arguments,
            ..Member::of(&ty)
        };
        match self.random.below(5) {
            0 => {
                let looser = if self.random.chance(20) {
                    Member::of(ty.trim_end_matches('!'))
                } else {
                    member.clone()
                };
                self.member(owner, entity, name, member.with("@shareable"));
                self.member(other, entity, name, looser.with("@shareable"));
            }
            1 => {
                let from = self.schemas[other].name.clone();
                let label = if self.random.chance(40) {
                    ", label: \"percent(25)\""
                } else {
                    ""
                };
                let directive = format!("@override(from: \"{from}\"{label})");
                self.member(other, entity, name, member.clone());
                self.member(owner, entity, name, member.with(&directive));
            }
            2 => self.required(entity, name, (owner, other), &ty),
            3 => self.provided(entity, name, (owner, other), &ty),
            _ => self.member(owner, entity, name, member),
        }
    }

    fn is_plain(ty: &str) -> bool {
        SCALARS.contains(&ty.trim_matches(|c: char| !c.is_alphanumeric()))
    }

    /// `name` is resolved by the owner; the other subgraph needs it for a field of its own.
    fn required(&mut self, entity: &str, name: &str, (owner, other): (usize, usize), ty: &str) {
        let plain = Self::is_plain(ty);
        let ty = if plain { ty } else { "Int" };
        self.member(owner, entity, name, Member::of(ty));
        self.member(other, entity, name, Member::of(ty).with("@external"));
        let result = self.output(&[other]);
        let computed = Member::of(&result).with(&format!("@requires(fields: \"{name}\")"));
        self.member(other, entity, &format!("by_{name}"), computed);
    }

    /// `name` is resolved by the owner; the other subgraph gives it along on one path.
    fn provided(&mut self, entity: &str, name: &str, (owner, other): (usize, usize), ty: &str) {
        let plain = Self::is_plain(ty);
        let ty = if plain { ty } else { "String" };
        self.member(owner, entity, name, Member::of(ty).with("@shareable"));
        self.member(other, entity, name, Member::of(ty).with("@external"));
        self.schemas[other]
            .types
            .entry("Query".to_owned())
            .or_insert_with(|| Type::new("type"));
        let path = Member::of(entity).with(&format!("@provides(fields: \"{name}\")"));
        let root = format!("with_{}_{name}_{other}", entity.to_lowercase());
        self.member(other, "Query", &root, path);
    }
}
