//! Computes the shape of the response from the operation: the specification's `CollectFields`,
//! done once for every object type instead of once for every object.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{Type, Value},
    executable::{DirectiveList, Field, Operation, Selection, SelectionSet},
    schema::ExtendedType,
};
use indexmap::IndexMap;

use super::rewrite;
use crate::{
    projection::{
        ConditionId, ConditionRule, Fields, Kind, Literal, ProjectedField, Projection, Shape,
        Source,
    },
    response::write_json,
    supergraph::Supergraph,
};

/// The shape of the response to `operation`.
pub(super) fn projection(
    supergraph: &Supergraph,
    field_names: &HashSet<Name>,
    document: &ExecutableDocument,
    operation: &Operation,
) -> Projection {
    let mut build = Build {
        schema: &supergraph.api,
        members: HashMap::new(),
        supergraph,
        field_names,
        document,
        conditions: Conditions::new(),
    };
    let root_type = operation.object_type().clone();
    let root = build.fields(&root_type, &[(&operation.selection_set, Vec::new())]);
    Projection {
        root_type: root_type.as_str().into(),
        root,
        conditions: build.conditions.rules,
    }
}

/// What must hold for a selection to be active.
type Conjunction = Vec<Literal>;

/// What distinguishes the field lists of two types: which selections, when, and of which types.
type Signature<'a> = Vec<(usize, Conjunction, Option<&'a Type>)>;

/// One of possibly several selections of a key.
struct Occurrence<'a> {
    field: &'a Node<Field>,
    when: Conjunction,
    /// Its place among all selections of the object.
    position: usize,
}

/// Selections of an object type by response key.
type Collected<'a> = IndexMap<&'a Name, Vec<Occurrence<'a>>>;

struct Build<'a> {
    schema: &'a Schema,
    supergraph: &'a Supergraph,
    /// Object types of abstract types.
    members: HashMap<Name, Arc<Vec<Name>>>,
    field_names: &'a HashSet<Name>,
    document: &'a ExecutableDocument,
    conditions: Conditions,
}

impl<'a> Build<'a> {
    /// The fields of objects of type `object`, from the selection sets that apply to it.
    fn fields(&mut self, object: &Name, sets: &[(&'a SelectionSet, Conjunction)]) -> Arc<Fields> {
        let collected = self.collect(object, sets);
        self.project(object, &collected)
    }

    fn collect(&self, object: &Name, sets: &[(&'a SelectionSet, Conjunction)]) -> Collected<'a> {
        let mut collected = IndexMap::new();
        let mut position = 0;
        for (set, when) in sets {
            self.collect_set(object, set, when, &mut position, &mut collected);
        }
        collected
    }

    fn collect_set(
        &self,
        object: &Name,
        set: &'a SelectionSet,
        when: &Conjunction,
        position: &mut usize,
        collected: &mut Collected<'a>,
    ) {
        for selection in &set.selections {
            let Some(when) = narrowed(when, selection.directives()) else {
                continue;
            };
            match selection {
                Selection::Field(field) => {
                    *position += 1;
                    collected
                        .entry(field.response_key())
                        .or_default()
                        .push(Occurrence {
                            field,
                            when,
                            position: *position,
                        });
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_ref();
                    if condition.is_none_or(|condition| self.applies(condition, object)) {
                        let inner = &fragment.selection_set;
                        self.collect_set(object, inner, &when, position, collected);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.applies(fragment.type_condition(), object)
                    {
                        let inner = &fragment.selection_set;
                        self.collect_set(object, inner, &when, position, collected);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &Name, object: &Name) -> bool {
        condition == object || self.schema.is_subtype(condition, object)
    }

    fn project(&mut self, object: &Name, collected: &Collected<'a>) -> Arc<Fields> {
        let mut placed: Vec<(usize, ProjectedField)> = Vec::new();
        for (key, occurrences) in collected {
            let Some(first) = occurrences.first() else {
                continue;
            };
            let source = self.source(object, first.field, occurrences);
            let mut earlier: Vec<Conjunction> = Vec::new();
            for occurrence in occurrences {
                let when = self.conditions.id(&occurrence.when, &earlier);
                placed.push((
                    occurrence.position,
                    self.projected(object, key, first.field, source.share(), when),
                ));
                if occurrence.when.is_empty() {
                    break;
                }
                earlier.push(occurrence.when.clone());
            }
        }
        placed.sort_by_key(|(position, _)| *position);
        Arc::new(placed.into_iter().map(|(_, field)| field).collect())
    }

    fn projected(
        &self,
        object: &Name,
        key: &Name,
        field: &Field,
        source: Source,
        when: ConditionId,
    ) -> ProjectedField {
        let mut json_key = Vec::new();
        write_json(&mut json_key, &key.as_str());
        json_key.push(b':');
        ProjectedField {
            json_key: json_key.into(),
            key: key.as_str().into(),
            data_key: rewrite::data_key(field, self.field_names).as_str().into(),
            coordinate: format!("{object}.{}", field.name).into(),
            source,
            when,
        }
    }

    fn source(
        &mut self,
        object: &Name,
        field: &'a Node<Field>,
        occurrences: &[Occurrence<'a>],
    ) -> Source {
        match field.name.as_str() {
            "__typename" => Source::Typename,
            "__schema" | "__type" => Source::Introspection,
            name => {
                // The object's own definition may promise more than the interface's.
                let definition = self.schema.type_field(object, name).ok();
                let ty = definition.map_or(field.ty(), |definition| &definition.ty);
                let sets: Vec<_> = occurrences
                    .iter()
                    .map(|occurrence| (&occurrence.field.selection_set, occurrence.when.clone()))
                    .collect();
                Source::Data(Arc::new(self.shape(ty, &sets)))
            }
        }
    }

    fn shape(&mut self, ty: &Type, sets: &[(&'a SelectionSet, Conjunction)]) -> Shape {
        Shape {
            non_null: ty.is_non_null(),
            kind: match ty {
                Type::List(item) | Type::NonNullList(item) => {
                    Kind::List(Box::new(self.shape(item, sets)))
                }
                Type::Named(name) | Type::NonNullNamed(name) => self.named(name, sets),
            },
        }
    }

    fn named(&mut self, name: &Name, sets: &[(&'a SelectionSet, Conjunction)]) -> Kind {
        let type_name = || Arc::from(name.as_str());
        match self.schema.types.get(name) {
            Some(ExtendedType::Object(_)) => Kind::Object {
                type_name: type_name(),
                fields: self.fields(name, sets),
            },
            Some(ExtendedType::Interface(_) | ExtendedType::Union(_)) => Kind::Abstract {
                type_name: type_name(),
                types: self.by_type(name, sets),
            },
            Some(ExtendedType::Enum(definition)) => Kind::Enum {
                type_name: type_name(),
                values: Arc::new(definition.values.keys().map(ToString::to_string).collect()),
            },
            _ => match name.as_str() {
                "Int" => Kind::Int,
                "Float" => Kind::Float,
                "String" => Kind::String,
                "Boolean" => Kind::Boolean,
                "ID" => Kind::Id,
                _ => Kind::Custom,
            },
        }
    }

    /// Types to which the same selections apply, and for which the fields have the same types,
    /// share one list: an interface with a hundred types costs no hundred lists.
    fn by_type(
        &mut self,
        name: &Name,
        sets: &[(&'a SelectionSet, Conjunction)],
    ) -> HashMap<Arc<str>, Arc<Fields>> {
        let mut shared: HashMap<Signature<'a>, Arc<Fields>> = HashMap::new();
        let mut types = HashMap::new();
        for object in self.members(name).iter() {
            let collected = self.collect(object, sets);
            let mut signature = Vec::new();
            for occurrence in collected.values().flatten() {
                let field = self.schema.type_field(object, &occurrence.field.name);
                signature.push((
                    std::ptr::from_ref(occurrence.field.as_ref()).addr(),
                    occurrence.when.clone(),
                    field.ok().map(|field| &field.ty),
                ));
            }
            let fields = match shared.get(&signature) {
                Some(fields) => Arc::clone(fields),
                None => {
                    let fields = self.project(object, &collected);
                    shared.insert(signature, Arc::clone(&fields));
                    fields
                }
            };
            types.insert(Arc::from(object.as_str()), fields);
        }
        types
    }

    fn members(&mut self, name: &Name) -> Arc<Vec<Name>> {
        if let Some(members) = self.members.get(name) {
            return Arc::clone(members);
        }
        let schema = self.schema;
        let members = self
            .supergraph
            .type_and_members(name)
            .iter()
            .filter_map(|member| schema.get_object(member))
            .map(|object| object.name.clone())
            .collect();
        let members = Arc::new(members);
        self.members.insert(name.clone(), Arc::clone(&members));
        members
    }
}

impl Source {
    fn share(&self) -> Self {
        match self {
            Self::Data(shape) => Self::Data(Arc::clone(shape)),
            Self::Typename => Self::Typename,
            Self::Introspection => Self::Introspection,
        }
    }
}

/// The condition together with what `@skip` and `@include` add; nothing when it can never hold.
fn narrowed(when: &Conjunction, directives: &DirectiveList) -> Option<Conjunction> {
    let mut narrowed = when.clone();
    for (directive, expected) in [("skip", false), ("include", true)] {
        let Some(directive) = directives.get(directive) else {
            continue;
        };
        match directive.specified_argument_by_name("if").map(Node::as_ref) {
            Some(Value::Boolean(value)) if *value != expected => return None,
            Some(Value::Variable(variable)) => {
                let literal = Literal {
                    variable: variable.as_str().into(),
                    expected,
                };
                let opposite = Literal {
                    variable: Arc::clone(&literal.variable),
                    expected: !expected,
                };
                if narrowed.contains(&opposite) {
                    return None;
                }
                if let Err(place) = narrowed.binary_search(&literal) {
                    narrowed.insert(place, literal);
                }
            }
            _ => {}
        }
    }
    Some(narrowed)
}

/// All conditions of an operation, each once.
struct Conditions {
    rules: Vec<ConditionRule>,
    ids: HashMap<ConditionRule, ConditionId>,
}

impl Conditions {
    fn new() -> Self {
        Self {
            rules: vec![ConditionRule::default()],
            ids: HashMap::from([(ConditionRule::default(), ConditionId::ALWAYS)]),
        }
    }

    fn id(&mut self, all_of: &Conjunction, none_of: &[Conjunction]) -> ConditionId {
        let rule = ConditionRule {
            all_of: all_of.clone(),
            none_of: none_of.to_vec(),
        };
        if let Some(id) = self.ids.get(&rule) {
            return *id;
        }
        let id = ConditionId(self.rules.len());
        self.rules.push(rule.clone());
        self.ids.insert(rule, id);
        id
    }
}
