"""The contract of the service, and the health operations beside it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

HEALTH_SPEC: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("health.yml").read_text("utf-8")
)
# Below these, keys are names that somebody chose.
NAMED = frozenset({"properties", "headers", "examples", "schemas", "parameters", "responses"})


def load_spec(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document.

    Connexion gets a dict because it would render a file as a Jinja template.
    """
    spec: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return spec


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
