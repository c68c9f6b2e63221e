//! Operations that are too large or wrong are refused before anything is called.

use insta::assert_snapshot;
use router_engine::EngineSettings;
use serde_json::{Value, json};

use crate::{
    shop::{shop, shop_with},
    support::show,
};

async fn refusal(document: &str) -> Value {
    let shop = shop();
    let answer = shop.run(document).await;
    assert_eq!(answer.get("data"), None, "{answer}");
    assert!(shop.queries().is_empty());
    answer["errors"].clone()
}

fn nested(levels: usize) -> String {
    let open = "related { ".repeat(levels);
    format!(
        "{{ product(id: 1) {{ {open} id {} }} }}",
        "}".repeat(levels)
    )
}

#[tokio::test]
async fn depth_is_limited() {
    assert_snapshot!(show(&refusal(&nested(11)).await), @r#"{"message":"the operation has 13 levels of fields; at most 12 are allowed (limits.depth)","extensions":{"code":"LIMIT_EXCEEDED","limit":12,"actual":13,"setting":"limits.depth"}}"#);
    assert!(shop().engine.prepare(&nested(10), None).is_ok());
}

#[tokio::test]
async fn depth_counts_through_fragments() {
    let document = "
        { product(id: 1) { ...A } }
        fragment A on Product { related { related { related { related { ...B } } } } }
        fragment B on Product { related { related { related { ... { related { ...C } } } } } }
        fragment C on Product { related { related { related { id } } } }";
    assert_snapshot!(show(&refusal(document).await), @r#"{"message":"the operation has 13 levels of fields; at most 12 are allowed (limits.depth)","extensions":{"code":"LIMIT_EXCEEDED","limit":12,"actual":13,"setting":"limits.depth"}}"#);
}

#[tokio::test]
async fn the_other_limits_say_limit_actual_and_setting() {
    let tokens = format!("{{ {} }}", "version ".repeat(4_000));
    assert_snapshot!(show(&refusal(&tokens).await), @r#"{"message":"the operation has 4002 lexical tokens; at most 4000 are allowed (limits.tokens)","extensions":{"code":"LIMIT_EXCEEDED","limit":4000,"actual":4002,"setting":"limits.tokens"}}"#);
    let nesting = format!("{{ a(b: {}{}) }}", "[".repeat(100_000), "]".repeat(100_000));
    let nesting = shop_with(EngineSettings {
        limits: router_engine::Limits {
            tokens: 1_000_000,
            ..Default::default()
        },
        ..Default::default()
    })
    .run(&nesting)
    .await;
    assert_snapshot!(show(&nesting), @r#"error: {"message":"the operation has 100002 levels of brackets; at most 32 are allowed (limits.nesting)","extensions":{"code":"LIMIT_EXCEEDED","limit":32,"actual":100002,"setting":"limits.nesting"}}"#);
    let aliases: String = (0..31).map(|n| format!("a{n}: name ")).collect();
    assert_snapshot!(show(&refusal(&format!("{{ me {{ {aliases} }} }}")).await), @r#"{"message":"the operation has 31 aliases; at most 30 are allowed (limits.aliases)","extensions":{"code":"LIMIT_EXCEEDED","limit":30,"actual":31,"setting":"limits.aliases"}}"#);
    let roots: String = "version ".repeat(21);
    assert_snapshot!(show(&refusal(&format!("{{ {roots} }}")).await), @r#"{"message":"the operation has 21 root fields; at most 20 are allowed (limits.root_fields)","extensions":{"code":"LIMIT_EXCEEDED","limit":20,"actual":21,"setting":"limits.root_fields"}}"#);
    let directives = "@skip(if: false) ".repeat(21);
    assert_snapshot!(show(&refusal(&format!("{{ version {directives} }}")).await), @r#"{"message":"the operation has 21 directives; at most 20 are allowed (limits.directives)","extensions":{"code":"LIMIT_EXCEEDED","limit":20,"actual":21,"setting":"limits.directives"}}"#);
}

#[tokio::test]
async fn fragments_that_double_each_other_are_counted_written_out() {
    let mut document = "{ product(id: 1) { ...F0 } } fragment F20 on Product { id }".to_owned();
    for level in 0..20 {
        let next = level + 1;
        document += &format!(" fragment F{level} on Product {{ ...F{next} ...F{next} }}");
    }
    assert_snapshot!(show(&refusal(&document).await), @r#"{"message":"the operation has 1048577 fields; at most 3000 are allowed (limits.fields)","extensions":{"code":"LIMIT_EXCEEDED","limit":3000,"actual":1048577,"setting":"limits.fields"}}"#);
}

#[tokio::test]
async fn wrong_documents_are_refused_with_places() {
    assert_snapshot!(show(&refusal("{ me { name ").await), @r#"
    {"message":"syntax error: expected R_CURLY, got EOF","locations":[{"line":1,"column":13}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}
    {"message":"syntax error: expected R_CURLY, got EOF","locations":[{"line":1,"column":13}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}
    "#);
    assert_snapshot!(show(&refusal("").await), @r#"{"message":"syntax error: Unexpected <EOF>.","locations":[{"line":1,"column":1}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}"#);
    assert_snapshot!(show(&refusal("{ me { nam }\n  product { id } }").await), @r#"
    {"message":"interface, union and object types must have a subselection set","locations":[{"line":1,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}
    {"message":"type `User` does not have a field `nam`","locations":[{"line":1,"column":8}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}
    {"message":"the required argument `Query.product(id:)` is not provided","locations":[{"line":2,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}
    "#);
    assert_snapshot!(show(&refusal("{ secret }").await), @r#"{"message":"type `Query` does not have a field `secret`","locations":[{"line":1,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
    assert_snapshot!(show(&refusal("{ me { ...A } } fragment A on User { ...A }").await), @r#"{"message":"`A` fragment cannot reference itself","locations":[{"line":1,"column":17}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
    assert_snapshot!(show(&refusal("{ _entities(representations: []) { __typename } }").await), @r#"{"message":"type `Query` does not have a field `_entities`","locations":[{"line":1,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
    assert_snapshot!(show(&refusal("query Q($representations: ID!) { product(id: $representations) { id } }").await), @r#"{"message":"the variable name $representations is reserved","locations":[{"line":1,"column":10}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
    assert_snapshot!(show(&refusal("{ me { __typename: name } }").await), @r#"{"message":"the alias __typename is reserved","locations":[{"line":1,"column":8}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
    assert_snapshot!(show(&refusal("type Query { a: Int }").await), @r#"{"message":"an executable document must not contain an object type definition","locations":[{"line":1,"column":1}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
    assert_snapshot!(show(&refusal("{ me { name @defer } }").await), @r#"{"message":"cannot find directive `@defer` in this document","locations":[{"line":1,"column":13}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#);
}

#[tokio::test]
async fn introspection_has_its_own_depth() {
    // What GraphiQL sends is deeper than operations may be.
    let of_type = "ofType { kind name ".repeat(9);
    let document = format!(
        "{{ __schema {{ types {{ fields {{ args {{ type {{ kind name {of_type} {} }} }} }} }} }} }}",
        "}".repeat(9)
    );
    let answer = shop().run(&document).await;
    assert_eq!(answer.get("errors"), None);
    let bomb = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_snapshot!(show(&refusal(bomb).await), @r#"{"message":"Maximum introspection depth exceeded","locations":[{"line":1,"column":54}],"extensions":{"code":"LIMIT_EXCEEDED"}}"#);
}

#[tokio::test]
async fn no_text_makes_it_panic() {
    let shop = shop();
    let seeds = [
        "{ me { name } }",
        "query Q($a: Int = 1) { products(first: $a) { id ... on Node { id } } }",
        "{ product(id: \"\"\"x\"\"\") { name @skip(if: true) } }",
        "mutation { stockSet(productId: 1, amount: 2) { id } }",
    ];
    for seed in seeds {
        for at in 0..=seed.len() {
            for inserted in [
                "",
                "{",
                "}",
                "\"",
                "\"\"\"",
                "$",
                "...",
                "@",
                "\\",
                "\u{0}",
                "99999999999999999999",
                "é",
            ] {
                let mut text = seed.to_owned();
                text.insert_str(at, inserted);
                let short = seed.split_at(at).0;
                for text in [text.as_str(), short] {
                    if let Ok(prepared) = shop.engine.prepare(text, None) {
                        let variables = serde_json::from_str("{}").unwrap();
                        shop.engine
                            .execute(&prepared, variables, crate::support::context())
                            .await;
                    }
                }
            }
        }
    }
    assert!(shop.run("{ version }").await["data"]["version"] == json!("1.0"));
}

#[tokio::test]
async fn a_number_that_makes_the_planner_panic_is_an_error() {
    // The planner unwraps a 64-bit integer; this literal is valid for a custom scalar and for ID.
    let answer = shop()
        .run("{ product(id: 99999999999999999999) { id } }")
        .await;
    assert_snapshot!(show(&answer), @r#"error: {"message":"the operation is valid, but no way to answer it was found","extensions":{"code":"QUERY_PLANNING_FAILED"}}"#);
}
