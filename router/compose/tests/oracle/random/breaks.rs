//! Small mistakes such as people make.

use super::Random;
use super::schema::{Member, Schema, Type};

/// Breaks one thing somewhere; now and then it turns out to be allowed.
pub(super) fn one(random: &mut Random, schemas: &mut Vec<Schema>) {
    let count = schemas.len();
    let index = random.below(count);
    if count > 1 && random.chance(4) {
        schemas.remove(index);
        return;
    }
    if count > 1 && random.chance(15) {
        copy_member(random, schemas);
        return;
    }
    let schema = &mut schemas[index];
    if schema.types.is_empty() {
        return;
    }
    let at = random.below(schema.types.len());
    let Some((_, ty)) = schema.types.get_index_mut(at) else {
        return;
    };
    if random.chance(30) {
        break_type(random, ty);
    } else if ty.keyword != "union" {
        break_member(random, ty);
    }
}

/// A field appears in another subgraph that has the type, as it is.
fn copy_member(random: &mut Random, schemas: &mut [Schema]) {
    let from = random.below(schemas.len());
    let to = (from + 1) % schemas.len();
    let shared: Vec<String> = schemas[from]
        .types
        .keys()
        .filter(|name| schemas[to].types.contains_key(*name))
        .cloned()
        .collect();
    if shared.is_empty() {
        return;
    }
    let ty = random.pick(&shared).clone();
    let members = &schemas[from].types[&ty].members;
    if members.is_empty() {
        return;
    }
    let (name, member) = members.get_index(random.below(members.len())).unwrap();
    // A type that the other subgraph lacks would only be invalid GraphQL.
    let target = member.ty.trim_matches(|c: char| !c.is_alphanumeric());
    let known = target.is_empty()
        || schemas[to].types.contains_key(target)
        || ["Int", "String", "Boolean", "Float", "ID"].contains(&target);
    let (name, member) = (name.clone(), member.clone());
    if known && member.arguments.iter().all(|one| one.starts_with("x:")) {
        schemas[to].types[&ty].members.insert(name, member);
    }
}

fn break_type(random: &mut Random, ty: &mut Type) {
    match random.below(6) {
        0 | 1 if !ty.directives.is_empty() => {
            let at = random.below(ty.directives.len());
            ty.directives.remove(at);
        }
        2 if ty.keyword == "type" => {
            let fields = *random.pick(&["nope", "id nope", "f0", "id f1", "id { x }", "sku"]);
            ty.directives.push(format!("@key(fields: \"{fields}\")"));
        }
        3 => ty.directives.push("@inaccessible".to_owned()),
        4 if ty.keyword == "type" => ty.directives.push("@shareable".to_owned()),
        _ if ty.members.len() > 1 => {
            let at = random.below(ty.members.len());
            ty.members.shift_remove_index(at);
        }
        _ => {}
    }
}

fn break_member(random: &mut Random, ty: &mut Type) {
    if ty.members.is_empty() {
        return;
    }
    let at = random.below(ty.members.len());
    let is_field = ty.keyword == "type" || ty.keyword == "interface";
    let Some((_, member)) = ty.members.get_index_mut(at) else {
        return;
    };
    match random.below(12) {
        0..=2 if !member.directives.is_empty() => {
            let at = random.below(member.directives.len());
            member.directives.remove(at);
        }
        3 if !member.ty.is_empty() => member.ty = "Int".to_owned(),
        4 if member.ty.ends_with('!') => {
            member.ty.pop();
        }
        4 if !member.ty.is_empty() => member.ty.push('!'),
        5 => member.directives.push("@inaccessible".to_owned()),
        6 if is_field => member.directives.push("@external".to_owned()),
        7 if is_field => member.directives.push("@shareable".to_owned()),
        8 if is_field => change_arguments(random, member),
        9 if is_field => {
            let fields = *random.pick(&["id", "f0", "nope", "f0 f1"]);
            let name = *random.pick(&["requires", "provides"]);
            member
                .directives
                .push(format!("@{name}(fields: \"{fields}\")"));
        }
        10 if is_field => {
            let from = *random.pick(&["a", "b", "z"]);
            member
                .directives
                .push(format!("@override(from: \"{from}\")"));
        }
        _ if ty.members.len() > 1 => {
            ty.members.shift_remove_index(at);
        }
        _ => {}
    }
}

fn change_arguments(random: &mut Random, member: &mut Member) {
    if member.arguments.is_empty() || random.chance(30) {
        let choices = ["w: Int", "w: Int!", "w: Int = 2"];
        member.arguments.push((*random.pick(&choices)).to_owned());
    } else {
        member.arguments.pop();
    }
}
