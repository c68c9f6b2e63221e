//! Every diagnostic code this crate can give, with one sentence of explanation.
//! The names are the ones Apollo documents, so that existing guides and tools apply.

macro_rules! codes {
    ($($name:ident = $text:literal;)*) => {
        $(#[doc = $text] pub const $name: &str = stringify!($name);)*

        /// All codes with their explanation, errors first, then hints.
        pub const ALL: &[(&str, &str)] = &[$(($name, $text)),*];
    };
}

codes! {
    // The schema of one subgraph.
    INVALID_GRAPHQL = "A schema is not valid GraphQL.";
    INVALID_SUBGRAPH_NAME = "A subgraph name is empty, too long, repeated or has characters that are not allowed.";
    INVALID_LINK_DIRECTIVE_USAGE = "A `@link` has wrong arguments or imports something the specification does not have.";
    INVALID_LINK_IDENTIFIER = "The `url` of a `@link` is not a specification url with a version.";
    UNKNOWN_FEDERATION_LINK_VERSION = "The `@link` names a federation version that does not exist.";
    UNKNOWN_LINK_VERSION = "The `@link` names a version of the link specification that does not exist.";
    UNSUPPORTED_LINKED_FEATURE = "A `@link(for: …)` asks for a specification that is not supported.";
    UNSUPPORTED_FEATURE = "A `@link` names a specification of Apollo that this composer does not know.";
    TYPE_DEFINITION_INVALID = "A schema defines a federation type differently from the specification.";
    TYPE_WITH_ONLY_UNUSED_EXTERNAL = "A type of a federation 1 schema has only unused `@external` fields.";
    DIRECTIVE_DEFINITION_INVALID = "A schema defines a federation directive differently from the specification.";
    ROOT_QUERY_USED = "A type is called `Query` but is not the query root.";
    ROOT_MUTATION_USED = "A type is called `Mutation` but is not the mutation root.";
    ROOT_SUBSCRIPTION_USED = "A type is called `Subscription` but is not the subscription root.";
    KEY_INVALID_FIELDS_TYPE = "The `fields` of a `@key` is not a string.";
    KEY_INVALID_FIELDS = "The `fields` of a `@key` is not a valid selection of the type.";
    KEY_FIELDS_HAS_ARGS = "A `@key` selects a field that takes arguments.";
    KEY_FIELDS_SELECT_INVALID_TYPE = "A `@key` selects a field whose type is an interface or a union.";
    KEY_DIRECTIVE_IN_FIELDS_ARG = "The `fields` of a `@key` applies a directive.";
    KEY_UNSUPPORTED_ON_INTERFACE = "A `@key` is on an interface, which needs federation v2.3.";
    PROVIDES_INVALID_FIELDS_TYPE = "The `fields` of a `@provides` is not a string.";
    PROVIDES_INVALID_FIELDS = "The `fields` of a `@provides` is not a valid selection of the field's type.";
    PROVIDES_FIELDS_HAS_ARGS = "A `@provides` selects a field that takes arguments.";
    PROVIDES_FIELDS_MISSING_EXTERNAL = "A `@provides` selects a field that is not `@external`.";
    PROVIDES_ON_NON_OBJECT_FIELD = "A `@provides` is on a field that does not return an object, interface or union.";
    PROVIDES_DIRECTIVE_IN_FIELDS_ARG = "The `fields` of a `@provides` applies a directive.";
    PROVIDES_UNSUPPORTED_ON_INTERFACE = "A `@provides` is on a field of an interface.";
    REQUIRES_INVALID_FIELDS_TYPE = "The `fields` of a `@requires` is not a string.";
    REQUIRES_INVALID_FIELDS = "The `fields` of a `@requires` is not a valid selection of the type.";
    REQUIRES_FIELDS_MISSING_EXTERNAL = "A `@requires` selects a field that is not `@external`.";
    REQUIRES_DIRECTIVE_IN_FIELDS_ARG = "The `fields` of a `@requires` applies a directive.";
    REQUIRES_UNSUPPORTED_ON_INTERFACE = "A `@requires` is on a field of an interface.";
    EXTERNAL_UNUSED = "An `@external` field is used by no `@key`, `@requires`, `@provides` or interface.";
    EXTERNAL_ON_INTERFACE = "An `@external` is on a field of an interface.";
    EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE = "An `@external` field has a directive that makes no sense there.";
    MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL = "An `@external` field has `@tag` or `@inaccessible`, which belong where the field is resolved.";
    INVALID_SHAREABLE_USAGE = "A `@shareable` is on an interface field, or twice on one element.";
    OVERRIDE_ON_INTERFACE = "An `@override` is on a field of an interface.";
    OVERRIDE_FROM_SELF_ERROR = "An `@override` names its own subgraph.";
    OVERRIDE_LABEL_INVALID = "The `label` of an `@override` is neither a name nor a percentage.";
    OVERRIDE_SOURCE_HAS_OVERRIDE = "Two subgraphs override the same field.";
    OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE = "An `@override` meets a directive it cannot be combined with.";
    DIRECTIVE_COMPOSITION_ERROR = "A `@composeDirective` names a directive that cannot be kept, or subgraphs disagree about one that is kept.";
    AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE = "An interface or a field of one has `@authenticated`, `@requiresScopes` or `@policy`.";
    COST_APPLIED_TO_INTERFACE_FIELD = "A field of an interface has `@cost`.";
    LIST_SIZE_APPLIED_TO_NON_LIST = "A `@listSize` is about something that is not a list.";
    LIST_SIZE_INVALID_ASSUMED_SIZE = "A `@listSize` assumes a negative number of items.";
    LIST_SIZE_INVALID_SLICING_ARGUMENT = "A `@listSize` names a slicing argument that does not exist or is no `Int`.";
    LIST_SIZE_INVALID_SIZED_FIELD = "A `@listSize` names a sized field that does not exist.";
    CONTEXT_NAME_INVALID = "The name of a `@context` has characters that are not allowed.";
    NO_CONTEXT_IN_SELECTION = "A `@fromContext` does not name a context, or selects nothing of it.";
    CONTEXT_NOT_SET = "A `@fromContext` is where it cannot be, or names a context that no type of the subgraph sets.";
    CONTEXT_INVALID_SELECTION = "A `@fromContext` does not select one field of the argument's type.";
    CONTEXT_NO_RESOLVABLE_KEY = "A type with a `@fromContext` has no `@key` that can be resolved.";
    INTERFACE_OBJECT_USAGE_ERROR = "An `@interfaceObject` has no key, no interface, or meets implementations of its interface in its subgraph.";
    INTERFACE_KEY_NOT_ON_IMPLEMENTATION = "An interface has a `@key` that one of its implementations lacks.";
    INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE = "A subgraph has a `@key` on an interface but not all of its implementations.";

    // Between subgraphs.
    DISALLOWED_INACCESSIBLE = "An element is `@inaccessible` that must not be.";
    LINK_IMPORT_NAME_MISMATCH = "Subgraphs give different names to a directive that the supergraph keeps.";
    MISSING_TRANSITIVE_AUTH_REQUIREMENTS = "A field that `@requires` or `@fromContext` others lacks the access control of these.";
    CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS = "An argument has `@fromContext` in some subgraphs only.";
    NO_QUERIES = "No subgraph has a query field.";
    TYPE_KIND_MISMATCH = "A type is of different kinds in different subgraphs.";
    EXTENSION_WITH_NO_BASE = "A federation 1 schema extends a type that no subgraph defines.";
    FIELD_TYPE_MISMATCH = "A field has types in different subgraphs that do not fit together.";
    FIELD_ARGUMENT_TYPE_MISMATCH = "An argument has types in different subgraphs that do not fit together.";
    FIELD_ARGUMENT_DEFAULT_MISMATCH = "An argument has different default values in different subgraphs.";
    INPUT_FIELD_DEFAULT_MISMATCH = "An input field has different default values in different subgraphs.";
    REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH = "An argument is required in one subgraph and absent from another.";
    REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH = "An input field is required in one subgraph and absent from another.";
    EMPTY_MERGED_INPUT_TYPE = "The subgraphs' definitions of an input type have no field in common.";
    EMPTY_MERGED_ENUM_TYPE = "The subgraphs' definitions of an enum used as input have no value in common.";
    ENUM_VALUE_MISMATCH = "An enum used both as input and output differs between subgraphs.";
    EXTERNAL_MISSING_ON_BASE = "An `@external` field is resolved by no subgraph.";
    EXTERNAL_TYPE_MISMATCH = "An `@external` field has another type than where it is resolved.";
    EXTERNAL_ARGUMENT_MISSING = "An `@external` field lacks an argument it has where it is resolved.";
    EXTERNAL_ARGUMENT_TYPE_MISMATCH = "An argument of an `@external` field has another type than where it is resolved.";
    EXTERNAL_ARGUMENT_DEFAULT_MISMATCH = "An argument of an `@external` field has another default than where it is resolved.";
    INVALID_FIELD_SHARING = "Several subgraphs resolve a field that is not `@shareable` in all of them.";
    SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES = "A shared field returns an abstract type whose object types differ completely.";
    INTERFACE_FIELD_NO_IMPLEM = "A type does not have a field of an interface it implements.";
    SATISFIABILITY_ERROR = "A query that the composed schema allows cannot be answered by the subgraphs.";
    MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED = "Whether every query can be answered was not found out within the bounds on work.";
    QUERY_ROOT_TYPE_INACCESSIBLE = "The query root type is `@inaccessible`.";
    REFERENCED_INACCESSIBLE = "A visible element refers to an `@inaccessible` type.";
    ONLY_INACCESSIBLE_CHILDREN = "A visible type has only `@inaccessible` members.";
    REQUIRED_INACCESSIBLE = "A required argument or input field is `@inaccessible`.";
    IMPLEMENTED_BY_INACCESSIBLE = "A visible interface member is implemented by an `@inaccessible` one.";
    DEFAULT_VALUE_USES_INACCESSIBLE = "A visible default value uses an `@inaccessible` element.";

    // Hints.
    INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE = "A field's types differ between subgraphs; the more general one is used.";
    INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE = "An argument's or input field's types differ; the stricter one is used.";
    INCONSISTENT_DEFAULT_VALUE_PRESENCE = "A default value is missing in some subgraph; it is dropped.";
    INCONSISTENT_ENTITY = "A type has a `@key` in some subgraphs only.";
    INCONSISTENT_OBJECT_VALUE_TYPE_FIELD = "A field of a value type is missing in some subgraph.";
    INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD = "A field of an interface is missing in some subgraph.";
    INCONSISTENT_INPUT_OBJECT_FIELD = "An optional input field is missing in some subgraph; it is dropped.";
    INCONSISTENT_UNION_MEMBER = "A union member is missing in some subgraph.";
    INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM = "A value of an input enum is missing in some subgraph; it is dropped.";
    INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM = "A value of an output enum is missing in some subgraph.";
    INCONSISTENT_DESCRIPTION = "An element's descriptions differ; the most frequent one is used.";
    INCONSISTENT_ARGUMENT_PRESENCE = "An optional argument is missing in some subgraph; it is dropped.";
    INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE = "An executable directive is not defined in every subgraph; it is dropped.";
    INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS = "An executable directive's locations differ; the common ones are used.";
    NO_EXECUTABLE_DIRECTIVE_INTERSECTION = "An executable directive has no location that all subgraphs allow; it is dropped.";
    INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE = "An executable directive is repeatable in some subgraphs only; it is not repeatable.";
    INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE = "A kept directive is repeatable in some subgraphs only; it is repeatable.";
    INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS = "A kept directive's locations differ; all of them are used.";
    DIRECTIVE_COMPOSITION_INFO = "A `@composeDirective` is not needed, or specifications that are not kept differ in version.";
    DIRECTIVE_COMPOSITION_WARN = "A kept directive has another name in a subgraph that does not keep it.";
    MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS = "A directive has different arguments in different subgraphs; they are merged.";
    IMPLICITLY_UPGRADED_FEDERATION_VERSION = "A linked specification needs a newer federation version than the schema links.";
    INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS = "A directive has different arguments in different subgraphs; the most frequent are used.";
    INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN = "A shared field's possible object types differ between subgraphs.";
    CONTRACT_TAG_UNUSED = "A contract names a tag that nothing has.";
    UNUSED_ENUM_TYPE = "An enum type is used nowhere.";
    FROM_SUBGRAPH_DOES_NOT_EXIST = "An `@override` names a subgraph that does not exist.";
    OVERRIDDEN_FIELD_CAN_BE_REMOVED = "An overridden field is no longer used and can be removed.";
    OVERRIDE_MIGRATION_IN_PROGRESS = "A field moves to another subgraph with `@override(label:)`; finish the move.";
    OVERRIDE_DIRECTIVE_CAN_BE_REMOVED = "The overridden field no longer exists; the `@override` can be removed.";
}
