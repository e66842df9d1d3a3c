"""A document that is none of OpenAPI stops the start, with the place and without a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.standard.contract import ContractError, load_contract
from app.standard.contract.reading import base_path, path_of

GOOD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Form", "version": "1"},
    "paths": {"/a": {"get": {"operationId": "a"}}},
}


def load(folder: Path, contract: Any) -> dict[str, Any]:
    (folder / "api.yml").write_text(json.dumps(contract), "utf-8")
    return load_contract(folder / "api.yml")


def with_parameter(**parameter: Any) -> dict[str, Any]:
    operation = {"operationId": "a", "parameters": [parameter], "responses": {"default": {}}}
    return {"/a": {"get": operation}}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"paths": None}, 'paths: it is not of type "object"'),
        ({"paths": {"/a": None}}, 'paths//a: it is not of type "object"'),
        ({"paths": {"/a": {"get": []}}}, 'paths//a/get: it is not of type "object"'),
        ({"paths": with_parameter(name=3)}, 'parameters/0/name: it is not of type "string"'),
        (
            {"paths": with_parameter(name="a", **{"in": "query"}, content={})},
            "parameters/0/content: it has less than 1 property",
        ),
        ({"paths": {"a": {}}}, "paths: Additional properties are not allowed ('a' was unexpected)"),
        ({"servers": [{}]}, 'servers/0: "url" is a required property'),
        ({"servers": [{"url": "/{stage}"}]}, "servers: stage in /{stage} has no default"),
        ({"info": {"version": "1"}}, 'info: "title" is a required property'),
    ],
)
def test_mistake_is_named_with_its_place(
    tmp_path: Path, version: str, changes: Any, message: str
) -> None:
    operation = {"operationId": "a", "responses": {"default": {"description": ""}}}
    contract = {**GOOD, "paths": {"/a": {"get": operation}}, "openapi": version, **changes}

    with pytest.raises(ContractError) as caught:
        load(tmp_path, contract)

    assert message in str(caught.value)


def test_what_only_3_1_has_is_no_mistake(tmp_path: Path) -> None:
    schemas = {"Any": True, "None": False, "Texts": {"type": ["string", "null"]}}
    more = {"webhooks": {}, "jsonSchemaDialect": "x", "components": {"schemas": schemas}}
    described = {"$ref": "#/components/schemas/Any", "description": "beside a reference"}
    paths = {"/a": {"get": {"operationId": "a", "requestBody": described}}}

    assert load(tmp_path, {**GOOD, **more, "paths": paths})["components"]["schemas"] == schemas


def test_alias_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "api.yml").write_text("paths: &paths { /a: *paths }", "utf-8")

    with pytest.raises(ContractError, match=r"api.yml: it is nested without end"):
        load_contract(tmp_path / "api.yml")


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ({"url": "/"}, "/"),
        ({"url": "api/v1/"}, "/api/v1"),
        ({"url": "./"}, "/"),
        ({"url": "https://x.example"}, "/"),
        (
            {
                "url": "{scheme}://x.example/{stage}/",
                "variables": {"scheme": {"default": "https"}, "stage": {"default": "v1"}},
            },
            "/v1",
        ),
    ],
)
def test_base_path_is_that_of_the_first_server(server: dict[str, Any], path: str) -> None:
    assert path_of(server) == path
    assert base_path({"servers": [server, {"url": "/other"}]}) == path.rstrip("/")
