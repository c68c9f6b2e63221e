//! Writes random operations.

use apollo_compiler::{
    Schema,
    schema::{ExtendedType, FieldDefinition},
};

/// Decisions of a generator: a tape that proptest can shorten.
pub(crate) struct Tape {
    bytes: Vec<u8>,
    at: usize,
}

impl Tape {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number below `bound`; zero when the tape is at its end.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(byte) % bound
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == bound - 1
    }
}

/// Writes random operations.
pub(crate) struct Author<'a> {
    schema: &'a Schema,
    tape: Tape,
    text: String,
}

impl<'a> Author<'a> {
    pub(crate) fn new(schema: &'a Schema, bytes: Vec<u8>) -> Self {
        Self {
            schema,
            tape: Tape::new(bytes),
            text: String::new(),
        }
    }
}

impl Author<'_> {
    pub(crate) fn query(mut self) -> String {
        self.selections("Query", 0);
        self.declare("query");
        self.text
    }

    /// To reviews: the only subscription of the shop that may bring null.
    pub(crate) fn subscription(mut self) -> String {
        self.text = "{ reviewAdded ".to_owned();
        self.selections("Review", 1);
        self.text += "} ";
        self.declare("subscription");
        self.text
    }

    fn declare(&mut self, kind: &str) {
        let declared = ["$t: Boolean = true", "$f: Boolean!", "$n: Int"];
        let used: Vec<_> = declared
            .into_iter()
            .filter(|declaration| self.text.contains(declaration.split_at(2).0))
            .collect();
        if used.is_empty() {
            self.text = format!("{kind} Q {}", self.text);
        } else {
            self.text = format!("{kind} Q({}) {}", used.join(", "), self.text);
        }
    }

    fn selections(&mut self, type_name: &str, depth: usize) {
        self.text += "{ ";
        let count = 1 + self.tape.below(4);
        for number in 0..count {
            if self.tape.one_in(4) {
                self.fragment(type_name, depth);
            } else {
                self.field(type_name, depth, number);
            }
        }
        self.text += "} ";
    }

    fn fragment(&mut self, type_name: &str, depth: usize) {
        let mut conditions = vec![type_name.to_owned()];
        for (name, _) in &self.schema.types {
            if self.schema.is_subtype(type_name, name) || self.schema.is_subtype(name, type_name) {
                conditions.push(name.to_string());
            }
        }
        let condition = conditions.swap_remove(self.tape.below(conditions.len()));
        self.text += &format!("... on {condition} ");
        self.directive();
        self.selections(&condition, depth);
    }

    fn field(&mut self, type_name: &str, depth: usize, number: usize) {
        let fields: Vec<&FieldDefinition> = match &self.schema.types[type_name] {
            ExtendedType::Object(object) => object.fields.values().map(|field| &***field).collect(),
            ExtendedType::Interface(found) => {
                found.fields.values().map(|field| &***field).collect()
            }
            _ => Vec::new(),
        };
        let leaf =
            |field: &&FieldDefinition| self.schema.types[field.ty.inner_named_type()].is_leaf();
        let fields: Vec<_> = if depth >= 4 {
            fields.into_iter().filter(leaf).collect()
        } else {
            fields
        };
        if fields.is_empty() || self.tape.one_in(8) {
            self.text += "__typename ";
            return;
        }
        let field = fields[self.tape.below(fields.len())];
        match self.tape.below(8) {
            6 => self.text += &format!("a{depth}{number}: "),
            // A name that other fields have: this is where planners go wrong.
            7 => self.text += ["id: ", "name: ", "stock: ", "reviews: "][self.tape.below(4)],
            _ => {}
        }
        self.text += field.name.as_str();
        self.arguments(field);
        self.text += " ";
        self.directive();
        let inner = field.ty.inner_named_type();
        if !self.schema.types[inner].is_leaf() {
            self.selections(inner, depth + 1);
        }
    }

    fn arguments(&mut self, field: &FieldDefinition) {
        let mut arguments = Vec::new();
        for argument in &field.arguments {
            if !argument.is_required() && !self.tape.one_in(3) {
                continue;
            }
            let values: &[&str] = match argument.name.as_str() {
                "id" => &["\"p1\"", "\"p2\"", "\"b1\"", "\"x\""],
                "text" => &["\"all\"", "\"draft\""],
                "first" => &["1", "2", "$n"],
                "express" => &["true", "$t"],
                _ => continue,
            };
            let value = values[self.tape.below(values.len())];
            arguments.push(format!("{}: {value}", argument.name));
        }
        if !arguments.is_empty() {
            self.text += &format!("({})", arguments.join(", "));
        }
    }

    fn directive(&mut self) {
        let directives = [
            "@include(if: $t) ",
            "@skip(if: $f) ",
            "@include(if: $f) ",
            "@skip(if: $t) ",
        ];
        if self.tape.one_in(5) {
            self.text += directives[self.tape.below(4)];
        }
    }
}
