//! What is read quickly is what the library reads.

use std::fs;
use std::path::Path;

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document, InputValueDefinition};
use apollo_compiler::parser::Parser;

use super::{Places, read, read_field_set, read_plain};
use crate::diagnostic::Place;
use crate::subgraph::fieldset::parse_with_library;
use crate::subgraph::parse::each_directive;

/// Every schema of the cases, and our own.
fn schemas() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests/cases"), root.join("../../schema")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "graphql") {
                found.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    found.sort();
    found
}

/// Whether a text is read; fails if the library reads something else or nothing.
fn agrees(text: &str) -> bool {
    let Some((document, places)) = read(text) else {
        return false;
    };
    let wanted = Parser::new().recursion_limit(64).parse_ast(text, "wanted");
    let wanted = wanted.map_err(|failure| format!("{text:?}: {}", failure.errors));
    let wanted = wanted.unwrap();
    assert_eq!(document, wanted, "{text:?}");
    assert_eq!(read_plain(text).as_ref(), Some(&wanted), "{text:?}");
    let theirs = Places::new(text).unwrap();
    assert_eq!(
        all_places(&document, &places),
        all_places(&wanted, &theirs),
        "{text:?}"
    );
    true
}

/// The places of all that the model asks the place of.
fn all_places(document: &Document, places: &Places) -> Vec<Place> {
    let mut found = Vec::new();
    let input = |found: &mut Vec<Place>, node: &Node<InputValueDefinition>| {
        found.push(places.name(&node.name));
        found.push(places.element(&node.name, node.location()));
    };
    for definition in &document.definitions {
        if let Some(name) = definition.name() {
            found.push(places.name(name));
            found.push(places.element(name, definition.location()));
        }
        let (interfaces, fields) = match definition {
            Definition::ObjectTypeDefinition(node) => (&node.implements_interfaces, &node.fields),
            Definition::ObjectTypeExtension(node) => (&node.implements_interfaces, &node.fields),
            Definition::InterfaceTypeDefinition(node) => {
                (&node.implements_interfaces, &node.fields)
            }
            Definition::UnionTypeDefinition(node) => (&node.members, &Vec::new()),
            Definition::EnumTypeDefinition(node) => {
                found.extend(node.values.iter().map(|value| places.name(&value.value)));
                continue;
            }
            Definition::InputObjectTypeDefinition(node) => {
                node.fields.iter().for_each(|node| input(&mut found, node));
                continue;
            }
            _ => continue,
        };
        found.extend(interfaces.iter().map(|name| places.name(name)));
        for field in fields {
            found.push(places.name(&field.name));
            let arguments = field.arguments.iter();
            arguments.for_each(|node| input(&mut found, node));
        }
    }
    each_directive(document, &mut |directive: &Node<Directive>| {
        found.push(places.directive(directive));
    });
    found
}

#[test]
fn nearly_all_schemas_are_read_quickly() {
    let schemas = schemas();
    let read = schemas.iter().filter(|text| agrees(text)).count();
    assert!(schemas.len() > 900, "{}", schemas.len());
    assert!(
        read * 100 > schemas.len() * 97,
        "{read} of {}",
        schemas.len()
    );
}

/// What matters to the grammar, and what does not belong there.
const PIECES: &str = "\" \"\"\" \\ \\\"\"\" \\u0041 \\n , # { } ( ) [ ] ! : = @ | & $ ... -1 0 01 1.5 1e9 1. \
    null true on implements extend type schema repeatable é \u{feff} _ query {} \"a\"";
const SPACES: [&str; 8] = [" ", "\t", "\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{b}"];

#[test]
fn broken_schemas_are_read_as_the_library_does_or_not_at_all() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = move |count: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(count).unwrap()).unwrap()
    };
    let mut pieces: Vec<&str> = PIECES.split_whitespace().collect();
    pieces.extend(SPACES);
    let schemas = schemas();
    let small: Vec<&String> = schemas.iter().filter(|text| text.len() < 2_000).collect();
    let mut read = 0;
    for _ in 0..6_000 {
        let mut text = small[below(small.len())].clone();
        for _ in 0..=below(3) {
            let mut boundary = |text: &String| {
                let mut at = below(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (one, other) = (boundary(&text), boundary(&text));
            if below(3) > 0 {
                text.insert_str(one, pieces[below(pieces.len())]);
            } else if one.abs_diff(other) < 30 {
                text.replace_range(one.min(other)..one.max(other), "");
            } else if one < text.len() {
                text.remove(one);
            }
        }
        read += usize::from(agrees(&text));
    }
    assert!(read > 500, "only {read} of the broken ones can be read");
}

#[test]
fn lines_are_those_of_the_library_and_columns_are_in_characters() {
    let text = "scalar A\r\n\r\"é\"scalar B \"\u{2028}\u{b}\"scalar C\n";
    let document = Parser::new().parse_ast(text, "text").unwrap();
    let places = Places::new(text).unwrap();
    let mut found = Vec::new();
    for definition in &document.definitions {
        let name = definition.name().unwrap();
        let theirs = name.location().unwrap().line_column(&document.sources);
        let Place { line, column } = places.name(name);
        assert_eq!(line, theirs.unwrap().line);
        found.push((line, column));
    }
    assert_eq!(found, [(1, 8), (3, 11), (5, 9)]);
}

#[test]
fn strings_mean_what_they_mean_to_the_library() {
    for literal in [
        r#""""#,
        r#"" a\tb\"c\\d\/e\b\f\n\r ""#,
        r#""\u00e9 é""#,
        r#""""""""#,
        r#""""a""""#,
        r#"""" a ""b" """"#,
        "\"\"\"\n\n    a\n      b\n\t\n  c\\\"\"\"\n   \n\"\"\"",
        "\"\"\"a\r\n  b\r    c\n\"\"\"",
        "\"\"\"   \n  \"\"\"",
        "\"\"\"   \"\"\"",
        "\"\"\"a\\nb\"\"\"",
    ] {
        assert!(agrees(&format!("{literal} scalar A")), "{literal}");
        let default = format!("input A {{ b: [String] = [{literal}, 1, -2.5e3, true, null, X] }}");
        assert!(agrees(&default), "{literal}");
    }
}

#[test]
fn what_is_no_schema_is_not_read() {
    for text in [
        "",
        "# nothing",
        "type A {}",
        "{ a }",
        "query { a }",
        "extend type A",
        "extend scalar A",
        "extend union A {",
        "\"a\" extend type A @b",
        "\"a\", type A",
        "extend, type A @b",
        "schema @a",
        "schema {}",
        "enum A { true }",
        "input A { a: Int = $b }",
        "input A { a: Int = 01 }",
        "input A { a: Int = 1a }",
        "union A = | | B",
        "type A implements { a: Int }",
        "directive @a on NOWHERE",
        "scalar A @b()",
        "\"a\nb\" scalar A",
        "\"\\ud800\" scalar A",
    ] {
        assert!(read(text).is_none(), "{text}");
    }
    let deep = |open: &str, close: &str| open.repeat(40) + "Int" + &close.repeat(40);
    assert!(read(&format!("type A {{ a: {} }}", deep("[", "]"))).is_none());
    assert!(read(&format!("scalar A @b(c: {})", deep("{d:", "}"))).is_none());
}

/// Every text of up to six of these parts.
#[test]
fn field_sets_are_read_as_the_library_does_or_not_at_all() {
    let parts = [
        "id", " a ", "{", "}", ",\n", "... on T", "(x: 1)", "# c", "\"",
    ];
    let mut texts = vec![String::new()];
    let mut read = 0;
    for _ in 0..6 {
        let longer = texts
            .iter()
            .flat_map(|text| parts.map(|part| format!("{text}{part}")));
        // The ones that cannot become a field set any more are not made longer.
        let longer: Vec<String> = longer.filter(|text| !text.contains("}}")).collect();
        for text in &longer {
            if let Some(selections) = read_field_set(text) {
                assert_eq!(parse_with_library(text), Ok(selections), "{text:?}");
                read += 1;
            }
        }
        texts = longer;
        texts.retain(|text| text.matches(['.', '(', '#', '"']).count() < 2);
    }
    assert!(read > 500, "{read}");
    for (text, is_read) in [
        ("id", true),
        ("{ id }", true),
        ("a { b { c } } d", true),
        ("id # what it is called", false),
        ("id(x: 1)", false),
        ("{ id", false),
        ("", false),
    ] {
        assert_eq!(read_field_set(text).is_some(), is_read, "{text:?}");
    }
    let deep = |depth| format!("{}a{}", "a {".repeat(depth), "}".repeat(depth));
    assert!(read_field_set(&deep(15)).is_some());
    assert!(read_field_set(&deep(16)).is_none());
    assert!(parse_with_library(&deep(16)).is_ok());
    assert!(read_field_set(&deep(100_000)).is_none());
}
