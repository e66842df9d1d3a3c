"""What the page of the contract calls a limit is so."""

from decimal import Decimal
from typing import Any

import pytest

from app.standard.validation import InvalidRequest
from tests.standard.compiling import call, compile_operation, in_query, json_body

DEFAULT = {"type": "object", "properties": {"a": {"type": "integer", "default": 3}}}
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "kind", "body", "value"),
    [
        ({"type": "number"}, Decimal, b"0.12345678901234567890", Decimal("0.12345678901234568")),
        ({"type": "integer"}, int, b"1.0", 1),
        ({"type": "integer"}, Any, b"1.0", 1.0),
        ({"type": "object"}, Any, b'{"a":1,"a":2}', {"a": 2}),
        ({"type": "string", "format": "byte"}, bytes, b'"QUJD"', b"QUJD"),
        ({"type": "string", "contentEncoding": "base64"}, str, b'"?"', "?"),
        ({"oneOf": [DEFAULT]}, Any, b"{}", {}),
        ({"patternProperties": {"b": DEFAULT}}, Any, b'{"b":{}}', {"b": {}}),
        ({"prefixItems": [DEFAULT]}, Any, b"[{}]", [{}]),
        ({"items": DEFAULT}, Any, b"[{}]", [{"a": 3}]),
        ({**DEFAULT, "default": {}}, Any, b"", None),
    ],
)
def test_body_is_taken_so(schema: Any, kind: Any, body: bytes, value: Any) -> None:
    async def take(body: Any) -> None: ...

    take.__annotations__["body"] = kind
    operation = compile_operation(json_body(schema, required=bool(body)), take, version="3.1.0")

    found = call(operation, body=body)["body"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [("application/x-ndjson", b"1\n2\n"), ("application/json", b'\xef\xbb\xbf"a"')],
)
def test_body_that_is_not_just_a_value_of_json_is_refused(media_type: str, body: bytes) -> None:
    operation = compile_operation({"requestBody": {"content": {media_type: {"schema": {}}}}})

    with pytest.raises(InvalidRequest, match="The body is unreadable"):
        call(operation, body=body, media_type=media_type)


def test_object_takes_properties_without_a_name_only_if_it_is_deep() -> None:
    schema = {"type": "object", "properties": {"x": TEXT}}
    deep = compile_operation({"parameters": [in_query("a", schema, style="deepObject")]})
    flat = compile_operation({"parameters": [in_query("a", schema)]})

    assert call(deep, "a[y]=1") == {"a": {"y": "1"}}
    with pytest.raises(InvalidRequest, match="query 'y' is not known"):
        call(flat, "y=1")


def test_format_of_a_response_that_nobody_checks_is_not_told() -> None:
    content = {"application/json": {"schema": {**TEXT, "format": "phone"}}}
    operation = compile_operation({"responses": {"200": {"description": "", "content": content}}})

    assert operation.unchecked_formats() == set()
