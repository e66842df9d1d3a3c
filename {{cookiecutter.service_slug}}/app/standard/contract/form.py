"""Whether a document has the form of OpenAPI; its schemas are checked as they are compiled."""

import json
from typing import Any

from jsonschema_rs import Draft4Validator, ValidationError

from app.standard.contract.packages import folder_of
from app.standard.validation import ContractError

# {% if cookiecutter.framework != "fastapi" %}
PACKAGE = "connexion"
# {% endif %}
# {% if cookiecutter.framework == "fastapi" %}
PACKAGE = "openapi_spec_validator"
# {% endif %}
SCHEMA_OF_3_0 = folder_of(PACKAGE) / "resources/schemas/v3.0/schema.json"
REFERENCE = {"$ref": "#/definitions/Reference"}


def check_form(contract: dict[str, Any]) -> None:
    """Raise ``ContractError`` for a document that is none of OpenAPI, with the place."""
    schema = json.loads(SCHEMA_OF_3_0.read_text("utf-8"))
    if not str(contract["openapi"]).startswith("3.0"):
        schema = _as_of_3_1(schema)
    found = map(_nearest, Draft4Validator(schema, mask="it").iter_errors(contract))
    if error := max(found, key=_depth, default=None):
        place = "/".join(map(str, error.instance_path))
        raise ContractError(f"{place or 'the contract'}: {error.message}")


def _nearest(error: ValidationError) -> ValidationError:
    """Return what is nearest to the mistake, among what no alternative allows."""
    context = getattr(error.kind, "context", None)
    branches = context if isinstance(context, list) else []
    # Whatever is no reference lacks what a reference has.
    named = [e for branch in branches for e in branch if '"$ref"' not in e.message]
    return max(map(_nearest, named), key=_depth, default=error)


def _depth(error: ValidationError) -> int:
    return len(error.instance_path)


def _as_of_3_1(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of 3.0 without what 3.1 does not want: it has more, and needs less."""
    definitions = schema["definitions"] | {
        "Schema": {"type": ["object", "boolean"]},
        "SecurityScheme": {"type": "object", "required": ["type"]},
    }
    del definitions["Operation"]["required"]
    loosened: dict[str, Any] = _loosen({**schema, "definitions": definitions})
    del loosened["properties"]["openapi"]
    loosened["definitions"]["Paths"]["additionalProperties"] = False
    return loosened | {"required": ["openapi", "info"]}


def _loosen(node: Any) -> Any:
    if isinstance(node, list):
        return [_loosen(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {k: _loosen(v) for k, v in node.items() if (k, v) != ("additionalProperties", False)}
    # Any object is a schema, one with a $ref among them.
    if REFERENCE in found.get("oneOf", []):
        found["anyOf"] = found.pop("oneOf")
    return found
