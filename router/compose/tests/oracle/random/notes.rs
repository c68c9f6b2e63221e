//! Directives that any element may have, put in here and there.

use super::Random;
use super::schema::{Member, Schema, Type};

/// Adds tags, `@inaccessible`, deprecations, access rules, costs and custom directives.
pub(super) fn decorate(random: &mut Random, schemas: &mut [Schema]) {
    for schema in schemas {
        let custom = schema.custom;
        for (name, ty) in &mut schema.types {
            decorate_type(random, custom, name, ty);
            let keyword = ty.keyword;
            for (name, member) in &mut ty.members {
                if keyword != "union" {
                    decorate_member(random, custom, (keyword, name), member);
                }
            }
        }
    }
}

fn is_root(name: &str) -> bool {
    ["Query", "Mutation", "Subscription"].contains(&name)
}

fn one_of(random: &mut Random, choices: &[&'static str]) -> &'static str {
    choices[random.below(choices.len())]
}

fn access(random: &mut Random) -> &'static str {
    one_of(
        random,
        &[
            "@authenticated",
            "@requiresScopes(scopes: [[\"r\"]])",
            "@requiresScopes(scopes: [[\"r\", \"w\"], [\"x\"]])",
            "@policy(policies: [[\"p\"]])",
        ],
    )
}

fn decorate_type(random: &mut Random, custom: bool, name: &str, ty: &mut Type) {
    let mut add = |directive: &str| ty.directives.push(directive.to_owned());
    if random.chance(4) {
        add(one_of(
            random,
            &["@tag(name: \"one\")", "@tag(name: \"two\")"],
        ));
    }
    if random.chance(1) && !is_root(name) {
        add("@inaccessible");
    }
    if random.chance(3) && ["type", "enum"].contains(&ty.keyword) && !is_root(name) {
        ty.directives.push(access(random).to_owned());
    }
    if custom && random.chance(30) && ["type", "interface", "enum"].contains(&ty.keyword) {
        ty.directives.push("@custom".to_owned());
    }
}

fn decorate_member(
    random: &mut Random,
    custom: bool,
    (keyword, name): (&str, &str),
    member: &mut Member,
) {
    let is_field = keyword == "type" || keyword == "interface";
    // What is external carries no notes of its own; keys had better stay visible.
    if member.has("@external") || ["id", "sku", "code"].contains(&name) {
        return;
    }
    let mut add = |directive: &str| member.directives.push(directive.to_owned());
    if random.chance(4) {
        add(one_of(
            random,
            &["@tag(name: \"one\")", "@tag(name: \"two\")"],
        ));
    }
    if random.chance(1) {
        add("@inaccessible");
    }
    if random.chance(3) && keyword != "input" {
        add(one_of(
            random,
            &["@deprecated", "@deprecated(reason: \"old\")"],
        ));
    }
    if random.chance(2) {
        add("@cost(weight: 3)");
    }
    if keyword == "type" {
        if random.chance(2) {
            add(access(random));
        }
        if custom && random.chance(20) {
            add("@custom");
        }
    }
    if is_field && random.chance(10) && member.ty.starts_with('[') {
        member
            .directives
            .push("@listSize(assumedSize: 10)".to_owned());
    }
}
