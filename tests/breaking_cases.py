"""Changes of a contract, and the rules that each breaks there and back; a path has one of them."""

from __future__ import annotations

from typing import Any, NamedTuple

Object = dict[str, Any]
TEXT: Object = {"type": "string"}
NUMBER: Object = {"type": "number"}
INTEGER: Object = {"type": "integer"}
LATER, BEFORE = "2999-12-31", "2020-01-31"


class Case(NamedTuple):
    """A path before and after a change, and what is told of it, there and back."""

    before: Object
    after: Object
    there: str = ""
    back: str = ""


def get(**members: Any) -> Object:
    """Return a path with one operation."""
    return {"get": {"responses": {"200": {"description": "What is there"}}, **members}}


def asked(schema: Object, **members: Any) -> Object:
    """Return a path whose operation has a parameter."""
    return get(parameters=[{"name": "q", "in": "query", "schema": schema, **members}])


def sent(schema: Object, *, media_type: str = "application/json", **members: Any) -> Object:
    """Return a path whose operation has a body."""
    body = {"content": {media_type: {"schema": schema}}, **members}
    return {"post": get(requestBody=body)["get"]}


def answered(schema: Object, *, media_type: str = "application/json", **members: Any) -> Object:
    """Return a path whose operation answers something."""
    answer = {"description": "An answer", "content": {media_type: {"schema": schema}}, **members}
    return get(responses={"200": answer})


def thing(*required: str, **properties: Object) -> Object:
    """Return the schema of an object."""
    listed = {"required": [*required]} if required else {}
    return {"type": "object", **listed, "properties": properties}


def over(day: str | None, **members: Any) -> Object:
    """Return what is deprecated, and is there until a day."""
    return {"deprecated": True, **members, **({"x-sunset": day} if day else {})}


OPERATION = get()["get"]
HEADERS = {"ETag": {"schema": TEXT}}
CREATED = {"200": {"description": "It was there"}, "201": {"description": "It was made"}}

CASES = {
    "path": Case(get(), {}, "path-removed"),
    "operation": Case({"get": OPERATION, "put": OPERATION}, get(), "operation-removed"),
    "operation-name": Case(get(operationId="app.api.a"), get(operationId="app.api.b")),
    "texts": Case(get(summary="Old"), get(summary="New", description="A new one")),
    "deprecation": Case(get(), get(**over(LATER))),
    # Parameters
    "parameter": Case(asked(TEXT), get(), "parameter-removed"),
    "parameter-name": Case(asked(TEXT), asked(TEXT, name="query"), *["parameter-removed"] * 2),
    "required-parameter": Case(
        get(), asked(TEXT, required=True), *("parameter-became-required", "parameter-removed")
    ),
    "parameter-required": Case(
        asked(TEXT), asked(TEXT, required=True), "parameter-became-required"
    ),
    "parameter-style": Case(
        asked({"type": "array", "items": TEXT}),
        asked({"type": "array", "items": TEXT}, explode=False),
        *["parameter-serialization-changed"] * 2,
    ),
    "parameter-enum": Case(
        asked({**TEXT, "enum": ["a", "b"]}), asked({**TEXT, "enum": ["a"]}), "enum-values-removed"
    ),
    "parameter-type": Case(asked(NUMBER), asked(INTEGER), "schema-type-changed"),
    "parameter-format": Case(
        asked(TEXT), asked({**TEXT, "format": "uuid"}), *("schema-constraint-changed",)
    ),
    "parameter-bound": Case(
        asked({**INTEGER, "maximum": 9}),
        asked({**INTEGER, "maximum": 8}),
        "schema-constraint-changed",
    ),
    "parameter-length": Case(
        asked(TEXT), asked({**TEXT, "maxLength": 8}), "schema-constraint-changed"
    ),
    "parameter-default": Case(asked({**INTEGER, "default": 1}), asked({**INTEGER, "default": 2})),
    # Bodies
    "body": Case(sent(TEXT), {"post": OPERATION}, "request-body-removed"),
    "body-required": Case(sent(TEXT), sent(TEXT, required=True), "request-body-became-required"),
    "body-media-type": Case(
        sent(TEXT), sent(TEXT, media_type="text/plain"), *["media-type-removed"] * 2
    ),
    "body-property-required": Case(
        sent(thing(a=TEXT)), sent(thing("a", a=TEXT)), "required-properties-added"
    ),
    "body-property": Case(sent(thing(a=TEXT)), sent(thing(a=TEXT, b=TEXT))),
    "body-enum": Case(
        sent(thing(a={**TEXT, "enum": ["a", "b"]})),
        sent(thing(a={**TEXT, "enum": ["a"]})),
        "enum-values-removed",
    ),
    "body-closed": Case(
        sent(thing(a=TEXT)),
        sent({**thing(a=TEXT), "additionalProperties": False}),
        "schema-constraint-changed",
    ),
    "body-list": Case(
        sent({"type": "array", "items": TEXT}),
        sent({"type": "array", "items": TEXT, "maxItems": 9}),
        "schema-constraint-changed",
    ),
    "body-choices": Case(
        sent({"oneOf": [TEXT, INTEGER]}), sent({"oneOf": [TEXT]}), "schema-combinator-changed"
    ),
    # Responses
    "response": Case(get(responses=CREATED), get(), "response-removed"),
    "response-header": Case(
        answered(TEXT, headers=HEADERS), answered(TEXT), "response-header-removed"
    ),
    "response-media-type": Case(
        answered(TEXT), answered(TEXT, media_type="text/csv"), *["media-type-removed"] * 2
    ),
    "response-property": Case(
        answered(thing(a=TEXT, b=TEXT)), answered(thing(a=TEXT)), "property-removed"
    ),
    "response-property-required": Case(
        answered(thing("a", a=TEXT)), answered(thing(a=TEXT)), "required-properties-removed"
    ),
    "response-enum": Case(
        answered({**TEXT, "enum": ["a"]}),
        answered({**TEXT, "enum": ["a", "b"]}),
        *("enum-values-added",),
    ),
    "response-type": Case(answered(INTEGER), answered(NUMBER), "schema-type-changed"),
    "response-bound": Case(
        answered({**INTEGER, "maximum": 8}),
        answered({**INTEGER, "maximum": 9}),
        "schema-constraint-changed",
    ),
    "response-choices": Case(
        answered({"oneOf": [TEXT]}),
        answered({"oneOf": [TEXT, INTEGER]}),
        *("schema-combinator-changed",),
    ),
    # Security
    "security": Case(
        get(security=[]), get(security=[{"oauth2": ["read"]}]), *("security-requirement-changed",)
    ),
    "scope": Case(
        get(security=[{"oauth2": ["read"]}]),
        get(security=[{"oauth2": ["read", "write"]}]),
        "security-requirement-changed",
    ),
    # What Redocly does not see, or takes for another; the page says so
    "body-read-only": Case(sent(thing(a=TEXT)), sent(thing(a={**TEXT, "readOnly": True}))),
    "response-write-only": Case(
        answered(thing(a=TEXT)), answered(thing(a={**TEXT, "writeOnly": True}))
    ),
    "response-header-optional": Case(
        answered(TEXT, headers={"ETag": {"schema": TEXT, "required": True}}),
        answered(TEXT, headers=HEADERS),
    ),
    "parameter-of-the-path": Case(
        asked(TEXT),
        {**get(), "parameters": asked(TEXT)["get"]["parameters"]},
        *["parameter-removed"] * 2,
    ),
    "parameter-style-as-before": Case(
        asked({"type": "array", "items": TEXT}),
        asked({"type": "array", "items": TEXT}, explode=True),
        *["parameter-serialization-changed"] * 2,
    ),
    "response-all-of-one": Case(
        answered(TEXT),
        answered({"allOf": [TEXT]}),
        *("schema-type-changed", "schema-combinator-changed"),
    ),
    # Until when
    "path-over": Case(get(**over(BEFORE)), {}),
    "path-not-over": Case(get(**over(LATER)), {}, "path-removed"),
    "path-without-a-day": Case(get(**over(None)), {}, "path-removed"),
    "path-half-over": Case(
        {"get": {**OPERATION, **over(BEFORE)}, "put": OPERATION}, {}, "path-removed"
    ),
    "operation-over": Case({"get": OPERATION, "put": {**OPERATION, **over(BEFORE)}}, get()),
    "parameter-over": Case(asked(TEXT, **over(BEFORE)), get()),
    "response-property-over": Case(
        answered(thing(a=TEXT, b=over(BEFORE, type="string"))), answered(thing(a=TEXT))
    ),
    "required-property-over": Case(
        answered(thing("a", "b/c", a=TEXT, **{"b/c": over(BEFORE, type="string")})),
        answered(thing("a", a=TEXT)),
    ),
    "all-required-over": Case(
        answered(thing("b", a=TEXT, b=over(BEFORE, type="string"))), answered(thing(a=TEXT))
    ),
    "required-property-half-over": Case(
        answered(thing("a", "b", a=TEXT, b=over(BEFORE, type="string"))),
        answered(thing(a=TEXT)),
        "required-properties-removed",
    ),
}
OF_3_0 = {
    "body-null": Case(sent({**TEXT, "nullable": True}), sent(TEXT), "schema-type-changed"),
    "response-null": Case(
        answered(TEXT), answered({**TEXT, "nullable": True}), "schema-type-changed"
    ),
    "parameter-open-bound": Case(
        asked({**INTEGER, "maximum": 9}),
        asked({**INTEGER, "maximum": 9, "exclusiveMaximum": True}),
        "schema-constraint-changed",
    ),
}
OF_3_1 = {
    "body-null": Case(sent({"type": ["string", "null"]}), sent(TEXT), "schema-type-changed"),
    "response-null": Case(
        answered(TEXT), answered({"type": ["string", "null"]}), "schema-type-changed"
    ),
    "parameter-const": Case(
        asked(TEXT), asked({**TEXT, "const": "a"}), "schema-constraint-changed"
    ),
    "parameter-open-bound": Case(
        asked({**INTEGER, "exclusiveMaximum": 9}),
        asked({**INTEGER, "exclusiveMaximum": 8}),
        "schema-constraint-changed",
    ),
}
