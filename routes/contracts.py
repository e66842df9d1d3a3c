"""The operations of a contract, of Swagger 2 or OpenAPI 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PARAMETER = re.compile(r"\{[^{}/]*\}")


class Unreadable(Exception):
    """A file is no contract; the message names it, and says why."""


class Operation(NamedTuple):
    """A method and a path, whose parameters are ``{}``: their names do not tell them apart.

    Its texts are percent-encoded, whether the contract has them so or not.
    """

    method: str
    path: str

    @property
    def order(self) -> tuple[list[tuple[bool, int]], str, str]:
        """Return what sorts concrete paths first (OpenAPI 3.0.3, Paths Object), and longer texts."""
        parts = [("{}" in part, -len(part)) for part in self.path.split("/")]
        return parts, self.path, self.method


def read_operations(file: Path) -> set[Operation]:
    """Return the operations of a contract, below its base path; raise ``Unreadable``."""
    try:
        contract = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Unreadable(f"{file}: {error}") from None
    paths = contract.get("paths") if isinstance(contract, dict) else None
    if not isinstance(paths, dict):
        raise Unreadable(f"{file}: it has no paths, so it is neither OpenAPI 3 nor Swagger 2")
    return {*_operations(_base_path(contract), paths)}


def _operations(base: str, paths: dict[str, Any]) -> Iterator[Operation]:
    for path, item in paths.items():
        for method in METHODS:
            if isinstance(item, dict) and method in item:
                texts = map(unquote, PARAMETER.split(base + path))
                yield Operation(method.upper(), "{}".join(map(quote, texts)))


def _base_path(contract: dict[str, Any]) -> str:
    """Return the path that stands before all others, without a slash at its end."""
    if "swagger" in contract:
        return str(contract.get("basePath", "")).rstrip("/")
    server: dict[str, Any] = next(iter(contract.get("servers") or ()), {})
    url = str(server.get("url", "/"))
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return urlsplit(url).path.rstrip("/")
