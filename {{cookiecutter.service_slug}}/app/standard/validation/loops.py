"""Schemas that contain themselves with nothing between, and so never come to an end.

JSON Schema 2020-12 (Core), section 9.4.1.
"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from app.standard.validation.references import ContractError


def refuse_loops(definitions: dict[str, Any], references: dict[str, str]) -> None:
    """Raise ``ContractError`` for a loop, with the reference behind one of its definitions."""
    graph = {name: {*_named_in_place(node)} for name, node in definitions.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise ContractError(f"$ref {references[error.args[1][0]]}: it leads to itself") from None


def _named_in_place(node: Any) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        yield node["$ref"].rpartition("/")[2]
    parts = [each for key in ("allOf", "anyOf", "oneOf") for each in node.get(key, [])]
    parts += node.get("dependentSchemas", {}).values()
    for part in [*parts, *(node.get(key) for key in ("not", "if", "then", "else"))]:
        yield from _named_in_place(part)
