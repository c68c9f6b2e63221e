//! Every diagnostic code this crate can give, with its meaning and what to change.
//! The names are the ones Apollo documents, so that existing guides and tools apply.

macro_rules! codes {
    ($($name:ident = $text:literal => $fix:literal;)*) => {
        $(#[doc = $text] #[doc = $fix] pub const $name: &str = stringify!($name);)*

        /// All codes with their meaning and what to change, errors first, then hints.
        pub const ALL: &[(&str, &str, &str)] = &[$(($name, $text, $fix)),*];
    };
}

codes! {
    // The schema of one subgraph.
    INVALID_GRAPHQL = "A schema is not valid GraphQL." => "Correct the schema at the place it names.";
    INVALID_SUBGRAPH_NAME = "A subgraph name is empty, too long, repeated or has characters that are not allowed." => "Use at most 64 letters, digits, `_` and `-`, beginning with a letter, once.";
    INVALID_LINK_DIRECTIVE_USAGE = "A `@link` has wrong arguments or imports something the specification does not have." => "Correct the arguments, or import what the specification has.";
    INVALID_LINK_IDENTIFIER = "The `url` of a `@link` is not a specification url with a version." => "Write the url with a version, such as `https://specs.apollo.dev/federation/v2.5`.";
    UNKNOWN_FEDERATION_LINK_VERSION = "The `@link` names a federation version that does not exist." => "Link a version from v2.0 to v2.12.";
    UNKNOWN_LINK_VERSION = "The `@link` names a version of the link specification that does not exist." => "Link v1.0.";
    UNSUPPORTED_LINKED_FEATURE = "A `@link(for: …)` asks for a specification that is not supported." => "Remove the `@link`, or its `for`.";
    UNSUPPORTED_FEATURE = "A `@link` names a specification of Apollo that this composer does not know." => "Remove the `@link` and what it brings.";
    TYPE_DEFINITION_INVALID = "A schema defines a federation type differently from the specification." => "Remove the definition; `@link` brings it.";
    TYPE_WITH_ONLY_UNUSED_EXTERNAL = "A type of a federation 1 schema has only unused `@external` fields." => "Remove the type, or use one of its fields.";
    DIRECTIVE_DEFINITION_INVALID = "A schema defines a federation directive differently from the specification." => "Remove the definition; `@link` brings it.";
    ROOT_QUERY_USED = "A type is called `Query` but is not the query root." => "Rename the type, or make it the query root.";
    ROOT_MUTATION_USED = "A type is called `Mutation` but is not the mutation root." => "Rename the type, or make it the mutation root.";
    ROOT_SUBSCRIPTION_USED = "A type is called `Subscription` but is not the subscription root." => "Rename the type, or make it the subscription root.";
    KEY_INVALID_FIELDS_TYPE = "The `fields` of a `@key` is not a string." => "Write a string.";
    KEY_INVALID_FIELDS = "The `fields` of a `@key` is not a valid selection of the type." => "Select fields that the type has.";
    KEY_FIELDS_HAS_ARGS = "A `@key` selects a field that takes arguments." => "Select a field without arguments.";
    KEY_FIELDS_SELECT_INVALID_TYPE = "A `@key` selects a field whose type is an interface or a union." => "Select a field of a scalar, enum or object type.";
    KEY_DIRECTIVE_IN_FIELDS_ARG = "The `fields` of a `@key` applies a directive." => "Remove the directive from the selection.";
    KEY_UNSUPPORTED_ON_INTERFACE = "A `@key` is on an interface, which needs federation v2.3." => "Link federation v2.3 or newer, or put the key on the object types.";
    PROVIDES_INVALID_FIELDS_TYPE = "The `fields` of a `@provides` is not a string." => "Write a string.";
    PROVIDES_INVALID_FIELDS = "The `fields` of a `@provides` is not a valid selection of the field's type." => "Select fields that the field's type has.";
    PROVIDES_FIELDS_HAS_ARGS = "A `@provides` selects a field that takes arguments." => "Select a field without arguments.";
    PROVIDES_FIELDS_MISSING_EXTERNAL = "A `@provides` selects a field that is not `@external`." => "Mark the selected field `@external`, or remove it from the `@provides`.";
    PROVIDES_ON_NON_OBJECT_FIELD = "A `@provides` is on a field that does not return an object, interface or union." => "Remove the `@provides`.";
    PROVIDES_DIRECTIVE_IN_FIELDS_ARG = "The `fields` of a `@provides` applies a directive." => "Remove the directive from the selection.";
    PROVIDES_UNSUPPORTED_ON_INTERFACE = "A `@provides` is on a field of an interface." => "Put the `@provides` on the fields of the object types.";
    REQUIRES_INVALID_FIELDS_TYPE = "The `fields` of a `@requires` is not a string." => "Write a string.";
    REQUIRES_INVALID_FIELDS = "The `fields` of a `@requires` is not a valid selection of the type." => "Select fields that the type has.";
    REQUIRES_FIELDS_MISSING_EXTERNAL = "A `@requires` selects a field that is not `@external`." => "Mark the selected field `@external`, or remove it from the `@requires`.";
    REQUIRES_DIRECTIVE_IN_FIELDS_ARG = "The `fields` of a `@requires` applies a directive." => "Remove the directive from the selection.";
    REQUIRES_UNSUPPORTED_ON_INTERFACE = "A `@requires` is on a field of an interface." => "Put the `@requires` on the fields of the object types.";
    EXTERNAL_UNUSED = "An `@external` field is used by no `@key`, `@requires`, `@provides` or interface." => "Remove the field or its `@external`, or use it.";
    EXTERNAL_ON_INTERFACE = "An `@external` is on a field of an interface." => "Remove the `@external`.";
    EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE = "An `@external` field has a directive that makes no sense there." => "Remove one of the two directives.";
    MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL = "An `@external` field has `@tag` or `@inaccessible`, which belong where the field is resolved." => "Move the directive to the subgraph that resolves the field.";
    INVALID_SHAREABLE_USAGE = "A `@shareable` is on an interface field, or twice on one element." => "Remove the `@shareable`.";
    OVERRIDE_ON_INTERFACE = "An `@override` is on a field of an interface." => "Put the `@override` on the fields of the object types.";
    OVERRIDE_FROM_SELF_ERROR = "An `@override` names its own subgraph." => "Name the subgraph that the field moves from.";
    OVERRIDE_LABEL_INVALID = "The `label` of an `@override` is neither a name nor a percentage." => "Write a name, or `percent(n)` with n from 0 to 100.";
    OVERRIDE_SOURCE_HAS_OVERRIDE = "Two subgraphs override the same field." => "Keep the `@override` of one subgraph.";
    OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE = "An `@override` meets a directive it cannot be combined with." => "Remove one of the two directives.";
    DIRECTIVE_COMPOSITION_ERROR = "A `@composeDirective` names a directive that cannot be kept, or subgraphs disagree about one that is kept." => "Name an imported directive of your own, of one specification and major version everywhere.";
    AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE = "An interface or a field of one has `@authenticated`, `@requiresScopes` or `@policy`." => "Put the directive on the types that implement the interface, or on their fields.";
    COST_APPLIED_TO_INTERFACE_FIELD = "A field of an interface has `@cost`." => "Put the `@cost` on the fields of the object types.";
    LIST_SIZE_APPLIED_TO_NON_LIST = "A `@listSize` is about something that is not a list." => "Put it on a field that returns a list, or name sized fields that do.";
    LIST_SIZE_INVALID_ASSUMED_SIZE = "A `@listSize` assumes a negative number of items." => "Write 0 or more.";
    LIST_SIZE_INVALID_SLICING_ARGUMENT = "A `@listSize` names a slicing argument that does not exist or is no `Int`." => "Name arguments of the field that are of type `Int` or `Int!`.";
    LIST_SIZE_INVALID_SIZED_FIELD = "A `@listSize` names a sized field that does not exist." => "Name fields of the field's type that are lists.";
    CONTEXT_NAME_INVALID = "The name of a `@context` has characters that are not allowed." => "Use letters and digits, beginning with a letter.";
    NO_CONTEXT_IN_SELECTION = "A `@fromContext` does not name a context, or selects nothing of it." => "Write `$name { field }`.";
    CONTEXT_NOT_SET = "A `@fromContext` is where it cannot be, or names a context that no type of the subgraph sets." => "Add a `@context` of that name to a type of the subgraph, or correct the name.";
    CONTEXT_INVALID_SELECTION = "A `@fromContext` does not select one field of the argument's type." => "Select one field of the argument's type.";
    CONTEXT_NO_RESOLVABLE_KEY = "A type with a `@fromContext` has no `@key` that can be resolved." => "Add a `@key` to the type.";
    INTERFACE_OBJECT_USAGE_ERROR = "An `@interfaceObject` has no key, no interface, or meets implementations of its interface in its subgraph." => "Give it a `@key`, have a subgraph define the interface, and remove its implementations from this one.";
    INTERFACE_KEY_NOT_ON_IMPLEMENTATION = "An interface has a `@key` that one of its implementations lacks." => "Add the `@key` to that type.";
    INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE = "A subgraph has a `@key` on an interface but not all of its implementations." => "Define the missing types there, or use `@interfaceObject`.";

    // Between subgraphs.
    DISALLOWED_INACCESSIBLE = "An element is `@inaccessible` that must not be." => "Remove the `@inaccessible`.";
    LINK_IMPORT_NAME_MISMATCH = "Subgraphs give different names to a directive that the supergraph keeps." => "Import it by one name everywhere.";
    MISSING_TRANSITIVE_AUTH_REQUIREMENTS = "A field that `@requires` or `@fromContext` others lacks the access control of these." => "Add the access control of what it needs to the field.";
    CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS = "An argument has `@fromContext` in some subgraphs only." => "Add `@fromContext` to it everywhere, or make it optional where it has none.";
    NO_QUERIES = "No subgraph has a query field." => "Add a field to `Query`; under a contract, include a tag of one or exclude less.";
    TYPE_KIND_MISMATCH = "A type is of different kinds in different subgraphs." => "Rename the type, or make it the same kind everywhere.";
    EXTENSION_WITH_NO_BASE = "A federation 1 schema extends a type that no subgraph defines." => "Define the type in a subgraph, or remove `extend`.";
    FIELD_TYPE_MISMATCH = "A field has types in different subgraphs that do not fit together." => "Use the same type everywhere.";
    FIELD_ARGUMENT_TYPE_MISMATCH = "An argument has types in different subgraphs that do not fit together." => "Use the same type everywhere.";
    FIELD_ARGUMENT_DEFAULT_MISMATCH = "An argument has different default values in different subgraphs." => "Use the same default everywhere.";
    INPUT_FIELD_DEFAULT_MISMATCH = "An input field has different default values in different subgraphs." => "Use the same default everywhere.";
    REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH = "An argument is required in one subgraph and absent from another." => "Add the argument everywhere, or make it optional.";
    REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH = "An input field is required in one subgraph and absent from another." => "Add the field everywhere, or make it optional.";
    EMPTY_MERGED_INPUT_TYPE = "The subgraphs' definitions of an input type have no field in common." => "Give all of them a field in common, or rename the types.";
    EMPTY_MERGED_ENUM_TYPE = "The subgraphs' definitions of an enum used as input have no value in common." => "Give all of them a value in common, or rename the enums.";
    ENUM_VALUE_MISMATCH = "An enum used both as input and output differs between subgraphs." => "Use the same values everywhere.";
    EXTERNAL_MISSING_ON_BASE = "An `@external` field is resolved by no subgraph." => "Resolve the field in another subgraph, or remove `@external`.";
    EXTERNAL_TYPE_MISMATCH = "An `@external` field has another type than where it is resolved." => "Use the type that it has where it is resolved.";
    EXTERNAL_ARGUMENT_MISSING = "An `@external` field lacks an argument it has where it is resolved." => "Add the argument.";
    EXTERNAL_ARGUMENT_TYPE_MISMATCH = "An argument of an `@external` field has another type than where it is resolved." => "Use the type that it has where it is resolved.";
    EXTERNAL_ARGUMENT_DEFAULT_MISMATCH = "An argument of an `@external` field has another default than where it is resolved." => "Use the default that it has where it is resolved.";
    INVALID_FIELD_SHARING = "Several subgraphs resolve a field that is not `@shareable` in all of them." => "Add `@shareable` everywhere, or keep the field in one subgraph.";
    SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES = "A shared field returns an abstract type whose object types differ completely." => "Let the subgraphs have at least one of these types in common, better all.";
    INTERFACE_FIELD_NO_IMPLEM = "A type does not have a field of an interface it implements." => "Add the field to the type, or remove it from the interface.";
    SATISFIABILITY_ERROR = "A query that the composed schema allows cannot be answered by the subgraphs." => "Add the missing `@key`, or the field, where the message says.";
    MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED = "Whether every query can be answered was not found out within the bounds on work." => "Use fewer keys of fields from several subgraphs, fewer labels at a time, or fewer subgraphs.";
    QUERY_ROOT_TYPE_INACCESSIBLE = "The query root type is `@inaccessible`." => "Remove the `@inaccessible`.";
    REFERENCED_INACCESSIBLE = "A visible element refers to an `@inaccessible` type." => "Hide the element too, or show the type.";
    ONLY_INACCESSIBLE_CHILDREN = "A visible type has only `@inaccessible` members." => "Hide the type too, or show one of its members.";
    REQUIRED_INACCESSIBLE = "A required argument or input field is `@inaccessible`." => "Show it, or make it optional.";
    IMPLEMENTED_BY_INACCESSIBLE = "A visible interface member is implemented by an `@inaccessible` one." => "Show it, or hide that part of the interface.";
    DEFAULT_VALUE_USES_INACCESSIBLE = "A visible default value uses an `@inaccessible` element." => "Choose another default, or show the element.";

    // Hints.
    INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE = "A field's types differ between subgraphs; the more general one is used." => "Use the same type everywhere.";
    INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE = "An argument's or input field's types differ; the stricter one is used." => "Use the same type everywhere.";
    INCONSISTENT_DEFAULT_VALUE_PRESENCE = "A default value is missing in some subgraph; it is dropped." => "Add the default everywhere, or remove it.";
    INCONSISTENT_ENTITY = "A type has a `@key` in some subgraphs only." => "Add the `@key` everywhere.";
    INCONSISTENT_OBJECT_VALUE_TYPE_FIELD = "A field of a value type is missing in some subgraph." => "Add the field everywhere, or make the type an entity.";
    INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD = "A field of an interface is missing in some subgraph." => "Add the field everywhere.";
    INCONSISTENT_INPUT_OBJECT_FIELD = "An optional input field is missing in some subgraph; it is dropped." => "Add the field everywhere, or remove it.";
    INCONSISTENT_UNION_MEMBER = "A union member is missing in some subgraph." => "Add the member everywhere.";
    INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM = "A value of an input enum is missing in some subgraph; it is dropped." => "Add the value everywhere, or remove it.";
    INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM = "A value of an output enum is missing in some subgraph." => "Add the value everywhere.";
    INCONSISTENT_DESCRIPTION = "An element's descriptions differ; the most frequent one is used." => "Make the descriptions equal, or keep one.";
    INCONSISTENT_ARGUMENT_PRESENCE = "An optional argument is missing in some subgraph; it is dropped." => "Add the argument everywhere, or remove it.";
    INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE = "An executable directive is not defined in every subgraph; it is dropped." => "Define the directive everywhere.";
    INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS = "An executable directive's locations differ; the common ones are used." => "Use the same locations everywhere.";
    NO_EXECUTABLE_DIRECTIVE_INTERSECTION = "An executable directive has no location that all subgraphs allow; it is dropped." => "Use the same locations everywhere.";
    INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE = "An executable directive is repeatable in some subgraphs only; it is not repeatable." => "Make it repeatable everywhere or nowhere.";
    INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE = "A kept directive is repeatable in some subgraphs only; it is repeatable." => "Make it repeatable everywhere or nowhere.";
    INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS = "A kept directive's locations differ; all of them are used." => "Use the same locations everywhere.";
    DIRECTIVE_COMPOSITION_INFO = "A `@composeDirective` is not needed, or specifications that are not kept differ in version." => "Remove the `@composeDirective`, or link one version everywhere.";
    DIRECTIVE_COMPOSITION_WARN = "A kept directive has another name in a subgraph that does not keep it." => "Import it by one name everywhere.";
    MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS = "A directive has different arguments in different subgraphs; they are merged." => "Make the arguments equal.";
    IMPLICITLY_UPGRADED_FEDERATION_VERSION = "A linked specification needs a newer federation version than the schema links." => "Link the newer federation version.";
    INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS = "A directive has different arguments in different subgraphs; the most frequent are used." => "Make the arguments equal.";
    INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN = "A shared field's possible object types differ between subgraphs." => "Let all subgraphs have the same types there.";
    CONTRACT_TAG_UNUSED = "A contract names a tag that nothing has." => "Correct the name, or add the tag to something.";
    UNUSED_ENUM_TYPE = "An enum type is used nowhere." => "Use the enum, or remove it.";
    FROM_SUBGRAPH_DOES_NOT_EXIST = "An `@override` names a subgraph that does not exist." => "Correct the name, or remove the `@override`.";
    OVERRIDDEN_FIELD_CAN_BE_REMOVED = "An overridden field is no longer used and can be removed." => "Remove the field there.";
    OVERRIDE_MIGRATION_IN_PROGRESS = "A field moves to another subgraph with `@override(label:)`; finish the move." => "Finish the move and remove the label.";
    OVERRIDE_DIRECTIVE_CAN_BE_REMOVED = "The overridden field no longer exists; the `@override` can be removed." => "Remove the `@override`.";
}
