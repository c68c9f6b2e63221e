//! Interfaces, unions, interface objects and the root types of a set.

use super::schema::{Member, Type};
use super::world::World;

impl World<'_> {
    /// An interface or a union over some types of a subgraph.
    pub(super) fn abstract_types(&mut self) {
        for index in 0..self.schemas.len() {
            if self.random.chance(35) {
                self.interface(index);
            }
            if self.random.chance(25) {
                self.union(index);
            }
        }
    }

    /// `I0`: what some entities have in common.
    fn interface(&mut self, index: usize) {
        let mut interface = Type::new("interface").field("id", "ID!");
        let mut extra: Option<(String, Member)> = None;
        let types = &mut self.schemas[index].types;
        let mut used = false;
        for ty in types.values_mut() {
            if !ty.members.contains_key("id") || ty.keyword != "type" {
                continue;
            }
            if extra.is_none() && self.random.chance(40) {
                let own = ty.members.iter().find(|(name, _)| name.starts_with('f'));
                extra = own.map(|(name, member)| (name.clone(), member.clone()));
            }
            let fits = extra.as_ref().is_none_or(|(name, wanted)| {
                let own = ty.members.get(name);
                own.is_some_and(|own| own.ty == wanted.ty && own.arguments == wanted.arguments)
            });
            if fits && self.random.chance(75) {
                ty.implements.push("I0".to_owned());
                used = true;
            }
        }
        // The first types may have been taken before the extra field was chosen.
        if let Some((name, member)) = extra {
            let all = types
                .values()
                .filter(|ty| !ty.implements.is_empty())
                .all(|ty| ty.members.contains_key(&name));
            if all {
                let plain = Member {
                    directives: Vec::new(),
                    ..member
                };
                interface.members.insert(name, plain);
            }
        }
        if used {
            types.insert("I0".to_owned(), interface);
        }
    }

    /// `U0`: some object types.
    fn union(&mut self, index: usize) {
        let mut union = Type::new("union");
        for (name, ty) in &self.schemas[index].types {
            let is_root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
            if ty.keyword == "type" && !is_root && self.random.chance(50) {
                union.members.insert(name.clone(), Member::default());
            }
        }
        if !union.members.is_empty() {
            self.schemas[index].types.insert("U0".to_owned(), union);
        }
    }

    /// `K`: an interface with a key in one subgraph, to which another adds a field.
    pub(super) fn interface_object(&mut self) {
        let (home, other) = (self.any_schema(), self.any_schema());
        if home == other {
            return;
        }
        let own = Type::new("interface")
            .with("@key(fields: \"id\")")
            .field("id", "ID!")
            .field("name", "String");
        let types = &mut self.schemas[home].types;
        types.insert("K".to_owned(), own);
        for name in ["K0", "K1"] {
            let mut ty = Type::new("type")
                .with("@key(fields: \"id\")")
                .field("id", "ID!")
                .field("name", "String");
            ty.implements.push("K".to_owned());
            types.insert(name.to_owned(), ty);
        }
        let added = self.output(&[other]);
        let object = Type::new("type")
            .with("@key(fields: \"id\")")
            .with("@interfaceObject")
            .field("id", "ID!")
            .field("added", &added);
        self.schemas[other].types.insert("K".to_owned(), object);
    }

    /// The fields of `Query`, now and then of `Mutation` and `Subscription`.
    pub(super) fn roots(&mut self, index: usize) {
        if index > 0 && self.random.chance(20) {
            return;
        }
        for number in 0..=self.random.below(3) {
            let ty = self.root_output(index);
            let arguments = self.arguments(&[index]);
            let field = Member {
                arguments,
                ..Member::of(&ty)
            };
            self.root(index, "Query", &format!("q{index}_{number}"), field);
        }
        if self.random.chance(12) {
            let shared = Member::of("String").with("@shareable");
            self.root(index, "Query", "shared", shared);
        }
        for (root, percent) in [("Mutation", 15), ("Subscription", 8)] {
            if self.random.chance(percent) {
                let ty = self.root_output(index);
                let name = format!("{}{index}", root.to_lowercase());
                self.root(index, root, &name, Member::of(&ty));
            }
        }
    }

    fn root(&mut self, index: usize, root: &str, name: &str, field: Member) {
        let types = &mut self.schemas[index].types;
        types
            .entry(root.to_owned())
            .or_insert_with(|| Type::new("type"));
        self.member(index, root, name, field);
    }

    fn root_output(&mut self, index: usize) -> String {
        let is_reachable = |(name, ty): (&String, &Type)| {
            let composite = ["type", "interface", "union"].contains(&ty.keyword);
            let is_root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
            (composite && !is_root).then(|| name.clone())
        };
        let here: Vec<String> = self.schemas[index]
            .types
            .iter()
            .filter_map(is_reachable)
            .collect();
        if here.is_empty() || self.random.chance(15) {
            return self.output(&[index]);
        }
        let name = self.random.pick(&here).clone();
        if self.random.chance(30) {
            return format!("[{name}]");
        }
        name
    }
}
