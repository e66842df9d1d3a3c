"""Parts of a request that could be of two parameters, or of none."""

from typing import Any

import pytest

from app.standard.validation import CompiledOperation, ContractError
from tests.standard.compiling import call, compile_operation, in_query, takes_anything

FORM = "application/x-www-form-urlencoded"
TEXT = {"type": "string"}
PAIR = {"type": "object", "properties": {"x": TEXT, "y": TEXT}}
MAP = {"type": "object", "additionalProperties": TEXT}


def in_form(**properties: Any) -> dict[str, Any]:
    """Return an operation with a form in which the object o is spread."""
    described = {
        "schema": {"type": "object", "properties": properties},
        "encoding": {"o": {"style": "form"}},
    }
    return {"requestBody": {"content": {FORM: described}}}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            {"parameters": [in_query("x"), in_query("o", PAIR)]},
            "query 'x': it would be of both x and o",
        ),
        (
            {"parameters": [in_query("o", PAIR), in_query("p", PAIR)]},
            "query 'x': it would be of both o and p",
        ),
        (
            {"parameters": [in_query("o", PAIR, style="deepObject"), in_query("o[x]")]},
            "query 'o[x]': it would be of both o[x] and o",
        ),
        (in_form(x=TEXT, o=PAIR), f"body of {FORM}, field 'x': it would be of both x and o"),
    ],
)
def test_text_that_would_be_of_two_is_refused(operation: Any, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        compile_operation(operation)

    assert message in str(caught.value)


@pytest.mark.parametrize("schema", [PAIR, MAP])
def test_what_is_told_apart_is_not_refused(schema: Any) -> None:
    item = {**in_query("x"), "in": "header"}
    parameters = [item, in_query("z"), in_query("o", schema, explode=False)]

    found = call(compile_operation({"parameters": parameters}), "o=x,1&z=2")

    assert found == {"o": {"x": "1"}, "z": "2"}


def test_spread_object_leaves_the_fields_of_others() -> None:
    query = compile_operation({"parameters": [in_query("name"), in_query("o", MAP)]})
    form = compile_operation(in_form(name=TEXT, o=MAP))

    assert call(query, "name=a&z=1") == {"name": "a", "o": {"z": "1"}}
    assert call(form, body=b"name=a&z=1", media_type=FORM) == {
        "body": {"name": "a", "o": {"z": "1"}}
    }


def test_key_in_the_query_is_of_no_object() -> None:
    schemes = {"key": {"type": "apiKey", "in": "query", "name": "api_key"}}
    spec = {"operationId": "get", "parameters": [in_query("o", MAP)], "security": [{"key": []}]}
    document = {"openapi": "3.0.3", "components": {"securitySchemes": schemes}}
    operation = CompiledOperation(document, {}, spec, "get", "/things")
    operation.bind(takes_anything)

    assert call(operation, "api_key=secret&a=1") == {"o": {"a": "1"}}


@pytest.mark.parametrize("query", ["a=&b=", "a&b"])
def test_empty_value_is_one_where_the_schema_takes_it(query: str) -> None:
    texts = {"type": "array", "items": TEXT}
    parameters = [in_query("a", allowEmptyValue=True), in_query("b", texts, allowEmptyValue=True)]

    assert call(compile_operation({"parameters": parameters}), query) == {"a": "", "b": [""]}


def test_empty_value_that_a_style_does_not_have_is_ignored() -> None:
    parameter = in_query("o", PAIR, style="deepObject", allowEmptyValue=True)

    assert call(compile_operation({"parameters": [parameter]}), "o[x]=") == {"o": {"x": ""}}
