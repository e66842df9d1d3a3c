"""The contract as clients see it."""

from typing import Any
from urllib.parse import urlsplit

from app.standard.contract.documents import FILES
from app.standard.service import HEALTH_CONTRACT

# Below these, keys are names that somebody chose.
NAMED = frozenset({"properties", "headers", "examples", "schemas", "parameters", "responses"})


def public_contract(contract: dict[str, Any]) -> dict[str, Any]:
    """Return the contract as clients see it: with the health operations, without extensions.

    Servers become relative to the document, so that they hold behind any prefix
    (OpenAPI 3.0.3, section 4.7.5).
    """
    servers = contract.get("servers") or [{"url": "/"}]
    components = contract.get("components", {})
    schemas = HEALTH_CONTRACT["components"]["schemas"] | components.get("schemas", {})
    public: dict[str, Any] = _without_extensions(
        {
            **contract,
            "servers": [{**s, "url": "." + (urlsplit(s["url"]).path or "/")} for s in servers],
            "paths": HEALTH_CONTRACT["paths"] | contract["paths"],
            "components": {**components, "schemas": schemas},
        }
    )
    # References lead there.
    return public | ({FILES: contract[FILES]} if FILES in contract else {})


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
