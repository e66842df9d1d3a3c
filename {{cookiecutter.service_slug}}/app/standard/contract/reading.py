"""The contract of the service, as it is read, and its operations."""

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from typing import Any
from urllib.parse import urlsplit

from app.standard.contract.documents import read_document
from app.standard.contract.form import check_form
from app.standard.contract.paths import decoded, read_paths
from app.standard.validation import ContractError, follow

# OpenAPI 3.0.3, Path Item Object.
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
VERSION = re.compile(r"3\.[01]\.\d+")


def load_contract(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document, and the files that it refers to.

    Raises ``ContractError`` for an operationId that is missing or stands there twice: it is how
    a request finds its security and its handler.
    """
    contract = read_document(path)
    if not VERSION.fullmatch(str(contract.get("openapi"))):
        raise ContractError("openapi must be a version of 3.0 or 3.1, such as 3.0.3")
    check_form(contract)
    given = {name: each for name, each in contract.get("paths", {}).items() if name[:2] != "x-"}
    whole = {template: _whole(contract, item) for template, item in given.items()}
    contract["paths"] = read_paths(whole)
    if any("$ref" in item for item in given.values()):
        # What stands behind it has not been looked at.
        check_form(contract)
    _check_servers(contract)
    seen: set[str] = set()
    for method, template, operation in operations(contract):
        name = operation.get("operationId", "")
        if not name or name in seen:
            wanted = "is there twice" if name else "is missing"
            raise ContractError(f"operationId {name} of {method.upper()} {template} {wanted}")
        seen.add(name)
    return contract


def _whole(contract: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in item.items() if key != "$ref"}
    return {**follow(contract, item), **own} if "$ref" in item else item


def _check_servers(contract: dict[str, Any]) -> None:
    """Refuse addresses at which nothing would be."""
    paths = sorted({path_of(server) for server in contract.get("servers", [])})
    if len(paths) > 1:
        shown = " and ".join(paths)
        raise ContractError(f"servers: all operations are below one path, and not below {shown}")
    for template, item in contract["paths"].items():
        if any("servers" in each for each in (item, *(item[m] for m in METHODS & item.keys()))):
            raise ContractError(f"{template}: servers stand at the top, for all operations alike")


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the method, the path template with its base path, and the object of each operation."""
    base = base_path(contract)
    for template, item in contract["paths"].items():
        for method in (name for name in item if name in METHODS):
            yield method, base + template, item[method]


def base_path(contract: dict[str, Any]) -> str:
    """Return the path of the first server, or nothing for the root."""
    return path_of((contract.get("servers") or [{"url": "/"}])[0]).rstrip("/")


def path_of(server: dict[str, Any]) -> str:
    """Return the path of a server, where its variables have their defaults.

    A relative one is relative to the contract, which is at the root (OpenAPI 3.0.3, Server Object).
    """
    variables = server.get("variables", {})

    def default(found: re.Match[str]) -> str:
        if "default" not in (variable := variables.get(found[1], {})):
            raise ContractError(f"servers: {found[1]} in {server['url']} has no default")
        return str(variable["default"])

    url = re.sub(r"\{([^{}]*)\}", default, server["url"])
    return decoded(normpath("/" + urlsplit(url).path.strip("/")))
