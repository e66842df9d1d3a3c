"""What a schema says counts, wherever among its parts it says it."""

from typing import Any
from urllib.parse import quote

import pytest

from app.standard.validation import ContractError, InvalidRequest
from tests.standard.compiling import call, compile_operation, in_query, json_body

FORM = "application/x-www-form-urlencoded"
INTEGER, FLAG, TEXT = {"type": "integer"}, {"type": "boolean"}, {"type": "string"}
PLACE = "#/components/schemas/"
SCHEMAS: dict[str, Any] = {
    "Id": {"type": "integer", "readOnly": True},
    "Base": {"type": "object", "properties": {"id": {"allOf": [{"$ref": f"{PLACE}Id"}]}}},
    "Named": {"required": ["id", "name"], "properties": {"name": TEXT}},
    "Count": {
        "type": "object",
        "required": ["kind", "value"],
        "properties": {"kind": TEXT, "value": INTEGER},
    },
    "Flag": {
        "type": "object",
        "required": ["kind", "value"],
        "properties": {"kind": TEXT, "value": FLAG},
    },
    "Node": {"type": "object", "properties": {"value": INTEGER, "next": {"$ref": f"{PLACE}Node"}}},
}
NAMED = {"allOf": [{"$ref": f"{PLACE}Base"}, {"$ref": f"{PLACE}Named"}]}
EITHER = {
    "oneOf": [{"$ref": f"{PLACE}Count"}, {"$ref": f"{PLACE}Flag"}],
    "discriminator": {"propertyName": "kind"},
}


def read(operation: dict[str, Any], query: str = "", **more: Any) -> dict[str, Any]:
    return call(compile_operation(operation, schemas=SCHEMAS), query, **more)


def test_property_that_another_part_hides_is_not_required() -> None:
    operation = json_body(NAMED)

    assert read(operation, body=b'{"name":"a"}') == {"body": {"name": "a"}}
    with pytest.raises(InvalidRequest) as caught:
        read(operation, body=b'{"id":1}')
    found = [(each["name"], each["detail"]) for each in caught.value.faults]
    assert sorted(found) == [("", 'lacks "name"'), ("/id", "is read only")]


def test_mark_beside_a_reference_counts_in_3_1() -> None:
    body = {"properties": {"a": {"$ref": f"{PLACE}Count", "readOnly": True}}, "required": ["a"]}
    operation = compile_operation(json_body(body), schemas=SCHEMAS, version="3.1.0")

    assert call(operation, body=b"{}") == {"body": {}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a[kind]=Count&a[value]=1", {"kind": "Count", "value": 1}),
        ("a[kind]=Flag&a[value]=true", {"kind": "Flag", "value": True}),
    ],
)
def test_texts_are_those_of_the_branch(query: str, expected: Any) -> None:
    parameter = in_query("a", EITHER, style="deepObject")
    form = {"requestBody": {"content": {FORM: {"schema": EITHER}}}}
    body = query.replace("a[", "").replace("]", "").encode()

    assert read({"parameters": [parameter]}, query) == {"a": expected}
    assert read(form, body=body, media_type=FORM) == {"body": expected}


def test_object_that_contains_itself_may_be_nested() -> None:
    parameter = in_query("a", {"$ref": f"{PLACE}Node"}, style="deepObject")

    found = read({"parameters": [parameter]}, "a[next][next][value]=1")

    assert found == {"a": {"next": {"next": {"value": 1}}}}


@pytest.mark.parametrize("value", ['{"value":1}', '[{"value":1}]'])
def test_list_of_objects_comes_whole_or_item_by_item(value: str) -> None:
    schema = {"properties": {"all": {"type": "array", "items": {"$ref": f"{PLACE}Node"}}}}
    form = {"requestBody": {"content": {FORM: {"schema": schema}}}}

    found = read(form, body=f"all={quote(value)}".encode(), media_type=FORM)

    assert found == {"body": {"all": [{"value": 1}]}}


CONTENT = {"name": "a", "in": "query", "content": {"application/json": {"schema": {}}}}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("[9223372036854775808]", "must be as the contract says: has an integer of more than 64"),
        ('"%5Cu0000"', "must be as the contract says: has a NUL character"),
        ("[" * 65 + "]" * 65, "must be as the contract says: is nested more than 64 times"),
        ("NaN", "must be as the contract says: is no JSON"),
    ],
)
def test_json_in_a_parameter_is_as_that_in_a_body(text: str, detail: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read({"parameters": [CONTENT]}, f"a={text}")

    [error] = caught.value.faults
    assert error["detail"].startswith(detail)


def test_default_of_a_parameter_has_the_defaults_of_its_properties() -> None:
    schema = {"type": "object", "default": {}, "properties": {"b": {"default": 1}}}

    assert read({"parameters": [in_query("a", schema)]}) == {"a": {"b": 1}}


LIST, MAP = {"type": "array", "items": {}}, {"type": "object", "additionalProperties": INTEGER}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            {"parameters": [in_query("a", {"type": "array", "items": LIST})]},
            "style form cannot write the lists in its lists",
        ),
        (
            {"parameters": [in_query("a", {"type": "array", "items": MAP})]},
            "style form cannot write the objects in it",
        ),
        (
            {"parameters": [in_query("a", {"type": "object", "properties": {"b": MAP}})]},
            "style form cannot write the objects in it",
        ),
        (
            {"parameters": [in_query("a", MAP), in_query("b", MAP)]},
            "query: any name could be a property of a and b",
        ),
        (
            {"requestBody": {"content": {"text/plain": {"schema": INTEGER}}}},
            "a text must be a string",
        ),
        (
            {"requestBody": {"content": {"text/plain": {}, "text/plain; charset=utf-8": {}}}},
            "there are two bodies of text/plain",
        ),
        ({"security": [{"nobody": []}]}, "nobody is none of the security schemes"),
    ],
)
def test_what_no_request_could_say_is_refused(operation: Any, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        compile_operation(operation)

    assert message in str(caught.value)
