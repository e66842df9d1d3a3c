"""A contract for a Flask service, of its routes and of what its functions read of requests."""

from __future__ import annotations

from typing import Any

import libcst as cst

from migrate.blueprints import RULE, Route, Routes
from migrate.contract import TO_BE_WRITTEN
from migrate.meanings import Meanings, literal
from migrate.operations import NO_PARAMETERS, Operation, read_parameters
from migrate.readings import CASTS, Reader, Reading
from migrate.source import Source

CONVERTERS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": 0},
    "float": {"type": "number"},
    "path": {"type": "string", "format": "path"},
    "uuid": {"type": "string", "format": "uuid", "x-migrate-type": "UUID"},
}
WITHOUT_BODY = ("get", "delete")


def derive_contract(source: Source, routes: Routes) -> tuple[dict[str, Any], list[Operation]]:
    """Return a contract whose responses are to be written, and its operations."""
    title = source.folder.name.replace("_", " ").replace("-", " ").capitalize()
    paths: dict[str, Any] = {}
    contract = {"openapi": "3.0.3", "info": {"title": title, "version": "0.1.0"}, "paths": paths}
    operations = []
    for route in routes.found:
        path = RULE.sub(r"{\2}", route.rule)
        module = source.modules[route.module]
        readings = _read(Meanings(module.text, module.name, module.is_package), route)
        for method in route.methods:
            if method in paths.setdefault(path, {}):
                routes.left.append(
                    (f"{method.upper()} {path}", "there are two; the first is served")
                )
                continue
            spec = _describe(route, method, readings)
            paths[path][method] = spec
            operation = Operation(method, path, spec, route.module, route.function.name.value)
            operation.parameters = read_parameters(contract, paths[path], spec)
            operation.is_text = _answers_text(route.function)
            operations.append(operation)
    return contract, operations


def _read(meanings: Meanings, route: Route) -> list[Reading]:
    """Return what the function of a route reads of the request."""
    reader, found = Reader(meanings, lambda: ""), list[Reading]()

    class Finder(cst.CSTVisitor):
        def on_visit(self, node: cst.CSTNode) -> bool:
            reading = reader.read(node) if isinstance(node, cst.BaseExpression) else None
            if reading:
                found.append(reading)
            return reading is None

    function = next(
        each
        for each in meanings.tree.body
        if isinstance(each, cst.FunctionDef) and each.name.value == route.function.name.value
    )
    function.body.visit(Finder())
    return found


def _describe(route: Route, method: str, readings: list[Reading]) -> dict[str, Any]:
    parameters: dict[tuple[str, str], dict[str, Any]] = {}
    for converter, name in RULE.findall(route.rule):
        schema = CONVERTERS.get(converter, {"type": "string"})
        given = {"name": name, "in": "path", "required": True, "schema": dict(schema)}
        parameters["path", name] = given
    fields: dict[str, Any] = {}
    body: Reading | None = None
    for each in readings:
        if each.place == "body":
            body = each
        elif each.place == "form":
            fields[each.name] = fields.get(each.name) or each.must
        elif each.place not in ("path", "method") and not (
            each.place == "header" and each.name.lower() in NO_PARAMETERS
        ):
            parameters.setdefault((each.place, each.name), _parameter(each))
    doc = (route.function.get_docstring() or "").split("\n")[0]
    spec: dict[str, Any] = {"summary": doc} if doc else {}
    if parameters:
        spec["parameters"] = [*parameters.values()]
    if method not in WITHOUT_BODY and (body or fields):
        spec["requestBody"] = _body(body, fields)
    spec["responses"] = {"default": {"description": TO_BE_WRITTEN}}
    return spec


def _parameter(reading: Reading) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": CASTS.get(reading.cast, "string")}
    default = literal(reading.default)
    if default is not None and not reading.many:
        schema["default"] = default
    if reading.many:
        schema = {"type": "array", "items": schema}
    given = {"name": reading.name, "in": reading.place, "schema": schema}
    return {**given, "required": True} if reading.must else given


def _body(body: Reading | None, fields: dict[str, bool]) -> dict[str, Any]:
    if body:
        return {"required": body.must, "content": {"application/json": {"schema": {}}}}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in fields},
    }
    if required := [name for name, must in fields.items() if must]:
        schema["required"] = required
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"required": bool(required), "content": content}


def _answers_text(function: cst.FunctionDef) -> bool:
    """Tell whether a function returns a text that stands there, which Flask sends as HTML."""
    found = []

    class Finder(cst.CSTVisitor):
        def visit_Return(self, node: cst.Return) -> None:
            value = node.value
            if isinstance(value, cst.Tuple) and value.elements:
                value = value.elements[0].value
            texts = cst.SimpleString | cst.ConcatenatedString | cst.FormattedString
            if isinstance(value, texts) and cst.Module([]).code_for_node(value) not in ('""', "''"):
                found.append(node)

    function.visit(Finder())
    return bool(found)
