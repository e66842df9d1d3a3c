"""The contract of the service, and the health operations beside it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from connexion.http_facts import METHODS

HEALTH_SPEC: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("health.yml").read_text("utf-8")
)
# Below these, keys are names that somebody chose.
NAMED = frozenset({"properties", "headers", "examples", "schemas", "parameters", "responses"})


class SpecError(ValueError):
    """The contract has what Connexion would take in silence, and serve wrongly."""


def load_spec(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document.

    Connexion gets a dict because it would render a file as a Jinja template. Raises
    ``SpecError`` for an operationId that stands there twice: Connexion would apply the security
    and the parameters of the last to both. The same goes for operations that a path refers to.
    """
    spec: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    for template, item in spec["paths"].items():
        if "$ref" in item:
            raise SpecError(f"{template}: its operations must stand there, not behind a $ref")
    seen: set[str] = set()
    for method, template, operation in operations(spec):
        name = operation.get("operationId", "")
        if not name or name in seen:
            wanted = "is there twice" if name else "is missing"
            raise SpecError(f"operationId {name} of {method.upper()} {template} {wanted}")
        seen.add(name)
    return spec


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the method, the path template with its base path, and the object of each operation."""
    base = base_path(spec)
    for template, item in spec["paths"].items():
        for method in METHODS & item.keys():
            yield method, base + template, item[method]


def concrete_first(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the contract with its paths in the order in which they match.

    Connexion takes the first that does; OpenAPI (3.0.3, Path Templating Matching), like Flask,
    wants a concrete path before a templated one.
    """

    def rank(path: tuple[str, Any]) -> list[tuple[bool, int]]:
        parts = path[0].split("/")
        return [("{" in part, -len(re.sub(r"\{.*?\}", "", part))) for part in parts]

    return {**spec, "paths": dict(sorted(spec["paths"].items(), key=rank))}


def base_path(spec: dict[str, Any]) -> str:
    """Return the path of the first server, as Connexion does."""
    server = (spec.get("servers") or [{"url": ""}])[0]
    variables = {name: given["default"] for name, given in server.get("variables", {}).items()}
    url: str = server["url"].format(**variables)
    return urlsplit(url).path.rstrip("/")


def allowed_methods(spec: dict[str, Any], path: str) -> list[str]:
    """Return the methods that the contract has for this path."""
    found = {
        method.upper()
        for method, template, _ in operations(spec)
        if re.fullmatch(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(template)), path)
    }
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def public_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the contract as clients see it: with the health operations, without extensions.

    Servers become relative to the document, so that they hold behind any prefix
    (OpenAPI 3.0.3, section 4.7.5).
    """
    servers = spec.get("servers") or [{"url": "/"}]
    components = spec.get("components", {})
    schemas = HEALTH_SPEC["components"]["schemas"] | components.get("schemas", {})
    public: dict[str, Any] = _without_extensions(
        {
            **spec,
            "servers": [{**s, "url": "." + (urlsplit(s["url"]).path or "/")} for s in servers],
            "paths": HEALTH_SPEC["paths"] | spec["paths"],
            "components": {**components, "schemas": schemas},
        }
    )
    return public


def _without_extensions(node: Any, *, named: bool = False) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_extensions(value, named=not named and key in NAMED)
            for key, value in node.items()
            if named or not str(key).startswith("x-")
        }
    if isinstance(node, list):
        return [_without_extensions(item) for item in node]
    return node
