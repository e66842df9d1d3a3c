"""What the page makes of a contract."""

from typing import Any

import pytest

from app.standard.contract import ContractError
from app.standard.page.operations import shown_operations

ROW: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
CSV: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}}
COLOUR = {"name": "colour", "in": "query", "schema": {"type": "string"}}


def list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "array", "items": items}}}


def operation(name: str, content: dict[str, Any], *parameters: Any, **more: Any) -> dict[str, Any]:
    responses = {"200": {"description": "Rows", "content": content}}
    return {"operationId": name, "parameters": [*parameters], "responses": responses, **more}


def shown(paths: dict[str, Any], **contract: Any) -> list[dict[str, Any]]:
    return shown_operations({"paths": {path: {"get": op} for path, op in paths.items()}} | contract)


def field(parameter: dict[str, Any], **contract: Any) -> dict[str, Any]:
    given = {"name": "size", "in": "query", **parameter}
    path = "/things/{size}" if given["in"] == "path" else "/things"
    [found] = shown({path: operation("a", CSV, given)}, **contract)
    result: dict[str, Any] = found["fields"][0]
    return result


def test_lists_of_objects_and_exports_are_shown() -> None:
    paths = {
        "/things": operation("a", list_of(ROW)),
        "/names": operation("b", list_of({"type": "string"})),
        "/thing": operation("c", {"application/json": {"schema": ROW}}),
        "/things-csv": operation("d", {"text/csv; charset=utf-8": {}}, summary="Export things"),
        "/old": operation("e", CSV, deprecated=True),
        "/hidden": operation("f", CSV, **{"x-page": False}),
        "/page": operation("g", {"text/html": {}}),
    }

    assert [(each["title"], each["kind"]) for each in shown(paths)] == [
        ("/things", "json"),
        ("Export things", "csv"),
    ]
    assert shown_operations({"paths": {"/things": {"post": operation("a", CSV)}}}) == []


def test_addresses_are_those_of_the_contract_seen_from_the_page() -> None:
    paths = {"/tŷ a/{size}": operation("a", CSV, {"name": "size", "in": "path", "schema": {}})}

    [found] = shown(paths, servers=[{"url": "https://example.org/v1"}])

    assert found["address"] == "../v1/t%C5%B7%20a/{size}"


def test_list_and_export_of_the_same_filters_are_one() -> None:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    paths = {
        "/things": operation("a", list_of(ROW), COLOUR, limit, tags=["things"]),
        "/things-csv": operation("b", CSV, COLOUR, tags=["things"]),
    }
    assert [each["kind"] for each in shown(paths)] == ["csv"]

    paths["/others-csv"] = operation("c", CSV, COLOUR, tags=["things"])
    assert [each["kind"] for each in shown(paths)] == ["json", "csv", "csv"]


def test_list_and_export_of_other_things_are_two() -> None:
    for parameters in ([COLOUR], []):
        paths = {
            "/things": operation("a", list_of(ROW), *parameters),
            "/others-csv": operation("b", CSV),
        }
        assert [each["kind"] for each in shown(paths)] == ["json", "csv"]

    tagged = {
        "/things": operation("a", list_of(ROW), COLOUR, tags=["things"]),
        "/others-csv": operation("b", CSV, COLOUR, tags=["others"]),
    }
    assert len(shown(tagged)) == 2


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "boolean"}, {"kind": "boolean"}),
        ({"type": "string", "format": "date"}, {"kind": "date"}),
        ({"type": "string", "format": "date-time"}, {"kind": "date-time"}),
        ({"type": "string", "maxLength": 9}, {"kind": "text", "maxLength": 9}),
        ({"type": "integer", "minimum": 1, "maximum": 5}, {"kind": "integer", "min": 1, "max": 5}),
        ({"type": "number", "default": 0.5}, {"kind": "number", "default": ["0.5"]}),
        ({"enum": ["a", 1]}, {"kind": "choice", "choices": ["a", "1"]}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"kind": "choice", "choices": ["a"]}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"kind": "integer"}),
        ({"allOf": [{"type": "boolean"}, {"title": "Big"}]}, {"kind": "boolean", "label": "Big"}),
        ({"$ref": "#/components/schemas/Size"}, {"kind": "choice", "choices": ["S", "M"]}),
        ({"type": "array", "items": {"type": "integer"}}, {"kind": "texts"}),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "default": ["a"]},
            {"kind": "choices", "choices": ["a", "b"], "default": ["a"]},
        ),
    ],
)
def test_field_fits_its_schema(schema: dict[str, Any], wanted: dict[str, Any]) -> None:
    components = {"schemas": {"Size": {"type": "string", "enum": ["S", "M"]}}}

    found = field({"schema": schema}, components=components)

    assert found.items() >= wanted.items()
    assert "separator" not in found


@pytest.mark.parametrize(
    ("parameter", "separator"),
    [
        ({}, None),
        ({"style": "form", "explode": True}, None),
        ({"style": "pipeDelimited", "explode": True}, None),
        ({"explode": False}, ","),
        ({"style": "pipeDelimited"}, "|"),
        ({"style": "spaceDelimited"}, "%20"),
        ({"in": "path"}, ","),
    ],
)
def test_list_is_sent_as_the_contract_says(
    parameter: dict[str, Any], separator: str | None
) -> None:
    schema = {"type": "array", "items": {"type": "string"}}

    assert field({**parameter, "schema": schema}).get("separator") == separator


def test_what_no_field_gives_is_left_out_where_it_may_be_absent() -> None:
    nested = {"name": "a", "in": "query", "schema": {"type": "object"}}
    header = {"name": "b", "in": "header", "schema": {"type": "string"}}
    old = COLOUR | {"name": "old", "deprecated": True}
    given = [COLOUR, nested, header, old]

    [found] = shown({"/things": operation("a", CSV, *given)})
    assert [each["name"] for each in found["fields"]] == ["colour"]

    for each in (nested, header):
        assert shown({"/things": operation("a", CSV, each | {"required": True})}) == []


def test_parameters_of_the_path_item_count() -> None:
    item = {"parameters": [COLOUR], "get": operation("a", CSV, COLOUR | {"description": "Own"})}

    [found] = shown_operations({"paths": {"/things": item}})

    assert [each["hint"] for each in found["fields"]] == ["Own"]


def test_values_come_from_a_list_of_texts() -> None:
    names = operation("names", list_of({"type": "string"}))
    many = COLOUR | {"schema": {"type": "array", "items": {"type": "string"}}}
    asking = [each | {"x-values": "names"} for each in (COLOUR, many | {"name": "colours"})]

    [found] = shown({"/things": operation("a", CSV, *asking), "/names": names})

    kinds = [(each["kind"], each["values"]) for each in found["fields"]]
    assert kinds == [("choice", "../names"), ("choices", "../names")]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nothing", "x-values must be the operationId of a GET, and nothing is none"),
        (["names"], "x-values must be the operationId of a GET"),
        ("things", "x-values, things must give a list of texts, at one address"),
        ("some", "x-values, some must give a list of texts, at one address"),
    ],
)
def test_values_from_elsewhere_are_refused(name: Any, complaint: str) -> None:
    paths = {
        "/things": operation("things", list_of(ROW)),
        "/names/{of}": operation("some", list_of({"type": "string"})),
        "/csv": operation("a", CSV, COLOUR | {"x-values": name}),
    }

    with pytest.raises(ContractError, match=rf"^GET /csv, 'colour': {complaint}"):
        shown(paths)


def test_extension_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(ContractError, match=r"^GET /things: x-page must be true or false$"):
        shown({"/things": operation("a", CSV, **{"x-page": "no"})})


# {% if cookiecutter.use_auth %}
def test_roles_are_told() -> None:
    paths = {
        "/things": operation("a", CSV),
        "/news": operation("b", CSV, security=[]),
        "/others": operation("c", CSV, security=[{"oauth2": ["b", "a"]}, {"oauth2": ["c"]}]),
    }

    found = shown(paths, security=[{"oauth2": []}])

    assert [(each["secured"], each["roles"]) for each in found] == [
        (True, []),
        (False, []),
        (True, ["a", "b", "c"]),
    ]


# {% endif %}
def test_schema_that_leads_to_itself_ends() -> None:
    schemas = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}], "type": "string"}}

    found = field({"schema": {"$ref": "#/components/schemas/A"}}, components={"schemas": schemas})

    assert found["kind"] == "text"
