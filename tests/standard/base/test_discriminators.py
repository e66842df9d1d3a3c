"""A discriminator chooses, however the schemas are put together (OpenAPI 3.0.3)."""

from typing import Any

import pytest

from app.standard.validation import InvalidRequest
from tests.standard.compiling import call, compile_operation, json_body

PLACE = "#/components/schemas/"
KIND = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
CHOOSES = {**KIND, "discriminator": {"propertyName": "kind"}}


def refer(name: str) -> dict[str, str]:
    return {"$ref": f"{PLACE}{name}"}


def heir(parent: str, name: str) -> dict[str, Any]:
    own = {"type": "object", "required": [name], "properties": {name: {"type": "integer"}}}
    return {"allOf": [refer(parent), own]}


SCHEMAS = {
    # One that its heirs alone know, and one that also names them.
    "Animal": CHOOSES,
    "Marsh": {
        "discriminator": {"propertyName": "kind", "mapping": {"Duck": f"{PLACE}Duck"}},
    },
    "Bird": heir("Animal", "wings"),
    "Fish": heir("Animal", "fins"),
    "Pet": {**CHOOSES, "oneOf": [refer("Cat"), refer("Dog")]},
    "Cat": {"allOf": [refer("Pet"), {"properties": {"lives": {"default": 9}}}]},
    "Dog": heir("Pet", "legs"),
    # Heirs of heirs, within an allOf of their own, and what chooses again, by another property.
    "Penguin": heir("Bird", "depth"),
    "Duck": {"allOf": [{"allOf": [refer("Marsh")]}, {"required": ["bill"]}]},
    "Any": {**CHOOSES, "oneOf": [refer("Size"), refer("Cat")]},
    "Size": {
        "required": ["size"],
        "discriminator": {"propertyName": "size"},
        "oneOf": [refer("Small"), refer("Large")],
    },
    "Small": {"type": "object", "required": ["width"]},
    "Large": {"type": "object"},
}
ANIMAL = {"nullable": True, "allOf": [refer("Animal")]}
PET = {"nullable": True, "allOf": [refer("Pet")]}


def read(schema: Any, body: bytes) -> Any:
    return call(compile_operation(json_body(schema), schemas=SCHEMAS), body=body)["body"]


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (refer("Animal"), b'{"kind":"Bird","wings":2}', {"kind": "Bird", "wings": 2}),
        (ANIMAL, b'{"kind":"Bird","wings":2}', {"kind": "Bird", "wings": 2}),
        (ANIMAL, b"null", None),
        (refer("Marsh"), b'{"kind":"Duck","bill":1}', {"kind": "Duck", "bill": 1}),
        (refer("Any"), b'{"kind":"Size","size":"Large"}', {"kind": "Size", "size": "Large"}),
        (refer("Bird"), b'{"kind":"Bird","wings":2}', {"kind": "Bird", "wings": 2}),
        (refer("Pet"), b'{"kind":"Dog","legs":4}', {"kind": "Dog", "legs": 4}),
        (PET, b'{"kind":"Dog","legs":4}', {"kind": "Dog", "legs": 4}),
        (PET, b'{"kind":"Cat"}', {"kind": "Cat", "lives": 9}),
        (refer("Dog"), b'{"kind":"Dog","legs":4}', {"kind": "Dog", "legs": 4}),
    ],
)
def test_what_was_chosen_is_taken(schema: Any, body: bytes, expected: Any) -> None:
    assert read(schema, body) == expected


@pytest.mark.parametrize(
    ("schema", "body", "name", "detail"),
    [
        (refer("Animal"), b'{"kind":"Fish","wings":2}', "", 'lacks "fins"'),
        (ANIMAL, b'{"kind":"Fish","wings":2}', "", 'lacks "fins"'),
        (ANIMAL, b'{"kind":"Cow"}', "/kind", 'is not one of "Bird", "Fish" or "Penguin"'),
        (ANIMAL, b"[]", "", 'is not of type "object"'),
        (refer("Any"), b'{"kind":"Size","size":"Small"}', "", 'lacks "width"'),
        (refer("Bird"), b'{"kind":"Bird"}', "", 'lacks "wings"'),
        (refer("Pet"), b'{"kind":"Dog"}', "", 'lacks "legs"'),
        (PET, b'{"kind":"Cow"}', "/kind", 'is not one of "Cat" or "Dog"'),
    ],
)
def test_errors_are_those_of_what_was_chosen(
    schema: Any, body: bytes, name: str, detail: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(schema, body)

    [error] = caught.value.faults
    assert (error["name"], error["detail"]) == (name, detail)
