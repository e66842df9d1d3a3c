"""The table of OpenAPI 3.0.3, Parameter Object, Style Examples: what stands in a request, read.

A header is `simple` as a path is, and a cookie a `form` without `explode`.
"""

from typing import Any

import pytest

from app.standard.validation import CompiledOperation, ContractError, InvalidRequest
from tests.standard.compiling import call, compile_operation

NUMBER = {"type": "integer"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "array": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object", "properties": {"R": NUMBER, "G": NUMBER, "B": NUMBER}},
}
VALUES = {
    "empty": "",
    "string": "blue",
    "array": ["blue", "black", "brown"],
    "object": {"R": 100, "G": 200, "B": 150},
}
IN_PATH = ("matrix", "label", "simple")
COLUMNS = ("empty", "string", "array", "object")
# None is where the table has "n/a".
TABLE: list[tuple[str, bool, list[str | None]]] = [
    (
        "matrix",
        False,
        [";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"],
    ),
    (
        "matrix",
        True,
        [";color", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"],
    ),
    ("label", False, [".", ".blue", ".blue.black.brown", ".R.100.G.200.B.150"]),
    ("label", True, [".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
    ("form", False, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (
        "form",
        True,
        ["color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"],
    ),
    ("simple", False, [None, "blue", "blue,black,brown", "R,100,G,200,B,150"]),
    ("simple", True, [None, "blue", "blue,black,brown", "R=100,G=200,B=150"]),
    # The table leaves out "color=", which a query needs and OpenAPI 3.1 has.
    (
        "spaceDelimited",
        False,
        [None, None, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"],
    ),
    ("pipeDelimited", False, [None, None, "color=blue|black|brown", "color=R|100|G|200|B|150"]),
    ("deepObject", True, [None, None, None, "color[R]=100&color[G]=200&color[B]=150"]),
]
CELLS = [
    (style, explode, column, text)
    for style, explode, texts in TABLE
    for column, text in zip(COLUMNS, texts, strict=True)
    if text is not None
]
# What the table does not have, or has otherwise than RFC 6570, on which its styles are built.
BESIDE_THE_TABLE = [
    # RFC 6570, section 3.2.5, has commas where the table has dots.
    ("label", False, "array", ".blue,black,brown", VALUES["array"]),
    ("label", False, "object", ".R,100,G,200,B,150", VALUES["object"]),
    ("label", False, "array", ".1.5,2.5", ["1.5", "2.5"]),
    # An empty text is a list of one empty text: the table does not say what the value was.
    ("form", False, "array", "color=", [""]),
    ("form", True, "array", "color=", [""]),
    ("matrix", False, "array", ";color", [""]),
    ("label", False, "array", ".", [""]),
    # An object of no properties, though; exploded, nothing is left that could stand there.
    ("form", False, "object", "color=", {}),
    ("matrix", False, "object", ";color", {}),
    ("label", False, "object", ".", {}),
    # RFC 6570, section 3.2.7: an empty text needs no =, but may have it.
    ("matrix", False, "string", ";color=", ""),
    # n/a in the table: one text is what it is in any style.
    ("spaceDelimited", False, "string", "color=light%20blue", "light blue"),
    ("pipeDelimited", False, "string", "color=blue|black", "blue|black"),
    # Not in the table: exploded, they are `form`.
    ("spaceDelimited", True, "array", "color=blue&color=black", ["blue", "black"]),
    ("pipeDelimited", True, "array", "color=blue&color=black", ["blue", "black"]),
    # A browser writes a space as + in a query.
    ("spaceDelimited", False, "array", "color=blue+black+brown", VALUES["array"]),
    # What is percent-encoded does not separate: only a space always is, and does.
    ("pipeDelimited", False, "array", "color=blue%7Cblack|brown", ["blue|black", "brown"]),
    ("form", False, "array", "color=blue%2Cblack,brown", ["blue,black", "brown"]),
    ("simple", False, "array", "blue%2Cblack,brown", ["blue,black", "brown"]),
    ("label", True, "array", ".a%2Eb.c", ["a.b", "c"]),
    # Exploded, a comma is of the value.
    ("form", True, "array", "color=a,b&color=c", ["a,b", "c"]),
    ("label", True, "array", ".a,b.c", ["a,b", "c"]),
    ("matrix", True, "array", ";color=a,b;color=c", ["a,b", "c"]),
    ("matrix", True, "object", ";hue=a,b;R=100", {"hue": "a,b", "R": 100}),
    # Brackets may be percent-encoded: they are no separators of a query.
    ("deepObject", True, "object", "color%5BR%5D=100", {"R": 100}),
    # Not in the table: deepObject is what it is.
    ("deepObject", False, "object", "color[R]=100", {"R": 100}),
]


def operation(style: str, explode: bool, column: str) -> CompiledOperation:
    schema = SCHEMAS["string" if column == "empty" else column]
    given = {"name": "color", "schema": schema, "style": style, "explode": explode}
    if style in IN_PATH:
        parameters = [{**given, "in": "path", "required": True}]
        return compile_operation({"parameters": parameters}, template="/things/{color}")
    return compile_operation({"parameters": [{**given, "in": "query"}]})


def read(style: str, explode: bool, column: str, text: str) -> Any:
    compiled = operation(style, explode, column)
    if style in IN_PATH:
        return call(compiled, path=f"/things/{text}")["color"]
    return call(compiled, query=text)["color"]


@pytest.mark.parametrize(("style", "explode", "column", "text"), CELLS)
def test_cell_of_the_table_is_read(style: str, explode: bool, column: str, text: str) -> None:
    assert read(style, explode, column, text) == VALUES[column]


@pytest.mark.parametrize(("style", "explode", "column", "text", "value"), BESIDE_THE_TABLE)
def test_what_the_table_does_not_say_is_read(
    style: str, explode: bool, column: str, text: str, value: Any
) -> None:
    assert read(style, explode, column, text) == value


@pytest.mark.parametrize("column", ["string", "array"])
def test_deep_object_is_for_objects_only(column: str) -> None:
    with pytest.raises(ContractError, match="style deepObject is not for"):
        operation("deepObject", True, column)


@pytest.mark.parametrize(
    ("style", "explode", "column", "text"),
    [
        ("matrix", False, "string", "blue"),
        ("matrix", False, "string", ";colour=blue"),
        ("matrix", False, "array", ";color=blue;color=black"),
        ("label", False, "string", "blue"),
        ("form", False, "array", "color=blue&color=black"),
        ("form", False, "object", "color=R,100,G"),
        ("simple", False, "object", "R,100,G"),
        ("deepObject", True, "object", "color=R,100"),
        ("deepObject", True, "object", "color[R]=100&color[R][G]=1"),
    ],
)
def test_text_of_another_style_is_refused(
    style: str, explode: bool, column: str, text: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(style, explode, column, text)

    assert caught.value.status == 400
