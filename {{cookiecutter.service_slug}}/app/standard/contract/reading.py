"""The contract of the service, as it is read, and its operations."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from connexion.http_facts import METHODS


class ContractError(ValueError):
    """The contract has what Connexion would take in silence, and serve wrongly."""


def load_contract(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document.

    Connexion gets a dict because it would render a file as a Jinja template. Raises
    ``ContractError`` for an operationId that stands there twice: Connexion would apply the
    security and the parameters of the last to both. The same goes for operations that a path
    refers to.
    """
    contract: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    for template, item in contract["paths"].items():
        if "$ref" in item:
            raise ContractError(f"{template}: its operations must stand there, not behind a $ref")
    seen: set[str] = set()
    for method, template, operation in operations(contract):
        name = operation.get("operationId", "")
        if not name or name in seen:
            wanted = "is there twice" if name else "is missing"
            raise ContractError(f"operationId {name} of {method.upper()} {template} {wanted}")
        seen.add(name)
    return contract


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the method, the path template with its base path, and the object of each operation."""
    server = (contract.get("servers") or [{"url": ""}])[0]
    variables = {name: given["default"] for name, given in server.get("variables", {}).items()}
    # The path of the first server, as Connexion takes it.
    base = urlsplit(server["url"].format(**variables)).path.rstrip("/")
    for template, item in contract["paths"].items():
        for method in METHODS & item.keys():
            yield method, base + template, item[method]


def concrete_first(contract: dict[str, Any]) -> dict[str, Any]:
    """Return the contract with its paths in the order in which they match.

    Connexion takes the first that does; OpenAPI (3.0.3, Path Templating Matching), like Flask,
    wants a concrete path before a templated one.
    """

    def rank(path: tuple[str, Any]) -> list[tuple[bool, int]]:
        parts = path[0].split("/")
        return [("{" in part, -len(re.sub(r"\{.*?\}", "", part))) for part in parts]

    return {**contract, "paths": dict(sorted(contract["paths"].items(), key=rank))}


def allowed_methods(contract: dict[str, Any], path: str) -> list[str]:
    """Return the methods that the contract has for this path."""
    found = {
        method.upper()
        for method, template, _ in operations(contract)
        if re.fullmatch(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(template)), path)
    }
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
