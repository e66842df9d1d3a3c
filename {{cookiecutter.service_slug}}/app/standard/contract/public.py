"""The contract as clients see it."""

from typing import Any

from app.standard.contract.documents import FILES
from app.standard.contract.reading import path_of
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
            "servers": [_relative(server) for server in servers],
            "paths": HEALTH_CONTRACT["paths"] | contract["paths"],
            "components": {**components, "schemas": schemas},
        }
    )
    # References lead there.
    return public | ({FILES: contract[FILES]} if FILES in contract else {})


def _relative(server: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in server.items() if key != "variables"}
    return {**kept, "url": f".{path_of(server)}"}


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
