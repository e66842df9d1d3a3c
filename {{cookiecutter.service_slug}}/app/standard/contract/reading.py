"""The contract of the service, as it is read, and its operations."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import connexion
from connexion.http_facts import METHODS
from jsonschema_rs import Draft4Validator, ValidationError

from app.standard.contract.documents import read_document
from app.standard.validation import ContractError, follow

SCHEMA_OF_3_0 = Path(connexion.__file__).parent / "resources/schemas/v3.0/schema.json"
VERSION = re.compile(r"3\.[01]\.\d+")


def load_contract(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document, and the files that it refers to.

    Raises ``ContractError`` for an operationId that is missing or stands there twice: it is how
    a request finds its security and its handler.
    """
    contract = read_document(path)
    if not VERSION.fullmatch(str(contract.get("openapi"))):
        raise ContractError("openapi must be a version of 3.0 or 3.1, such as 3.0.3")
    _check_form(contract)
    contract["paths"] = {
        template: _whole(contract, item) for template, item in contract.get("paths", {}).items()
    }
    seen: set[str] = set()
    for method, template, operation in operations(contract):
        name = operation.get("operationId", "")
        if not name or name in seen:
            wanted = "is there twice" if name else "is missing"
            raise ContractError(f"operationId {name} of {method.upper()} {template} {wanted}")
        seen.add(name)
    return contract


def _check_form(contract: dict[str, Any]) -> None:
    """Refuse a document that is none of OpenAPI 3.0; of 3.1, the paths are checked one by one."""
    if not str(contract["openapi"]).startswith("3.0"):
        return
    schema = json.loads(SCHEMA_OF_3_0.read_text("utf-8"))
    if found := _deepest(Draft4Validator(schema, mask="it").iter_errors(contract)):
        place = "/".join(map(str, found.instance_path))
        raise ContractError(f"{place or 'the contract'}: {found.message}")


def _deepest(errors: Iterable[ValidationError]) -> ValidationError | None:
    """Return the error that is nearest to the mistake, in a branch of oneOf, too."""
    found: list[ValidationError] = []
    for error in errors:
        branches = getattr(error.kind, "context", [])
        below = (_deepest(each for each in branch) for branch in branches)
        found += [error, *filter(None, below)]
    # Nearly everything may be a reference instead: that it is none tells nothing.
    found = [error for error in found if error.message != '"$ref" is a required property'] or found
    return max(found, key=lambda error: len(error.instance_path), default=None)


def _whole(contract: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in item.items() if key != "$ref"}
    return {**follow(contract, item), **own} if "$ref" in item else item


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the method, the path template with its base path, and the object of each operation."""
    base = base_path(contract)
    for template, item in contract["paths"].items():
        for method in METHODS & item.keys():
            yield method, base + template, item[method]


def base_path(contract: dict[str, Any]) -> str:
    """Return the path of the first server, as Connexion takes it."""
    server = (contract.get("servers") or [{"url": ""}])[0]
    variables = {name: given["default"] for name, given in server.get("variables", {}).items()}
    return str(urlsplit(server["url"].format(**variables)).path).rstrip("/")


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
