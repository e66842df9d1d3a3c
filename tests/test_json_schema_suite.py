"""Schemas of a contract mean what JSON Schema says, by its own test suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from json_schema_suite import Rules, ask, find_suite, report

REFUSED = {
    "$ref [!#]*: there is nothing": "what stands elsewhere is not read here",
    "$ref #[!/]*: there is nothing": "a schema has no other name than its place",
    "*: a default* is not what its schema wants": "a handler would get such a default",
}
OPENAPI_3_1 = Rules(
    version="3.1.0",
    folder="draft2020-12",
    counts=(1713, 75),
    refused={
        **REFUSED,
        "*: $id is no keyword *": "a schema has no other address than its place",
        "*: $dynamicAnchor is no keyword *": "a schema has no other name than its place",
        "*: $dynamicRef is no keyword *": "a reference always leads to the same schema",
    },
    different={
        "format.json: *: invalid * is only an annotation by default": "formats are checked",
        "optional/dependencies-compatibility.json: *": "2020-12 has no such keyword any more",
    },
)
OPENAPI_3_0 = Rules(
    version="3.0.3",
    folder="draft4",
    counts=(675, 52),
    refused={
        **REFUSED,
        "*: patternProperties is no keyword *": "OpenAPI 3.0.3, Schema Object",
        "*/items: a schema must be an object": "OpenAPI 3.0.3, Schema Object: items is no list",
        "*: in OpenAPI 3.0 a type is one word": "OpenAPI 3.0.3, Schema Object: type is no list",
    },
    different={
        "dependencies.json: *": "OpenAPI 3.0.3 has no such keyword",
        "optional/zeroTerminatedFloats.json: *": "1.0 is an integer, as since draft 6",
    },
)


@pytest.fixture(scope="session")
def suite() -> Path:
    """Give the folder of the suite."""
    return find_suite()


@pytest.mark.parametrize("rules", [OPENAPI_3_1, OPENAPI_3_0], ids=lambda rules: rules.version)
def test_schemas_agree_with_the_suite(
    rules: Rules, suite: Path, record_property: Callable[[str, object], None]
) -> None:
    outcome = ask(suite, rules)

    record_property("summary", report(outcome, rules))
    assert outcome.wrong == []
    assert outcome.refused.keys() == rules.refused.keys()
    assert outcome.different.keys() == rules.different.keys()
    assert (outcome.right, outcome.refused.total()) == rules.counts
