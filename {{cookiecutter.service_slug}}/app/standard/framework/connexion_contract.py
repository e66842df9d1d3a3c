"""What Connexion needs to know of the contract: paths, operations and security."""

import itertools
import re
from typing import Any

from app.standard import contract as contracts
from app.standard.contract import CompiledOperation, Operations
from app.standard.validation import follow

ANSWERS = {"default": {"description": "As the contract says"}}


def for_connexion(contract: dict[str, Any], operations: Operations) -> dict[str, Any]:
    """Return the contract with no more than Connexion needs.

    It takes no OpenAPI 3.1 (https://github.com/spec-first/connexion/pull/1951), changes what
    YAML's aliases share, and would check requests again.
    """
    schemes = contract.get("components", {}).get("securitySchemes", {}).items()
    specs = {spec["operationId"]: spec for _, _, spec in contracts.operations(contract)}
    paths: dict[str, Any] = {}
    for name, operation in operations.items():
        paths.setdefault(_plain(operation.template), {})[operation.method.lower()] = {
            "operationId": name,
            "parameters": _in_path(operation),
            "responses": ANSWERS,
            **({"security": specs[name]["security"]} if "security" in specs[name] else {}),
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": str(contract["info"].get("title")), "version": "1"},
        "servers": [{"url": "/"}],
        "security": contract.get("security", []),
        "components": {"securitySchemes": {k: follow(contract, v) for k, v in schemes}},
        "paths": paths,
    }


def _plain(template: str) -> str:
    """Return the path with names that each router takes; the operation reads the parts itself."""
    count = itertools.count()
    return re.sub(r"\{[^{}]*\}", lambda _: "{" + _name_in_path(next(count)) + "}", template)


def _name_in_path(index: int) -> str:
    return f"part_{index}"


def _in_path(operation: CompiledOperation) -> list[dict[str, Any]]:
    wide = {p.name for p in operation.parameters.values() if p.place == "path" and p.is_wide}
    return [
        {
            "name": _name_in_path(index),
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | ({"format": "path"} if name in wide else {}),
        }
        for index, name in enumerate(operation.names_in_path)
    ]
