"""The contract: the service's own and the operations that every service has."""

from pathlib import Path
from typing import Any

import yaml

HEALTH_SPEC = Path(__file__).with_name("health.yml")


def load_spec(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document and add the health operations to it.

    Connexion gets a dict because it would render a file as a Jinja template.
    """
    spec: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    health: dict[str, Any] = yaml.safe_load(HEALTH_SPEC.read_text("utf-8"))
    spec["paths"] = health["paths"] | spec["paths"]
    components = spec.setdefault("components", {})
    components["schemas"] = health["components"]["schemas"] | components.get("schemas", {})
    return spec


def public_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the contract as clients see it.

    Servers become relative to the document, so that they hold behind any prefix
    (OpenAPI 3.0.3, section 4.7.5); extensions are left out, they name our modules.
    """
    servers = [{**s, "url": "." + s["url"]} for s in spec["servers"] if s["url"].startswith("/")]
    public: dict[str, Any] = _without_extensions({**spec, "servers": servers})
    return public


def _without_extensions(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_extensions(v) for k, v in node.items() if not str(k).startswith("x-")}
    if isinstance(node, list):
        return [_without_extensions(item) for item in node]
    return node
