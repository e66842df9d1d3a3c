"""The keywords of schemas, by what stands below them, and what translated schemas have."""

MAPS = ("properties", "patternProperties", "dependentSchemas")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
]
VALUES = [
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
    "format",
    "default",
]
# Keywords of 3.1 that 3.0 does not have (OpenAPI 3.0.3, Schema Object).
SINCE_3_1 = frozenset(
    [
        "const",
        "if",
        "then",
        "else",
        "patternProperties",
        "prefixItems",
        "contains",
        "maxContains",
        "minContains",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
# They give a schema another address, which nothing here follows.
REFUSED = frozenset(
    ["$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"]
)
# Of the others, JSON Schema says it as they are compiled.
FORMS = {
    **dict.fromkeys((*MAPS, "discriminator"), dict),
    **dict.fromkeys((*LISTS, "enum", "required"), list),
    **dict.fromkeys(("$ref", "format"), str),
}
WORDS = {dict: "an object", list: "a list", str: "a text"}
# No value but null.
NULL = {"type": "null"}
# The mark of what is a file in a form.
FILE = "x-file"
