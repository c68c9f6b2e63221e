//! Who may do what: what each role meets at a field.

use serde_json::{Value, json};

use crate::{Role, Subgraph};

/// What each role meets, in the order of [`Role::ALL`].
pub type Row = [&'static str; 7];

/// For parts of Pasar only.
pub const SERVICE_ONLY: Row = [
    "FORBIDDEN",
    "FORBIDDEN",
    "FORBIDDEN",
    "FORBIDDEN",
    "FORBIDDEN",
    "FORBIDDEN",
    "ok",
];

/// The document that runs the mutation `field` with the fields of its `input`; none when that is empty.
#[must_use]
pub fn mutation(field: &str, input: &str) -> String {
    let arguments = if input.is_empty() {
        String::new()
    } else {
        format!("(input: {{ {input} }})")
    };
    format!("mutation {{ {field}{arguments} {{ userErrors {{ code }} }} }}")
}

/// What a caller met: `ok`, `nothing` (null without an error), the code of a user error, or the code of a
/// top-level error.
#[must_use]
pub fn outcome(reply: &Value) -> String {
    if let Some(code) = reply["errors"][0]["extensions"]["code"].as_str() {
        return code.to_owned();
    }
    assert!(reply["errors"].is_null(), "an error without code: {reply}");
    let field = reply["data"].as_object().unwrap().values().next().unwrap();
    let otherwise = if field.is_null() { "nothing" } else { "ok" };
    let refusal = field["userErrors"][0]["code"].as_str();
    refusal.unwrap_or(otherwise).to_owned()
}

/// What each role meets with `document`.
pub async fn met(app: &Subgraph, document: &str) -> Vec<String> {
    let mut met = Vec::new();
    for role in Role::ALL {
        met.push(outcome(&app.client(role).run(document, json!({})).await));
    }
    met
}

/// Asserts what each role meets with each document.
pub async fn assert_met(app: &Subgraph, rows: impl IntoIterator<Item = (String, Row)>) {
    for (document, expected) in rows {
        assert_eq!(met(app, &document).await, expected, "{document}");
    }
}
