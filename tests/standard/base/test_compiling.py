"""What could not be served as the contract says stops the start."""

from typing import Any

import pytest

from app.standard.validation import ContractError
from app.standard.validation.names import argument_name
from tests.standard.compiling import compile_operation, in_query, json_body

TEXTS = {"type": "array", "items": {"type": "string"}}
NO_PROPERTIES = {"type": "object", "additionalProperties": False}
FORM = "application/x-www-form-urlencoded"


def in_body(media_type: str, schema: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {media_type: {"schema": schema}}}}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            {"parameters": [in_query("a-b"), in_query("a_b")]},
            "query 'a-b' and query 'a_b' would both be the argument a_b",
        ),
        ({"parameters": [in_query("body")]}, "a parameter cannot be called body"),
        ({"parameters": [{**in_query("a"), "in": "body"}]}, "a parameter has a name, and is in"),
        (
            {"parameters": [in_query("a", style="matrix")]},
            "style matrix is not for scalar in query",
        ),
        ({"parameters": [in_query("a", style="deepObject")]}, "style deepObject is not for scalar"),
        (
            {"parameters": [{**in_query("a", TEXTS), "in": "cookie"}]},
            "in a cookie, array needs explode: false",
        ),
        (
            {"parameters": [in_query("a", {"oneOf": [TEXTS, {"type": "string"}]})]},
            "a text cannot tell whether it is array or string",
        ),
        (
            {"parameters": [{"name": "a", "in": "query", "content": {"text/xml": {}}}]},
            "its content must be application/json",
        ),
        ({"parameters": [{**in_query("id"), "in": "path"}]}, "id must be in the path and among"),
        ({"parameters": [in_query("a", {"type": "integer", "default": "x"})]}, "a default is not"),
        (
            {"parameters": [in_query("a", {"pattern": "("})]},
            'pattern of the schema is not a "regex"',
        ),
        (
            {"parameters": [in_query("a", {"$ref": "#/nowhere"})]},
            "$ref #/nowhere: there is nothing",
        ),
        ({"parameters": [in_query("a", {"$ref": "#name"})]}, "$ref #name: there is nothing"),
        ({"parameters": [in_query("a", {"const": 1})]}, "const is no keyword of OpenAPI 3.0"),
        ({"parameters": [in_query("a", {"type": ["string", "null"]})]}, "a type is one word"),
        (json_body({"$ref": "#/components/schemas/Loop"}), "it leads to itself"),
        (json_body({"$ref": "#/components/schemas/All"}), "schemas/All: it leads to itself"),
        (json_body({"$ref": "#/components/schemas/One"}), "schemas/One: it leads to itself"),
        (json_body({"$ref": "#/components/schemas/Chooser"}), "it leads to itself"),
        (json_body({"$id": "https://example.org/a"}), "$id is no keyword"),
        (
            json_body({"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "a"}}),
            "a discriminator chooses among references only",
        ),
        (json_body({"$ref": 3}), "$ref must be a text"),
        (json_body({"allOf": {}}), "allOf must be a list"),
        (json_body({"properties": []}), "properties must be an object"),
        (json_body({"discriminator": {}}), "the discriminator has no propertyName"),
        (in_body(FORM, {"type": "array"}), "a form must be an object"),
        (in_body("*/*", {"type": "object"}), "body of */*: only JSON, forms and texts can be"),
        (in_body("application/*", {"required": ["a"]}), "and another body is a string"),
        (in_body("application/xml", {"nullable": True, "enum": ["a"]}), "application/xml: only"),
        (in_body("image/*", {"allOf": [{"type": "object"}]}), "body of image/*: only"),
        (
            {"parameters": [{**in_query("a"), "in": "header", "allowEmptyValue": True}]},
            "header 'a': allowEmptyValue is for the query only",
        ),
        (
            {"parameters": [in_query("a", {"type": "integer"}, allowEmptyValue=True)]},
            "query 'a': its schema takes no empty value, as allowEmptyValue says",
        ),
        (
            {"parameters": [in_query("a", NO_PROPERTIES, allowEmptyValue=True)]},
            "its schema takes no empty value",
        ),
        (in_body("multipart/mixed", {}), "of multipart, only form-data can be read"),
    ],
)
def test_contract_that_cannot_be_served_is_refused(operation: Any, message: str) -> None:
    schemas = {
        "Loop": {"$ref": "#/components/schemas/Loop"},
        "All": {"allOf": [{"$ref": "#/components/schemas/All"}, {"type": "object"}]},
        "Chooser": {
            "discriminator": {"propertyName": "a", "mapping": {"b": "Chosen"}},
        },
        "Chosen": {"anyOf": [{"$ref": "#/components/schemas/Chooser"}]},
        "One": {"nullable": True, "oneOf": [{"$ref": "#/components/schemas/One"}]},
    }

    with pytest.raises(ContractError) as caught:
        compile_operation(operation, schemas=schemas)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "place", "argument"),
    [
        ("limit", "query", "limit"),
        ("page_", "query", "page_"),
        ("pageSize", "query", "pageSize"),
        ("page-size", "query", "page_size"),
        ("filter[a]", "query", "filter_a"),
        ("from", "query", "from_"),
        ("2nd", "path", "_2nd"),
        ("X-Request-Id", "header", "x_request_id"),
        ("$top", "query", "_top"),
    ],
)
def test_argument_is_named_after_its_parameter(name: str, place: str, argument: str) -> None:
    assert argument_name(name, place) == argument


def test_format_that_nobody_checks_is_known() -> None:
    operation = compile_operation(
        {
            "parameters": [
                in_query("phone", {"type": "string", "format": "phone"}),
                in_query("day", {"type": "string", "format": "date"}),
            ]
        }
    )

    assert operation.unchecked_formats() == {"phone"}
