//! Random operations and random answers: the engine must agree with the model, to the byte.

use apollo_compiler::{
    ExecutableDocument, Schema, ast::Type, schema::ExtendedType, validation::Valid,
};
use proptest::prelude::*;
use router_engine::{EngineSettings, ErrorCode, Limits};
use serde_json::{Map, Value, json};

use crate::{
    author::{Author, Tape},
    executor::{Resolver, Run},
    model,
    shop::{review, shop_with, whole},
    support::{Behaviour, Setup},
};

fn settings() -> EngineSettings {
    EngineSettings {
        limits: Limits {
            aliases: 1_000,
            root_fields: 1_000,
            directives: 1_000,
            errors: 100_000,
            ..Limits::default()
        },
        ..EngineSettings::default()
    }
}

/// Runs `query` in the engine and in the model and compares the data; false when it is not valid.
fn compare(shop: &Setup, schema: &Valid<Schema>, resolver: Resolver, query: &str) -> bool {
    shop.forget();
    let variables = json!({"t": true, "f": false, "n": 2});
    let answer = runtime().block_on(shop.run_with(query, variables));
    if is_refusal(&answer) {
        return false;
    }
    check(shop, schema, resolver, query, &json!({}), &answer);
    true
}

fn is_refusal(answer: &Value) -> bool {
    let code = &answer["errors"][0]["extensions"]["code"];
    *code == ErrorCode::GraphqlValidationFailed.as_str()
        || *code == ErrorCode::LimitExceeded.as_str()
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// Compares an answer with the model's; `root` is what is known of the root object.
fn check(
    shop: &Setup,
    schema: &Valid<Schema>,
    resolver: Resolver,
    query: &str,
    root: &Value,
    answer: &Value,
) {
    let variables = json!({"t": true, "f": false, "n": 2});
    let document = ExecutableDocument::parse_and_validate(schema, query, "q").unwrap();
    let operation = document.operations.get(None).unwrap();
    let run = Run {
        schema,
        resolver,
        document: &document,
        variables: variables.as_object().unwrap(),
    };
    let root_type = operation.object_type().as_str();
    let expected = model::object(&run, root_type, root, &[&operation.selection_set]);
    let expected = expected.unwrap_or_default();
    assert_eq!(
        answer["data"].to_string(),
        expected.to_string(),
        "{query}\n{:#}\n{:#?}",
        answer["errors"],
        shop.queries()
    );
    check_errors(answer);
}

/// Every error with a path explains a null: its own or one above it.
fn check_errors(answer: &Value) {
    for error in answer["errors"].as_array().into_iter().flatten() {
        let mut value = &answer["data"];
        for segment in error["path"].as_array().into_iter().flatten() {
            value = match segment {
                Value::String(key) => &value[key],
                index => &value[usize::try_from(index.as_u64().unwrap()).unwrap()],
            };
            if value.is_null() {
                break;
            }
        }
        assert!(value.is_null(), "{error} points at {value}");
    }
}

fn api(shop: &Setup) -> Valid<Schema> {
    let sdl = shop.engine.supergraph().api_sdl();
    Schema::parse_and_validate(sdl, "api.graphql").unwrap()
}

/// Compares `cases` random operations.
fn compare_many(shop: &Setup, resolver: Resolver, cases: u32) {
    let schema = api(shop);
    let valid = std::cell::Cell::new(0);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 0..160))| {
        let query = Author::new(&schema, bytes).query();
        if compare(shop, &schema, resolver, &query) {
            valid.set(valid.get() + 1);
        }
    });
    assert!(
        valid.get() > cases / 2,
        "only {} operations were valid",
        valid.get()
    );
}

#[test]
fn random_subscriptions_bring_what_one_service_would() {
    let shop = shop_with(settings());
    let schema = api(&shop);
    let config = ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 0..160))| {
        let query = Author::new(&schema, bytes).subscription();
        shop.forget();
        let variables = json!({"t": true, "f": false, "n": 2});
        runtime().block_on(async {
            let feed = shop.feed("reviews");
            let mut events = match shop.subscribe(&query, variables).await {
                Ok(events) => events,
                Err(refusal) => return assert!(is_refusal(&refusal), "{}\n{refusal}", query),
            };
            for id in ["r1", "r2", "r3"] {
                let root = json!({"reviewAdded": review(id)});
                feed.happens(root.clone());
                let answer = events.next().await.unwrap();
                check(&shop, &schema, whole, &query, &root, &answer);
            }
        });
    });
}

#[test]
fn random_operations_are_answered_as_by_one_service() {
    compare_many(&shop_with(settings()), whole, 400);
}

#[test]
fn a_subgraph_that_is_down_takes_only_its_own_fields_away() {
    let shop = shop_with(settings());
    shop.behave("inventory", Behaviour::Down);
    let resolver: Resolver = |parent, field, arguments, source| match field {
        "lowStock" | "stock" | "stockMust" | "shippingEstimate" => Value::Null,
        _ => whole(parent, field, arguments, source),
    };
    compare_many(&shop, resolver, 150);

    let shop = shop_with(settings());
    shop.says(
        "users",
        &json!({"data": null, "errors": [{"message": "no"}]}),
    );
    let resolver: Resolver = |parent, field, arguments, source| match (parent, field) {
        ("Query", "me" | "version") | ("User", "name" | "city") => Value::Null,
        _ => whole(parent, field, arguments, source),
    };
    compare_many(&shop, resolver, 150);
}

/// Makes up a value of a type: now and then null, or of a wrong kind.
fn value(schema: &Schema, ty: &Type, tape: &mut Tape, depth: usize) -> Value {
    match tape.below(12) {
        10 => return Value::Null,
        11 => {
            return [
                json!("wrong"),
                json!(0.5),
                json!({}),
                json!([]),
                json!(true),
            ][tape.below(5)]
            .clone();
        }
        _ => {}
    }
    let name = match ty {
        Type::List(item) | Type::NonNullList(item) => {
            let count = if depth > 3 { 0 } else { tape.below(4) };
            return (0..count)
                .map(|_| value(schema, item, tape, depth))
                .collect();
        }
        Type::Named(name) | Type::NonNullNamed(name) => name,
    };
    let object = match &schema.types[name] {
        ExtendedType::Object(object) => object,
        ExtendedType::Interface(_) | ExtendedType::Union(_) => {
            let real = ["Product", "Book", "Draft", "Nothing"][tape.below(4)];
            match schema.get_object(real) {
                Some(object) => object,
                None => return json!({"__typename": real}),
            }
        }
        ExtendedType::Enum(_) => return json!(["SIMPLE", "DIGITAL", "INTERNAL"][tape.below(3)]),
        _ => {
            return match name.as_str() {
                "Int" => json!(tape.below(100)),
                "Float" => json!(1.5),
                "Boolean" => json!(false),
                "Json" => json!({"any": ["thing", null]}),
                _ => json!("text"),
            };
        }
    };
    let mut fields = Map::new();
    fields.insert("__typename".to_owned(), json!(object.name.as_str()));
    for (name, field) in &object.fields {
        let made = if depth > 3 && !schema.types[field.ty.inner_named_type()].is_leaf() {
            Value::Null
        } else {
            value(schema, &field.ty, tape, depth + 1)
        };
        fields.insert(name.to_string(), made);
    }
    Value::Object(fields)
}

#[test]
fn nulls_rise_as_the_specification_says() {
    const QUERY: &str = "{
        products { id name price kind isNew weight extra related { id name related { name } } }
        grid { name related { kind } }
        search(text: \"x\") { __typename ... on Node { id } ... on Product { name } ... on Book { title } }
        node(id: 1) { id ... on Product { related { id } } }
    }";
    fn nothing(_: &str, _: &str, _: &Value, _: &Value) -> Value {
        Value::Null
    }
    let shop = shop_with(settings());
    let schema = api(&shop);
    let config = ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 0..400))| {
        let mut tape = Tape::new(bytes);
        let mut data = Map::new();
        for (name, field) in &schema.get_object("Query").unwrap().fields {
            data.insert(name.to_string(), value(&schema, &field.ty, &mut tape, 0));
        }
        let data = Value::Object(data);
        shop.says("products", &json!({ "data": data }));
        let answer = runtime().block_on(shop.run(QUERY));
        let document = ExecutableDocument::parse_and_validate(&schema, QUERY, "q").unwrap();
        let run = Run { schema: &schema, resolver: nothing, document: &document, variables: &Map::new() };
        let set = &document.operations.get(None).unwrap().selection_set;
        let expected = model::object(&run, "Query", &data, &[set]).unwrap_or_default();
        assert_eq!(answer["data"].to_string(), expected.to_string());
        check_errors(&answer);
    });
}
