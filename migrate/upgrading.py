"""Swagger 2 becomes OpenAPI 3.0.3, by a package of npm."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from migrate.npm import install
from migrate.operations import FORMS, each_operation
from updates.commands import Refused

PACKAGE = "@scalar/openapi-upgrader@0.4.9"
SCRIPT = Path(__file__).with_name("upgrade.mjs")
PLACE = Path(__file__).parent.parent / "build" / "npm" / "openapi-upgrader-0.4.9"


def upgrade(contract: dict[str, Any]) -> dict[str, Any]:
    """Return a contract of Swagger 2 as one of OpenAPI 3.0.3."""
    _inline_bodies(contract)
    converted = convert(contract)
    _require_forms(converted)
    return {"openapi": "3.0.3", **{k: v for k, v in converted.items() if k != "openapi"}}


def convert(contract: dict[str, Any]) -> dict[str, Any]:
    """Return what the package makes of a contract."""
    text = json.dumps(contract)
    script = _install() / SCRIPT.name
    result = subprocess.run(["node", script], input=text, capture_output=True, encoding="utf-8")
    if result.returncode:
        raise Refused(f"The contract cannot be converted: {result.stderr.strip()[-600:]}")
    converted: dict[str, Any] = json.loads(result.stdout)
    return converted


def _inline_bodies(contract: dict[str, Any]) -> None:
    """Put shared bodies where they are used, with the names that handlers know them by.

    The package (0.4.9, since scalar/scalar#6828) makes a reference to a body among ``parameters``
    one to ``requestBodies`` there, where none may be, and forgets what the body was called.
    """
    shared = contract.get("parameters", {})
    for item in contract.get("paths", {}).values():
        for holder in (item, *item.values()):
            if isinstance(holder, dict) and "parameters" in holder:
                holder["parameters"] = [_named(shared, each) for each in holder["parameters"]]
    contract["parameters"] = {
        name: each for name, each in shared.items() if each.get("in") not in ("body", "formData")
    }


def _require_forms(contract: dict[str, Any]) -> None:
    """Require forms with a field that is required, which the package leaves to the client."""
    for *_, operation in each_operation(contract):
        body = operation.get("requestBody", {})
        for media, content in body.get("content", {}).items():
            if media in FORMS and content["schema"].get("required"):
                body["required"] = True


def _named(shared: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    found = shared.get(str(parameter.get("$ref", "")).removeprefix("#/parameters/"), parameter)
    if found.get("in") == "body":
        return {**found, "x-body-name": found["name"]}
    return dict(found) if found.get("in") == "formData" else parameter


def _install() -> Path:
    """Return the folder with the package, installed when first asked for."""
    if not shutil.which("npm"):
        raise Refused(
            "npm is missing, of Node 20 or newer: a contract of Swagger 2 is converted by "
            f"{PACKAGE}. Install it, or convert the contract to OpenAPI 3.0 yourself."
        )
    shutil.copy(SCRIPT, install(PACKAGE, PLACE))
    return PLACE
