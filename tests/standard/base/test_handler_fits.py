"""A handler that takes what the contract gives never stops the start, whatever its types are."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, InitVar, field
from dataclasses import dataclass as plain_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from inspect import Parameter, Signature
from typing import Annotated, Any, ClassVar, Literal, NewType, NotRequired
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from typing_extensions import TypeAliasType, TypedDict

from app.standard.validation import ContractError, InvalidRequest, Upload
from tests.standard.compiling import call, compile_operation, in_query, json_body

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
DAY = {"type": "string", "format": "date"}
ID = {"type": "string", "format": "uuid"}
COLOUR = {"type": "string", "enum": ["red", "blue"]}
THING: dict[str, Any] = {
    "type": "object",
    "required": ["x"],
    "properties": {"x": INTEGER, "y": TEXT},
}
PLACE = "#/components/schemas/"
BRANCHES = {"oneOf": [{"$ref": f"{PLACE}Cat"}, {"$ref": f"{PLACE}Dog"}]}
SCHEMAS: dict[str, Any] = {
    "Cat": {"type": "object", "required": ["lives"], "properties": {"lives": INTEGER}},
    "Dog": {"type": "object", "required": ["name"], "properties": {"name": TEXT}},
    "Animal": BRANCHES,
    "Tree": {
        "type": "object",
        "properties": {"of": {"type": "array", "items": {"$ref": f"{PLACE}Tree"}}},
    },
}


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


@plain_dataclass
class Base:
    x: int


@plain_dataclass
class Heir(Base):
    kind: ClassVar[str] = "heir"
    _: KW_ONLY
    y: str = field(default_factory=str)
    z: InitVar[int] = 0

    def __post_init__(self, z: int) -> None:
        if self.x < z:
            raise ValueError("x is less than z")


@plain_dataclass
class Cat:
    lives: int


@plain_dataclass
class Dog:
    name: str


@plain_dataclass
class Tree:
    of: "list[Tree]" = field(default_factory=list)


@plain_dataclass
class Lost:
    x: "Nowhere"  # type: ignore[name-defined]  # noqa: F821


class Model(BaseModel):
    number: int = Field(alias="x")
    text: str | None = Field(None, validation_alias="y")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: int


class Typed(TypedDict):
    x: int
    y: NotRequired[str]


@plain_dataclass
class Sent:
    file: Upload
    note: str = ""


@plain_dataclass
class SentWrong:
    file: str


@plain_dataclass
class Pair:
    a: Cat | None = None
    b: Dog | None = None


Number = TypeAliasType("Number", int)
Key = NewType("Key", int)


def takes(annotation: Any, name: str = "a") -> Any:
    """Return a handler with an argument of this type."""

    async def handler(**_arguments: Any) -> None: ...

    argument = Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation)
    handler.__signature__ = Signature([argument])  # type: ignore[attr-defined]
    return handler


def body_of(media_type: str, schema: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


FILE = {"file": {"type": "string", "format": "binary"}}
FORM = {"properties": {**FILE, "note": TEXT}}
UPLOAD = body_of("multipart/form-data", {**FORM, "required": ["file"]})


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Colour, COLOUR),
        (Colour, {"oneOf": [{"type": "string", "enum": [each]} for each in ("red", "blue")]}),
        (Literal["red", "blue", "green"], COLOUR),
        (Size, {"type": "integer", "enum": [1, 2]}),
        (Decimal, {"type": "number"}),
        (Decimal, TEXT),
        (float, INTEGER),
        (int | None, INTEGER),
        (Key, INTEGER),
        (Number, INTEGER),
        (date | UUID, {"oneOf": [DAY, ID]}),
        (str, {"type": "string", "anyOf": [{"minLength": 2}, {"pattern": "^a"}]}),
        (SecretStr, {"type": "string", "format": "password"}),
        (SecretStr, TEXT),
        (Annotated[int, Field(ge=1)], {"type": "integer", "minimum": 1}),
        (Sequence[Any], {"type": "array", "items": INTEGER}),
        (list[Colour], {"type": "array", "items": COLOUR}),
        (tuple[int, ...], {"type": "array", "items": INTEGER}),
    ],
)
def test_type_of_a_parameter_fits(annotation: Any, schema: Any) -> None:
    compile_operation({"parameters": [in_query("a", schema, required=True)]}, takes(annotation))


@pytest.mark.parametrize(
    ("annotation", "operation"),
    [
        *(
            (each, json_body(THING, required=True))
            for each in (Heir, Model, Open, Typed, dict, dict[str, Any], dict[str, int | str])
        ),
        (Heir, json_body({k: v for k, v in THING.items() if k != "type"}, required=True)),
        (Tree, json_body({"$ref": f"{PLACE}Tree"}, required=True)),
        (Cat | Dog, json_body(BRANCHES, required=True)),
        (Cat | Dog | None, json_body({"allOf": [BRANCHES]})),
        (Cat | Dog, json_body({"$ref": f"{PLACE}Animal"}, required=True)),
        (Cat | Dog | None, json_body({**BRANCHES, "nullable": True}, required=True)),
        (
            Dog,
            json_body(
                {
                    "type": "object",
                    "required": ["id", "name"],
                    "properties": {"id": {"type": "integer", "readOnly": True}, "name": TEXT},
                },
                required=True,
            ),
        ),
        (bytes, body_of("application/pdf", {})),
        (str, body_of("text/plain", {})),
        (dict[str, Any], body_of("application/x-www-form-urlencoded", {})),
        (Sent, UPLOAD),
    ],
)
def test_type_of_a_body_fits(annotation: Any, operation: Any) -> None:
    compile_operation(operation, takes(annotation, "body"), schemas=SCHEMAS)


@pytest.mark.parametrize(
    ("annotation", "operation", "message"),
    [
        (dict[str, int], json_body(THING, required=True), "of y, it may be string"),
        (SentWrong, UPLOAD, "it may have note"),
        (
            SentWrong,
            body_of("multipart/form-data", {"properties": FILE, "required": ["file"]}),
            "of file, it may be a file",
        ),
        (str, body_of("application/pdf", {}), "it is bytes"),
        (Lost, json_body(THING, required=True), "the types of the handler cannot be read"),
        (Cat, json_body(BRANCHES, required=True), "it may have name"),
        (Cat, json_body({"$ref": f"{PLACE}Animal"}, required=True), "it may have name"),
        (Cat | Dog, json_body({**BRANCHES, "nullable": True}, required=True), "it may be null"),
        (
            Pair,
            json_body(
                {
                    "type": "object",
                    "properties": {"a": {"$ref": f"{PLACE}Cat"}, "b": {"$ref": f"{PLACE}Cat"}},
                },
                required=True,
            ),
            "of b, it may have lives",
        ),
    ],
)
def test_type_of_a_body_that_does_not_fit_is_named(
    annotation: Any, operation: Any, message: str
) -> None:
    with pytest.raises(ContractError) as caught:
        compile_operation(operation, takes(annotation, "body"), schemas=SCHEMAS)

    assert message in str(caught.value)


def test_integers_that_an_enum_has_not_are_named() -> None:
    parameter = in_query("a", {"type": "integer", "enum": [1, 3]}, required=True)

    with pytest.raises(ContractError, match="it may be 3"):
        compile_operation({"parameters": [parameter]}, takes(Size))


GROUP = {
    "parameters": [in_query("x", INTEGER, required=True), in_query("y"), in_query("z", INTEGER)]
}


async def _two(one: Heir, other: Base, x: int) -> None: ...


def test_parameters_are_given_to_all_that_want_them() -> None:
    found = call(compile_operation(GROUP, _two), "x=5&y=a&z=1")

    assert found == {"one": Heir(5, y="a"), "other": Base(5), "x": 5}


def test_dataclass_may_refuse_its_parameters() -> None:
    operation = compile_operation(GROUP, takes(Heir))

    with pytest.raises(InvalidRequest) as caught:
        call(operation, "x=1&z=2")

    assert caught.value.faults == [
        {"in": "query", "name": "", "detail": "Value error, x is less than z"}
    ]


def test_inherited_field_is_checked() -> None:
    parameters = [in_query("x", required=True), *GROUP["parameters"][1:]]

    with pytest.raises(ContractError, match="x is int to the handler, but it may be string"):
        compile_operation({"parameters": parameters}, takes(Heir))
