from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.standard.contract import ContractError, load_contract
from app.standard.contract.compiling import concrete_first
from tests.standard.probe import PROBE_CONTRACT


def test_operation_id_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec = PROBE_CONTRACT.read_text("utf-8")
    spec_file.write_text(spec.replace("probe.conflict", "probe.nothing"), "utf-8")

    with pytest.raises(
        ContractError, match=r"operationId tests.standard.probe.nothing of GET /nothing"
    ):
        load_contract(spec_file)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec_file.write_text("paths: { /a: { $ref: other.yml } }", "utf-8")

    with pytest.raises(ContractError, match=r"other.yml: it cannot be read"):
        load_contract(spec_file)


def test_concrete_path_matches_before_a_templated_one() -> None:
    paths = ["/{a}", "/{a}/b", "/{a}.txt", "/a/{b}", "/a", "/a/b-{c}", "/a/b"]

    operations: Any = [SimpleNamespace(template=path, method="GET") for path in paths]

    found = concrete_first(operations)

    assert [each.template for each in found] == ["/a", "/a/b", "/a/b-{c}", "/a/{b}", "/{a}.txt", "/{a}", "/{a}/b"]


PARTS = {
    "api.yml": """
        openapi: 3.0.3
        info: { title: Parts, version: "1" }
        paths:
          x-owner: nobody
          /a:
            get:
              operationId: a
              x-lint: { $ref: nowhere.yml }
              responses: { default: { $ref: "parts.yml#/Error" } }
            post:
              operationId: b
              requestBody:
                content:
                  application/json:
                    schema: { $ref: "parts.yml#/Thing" }
                    examples: { one: { value: { $ref: nowhere.yml } } }
              responses: { default: { description: "" } }
    """,
    "parts.yml": """
        Error: { description: "", content: { application/json: { schema: { $ref: "#/Thing" } } } }
        Thing:
          properties:
            default: { $ref: "#/Number" }
            example: { $ref: "#/Number" }
            x-y: { $ref: "#/Number" }
            $ref: { $ref: "#/Number" }
          enum: [{ $ref: nowhere.yml }]
        Number: { type: integer }
    """,
}


def test_references_are_told_from_names_and_values(tmp_path: Path) -> None:
    for name, text in PARTS.items():
        (tmp_path / name).write_text(text, "utf-8")

    contract = load_contract(tmp_path / "api.yml")

    number = {"$ref": "#/x-files/parts.yml/Number"}
    thing = contract["x-files"]["parts.yml"]["Thing"]
    assert thing["properties"] == dict.fromkeys(("default", "example", "x-y", "$ref"), number)
    assert thing["enum"] == [{"$ref": "nowhere.yml"}]
    found = contract["paths"]["/a"]["get"]
    assert found["responses"]["default"] == {"$ref": "#/x-files/parts.yml/Error"}
    assert found["x-lint"] == {"$ref": "nowhere.yml"}
    assert [*contract["paths"]] == ["/a"]
