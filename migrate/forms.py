"""Forms: each field was an argument, and is a property of the body."""

from __future__ import annotations

import libcst as cst

from migrate.operations import Document, Operation


def default_of(parameter: cst.Param | None) -> str | None:
    """Return the default of an argument, as code."""
    if parameter is None or parameter.default is None:
        return None
    return cst.Module([]).code_for_node(parameter.default)


def read_fields(operation: Operation, old: dict[str, cst.Param]) -> list[str]:
    """Return what makes the fields of a form the names that the old handler had."""
    lines = []
    for name in operation.fields:
        if (given := old.get(name)) is not None:
            default = default_of(given)
            more = f", {default}" if default else ""
            is_needed = default is None and name in _required(operation)
            value = f'body["{name}"]' if is_needed else f'body.get("{name}"{more})'
            lines.append(f"{name} = {value}")
    return lines


def _required(operation: Operation) -> list[str]:
    required: list[str] = _body(operation).get("required", [])
    return required


def list_files(operation: Operation) -> list[str]:
    """Return the fields that are files."""
    properties: Document = _body(operation).get("properties", {}) if operation.fields else {}
    return [name for name, each in properties.items() if "binary" in str(each)]


def _body(operation: Operation) -> Document:
    return next(each.schema for each in operation.parameters if each.place == "body")
