"""The operations that the page shows: lists and exports, as the contract has them.

``x-page: false`` leaves an operation out; ``x-values`` of a parameter is the operationId of the
list of its values.
"""

from typing import Any
from urllib.parse import quote

from app.standard.contract import ContractError, base_path
from app.standard.page.fields import NoField, read_fields
from app.standard.page.schemas import plain_schema
from app.standard.validation import PCHAR, follow

Described = dict[str, Any]


def shown_operations(contract: dict[str, Any]) -> list[Described]:
    """Describe the operations for the script of the page; a list and its export are one.

    Raises ``ContractError`` for an extension that is not as it must be.
    """
    found = []
    for template, item in contract["paths"].items():
        spec = item.get("get", {})
        where = f"GET {base_path(contract)}{template}"
        if not isinstance(is_shown := spec.get("x-page", True), bool):
            raise ContractError(f"{where}: x-page must be true or false")
        kind = _kind(contract, spec)
        if kind is None or not is_shown or spec.get("deprecated"):
            continue
        try:
            fields = read_fields(contract, item, spec)
        except NoField:
            continue
        for field in fields:
            if "values" in field:
                named = f"{where}, '{field['name']}'"
                field["values"] = _address_of_values(contract, field["values"], named)
        found.append(_describe(contract, template, spec, kind, fields))
    return _without_lists_of_exports(found)


def _describe(
    contract: dict[str, Any], template: str, spec: dict[str, Any], kind: str, fields: list[Any]
) -> Described:
    # {% if cookiecutter.use_auth %}
    security = spec.get("security", contract.get("security")) or []
    # {% endif %}
    return {
        "key": template.strip("/").replace("{", "").replace("}", "") or "list",
        "title": spec.get("summary") or template,
        "description": spec.get("description", ""),
        "address": _address(contract, template),
        "kind": kind,
        "tags": spec.get("tags", []),
        # {% if cookiecutter.use_auth %}
        "roles": sorted({role for each in security for roles in each.values() for role in roles}),
        "secured": bool(security),
        # {% endif %}
        "fields": fields,
    }


def _address(contract: dict[str, Any], template: str) -> str:
    """Return where a path is, seen from the page."""
    return f"..{quote(base_path(contract) + template, PCHAR + '{}')}"


def _kind(contract: dict[str, Any], spec: dict[str, Any]) -> str | None:
    """Tell whether an operation gives ``csv``, or ``json``: a list of objects."""
    answers = spec.get("responses", {})
    answer = follow(contract, answers.get("200", answers.get("2XX", {})))
    content = {name.partition(";")[0]: each for name, each in answer.get("content", {}).items()}
    if "text/csv" in content:
        return "csv"
    schema = _schema_of_items(contract, content)
    is_object = schema.get("type") == "object" or "properties" in schema
    return "json" if is_object else None


def _schema_of_items(contract: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    schema = plain_schema(contract, content.get("application/json", {}).get("schema", {}))
    return plain_schema(contract, schema.get("items", {})) if schema.get("type") == "array" else {}


def _address_of_values(contract: dict[str, Any], name: Any, where: str) -> str:
    gets = {path: item["get"] for path, item in contract["paths"].items() if "get" in item}
    template = next((path for path, spec in gets.items() if spec["operationId"] == name), None)
    if template is None:
        raise ContractError(
            f"{where}: x-values must be the operationId of a GET, and {name} is none"
        )
    spec = gets[template]
    content = follow(contract, spec.get("responses", {}).get("200", {})).get("content", {})
    if "{" in template or _schema_of_items(contract, content).get("type") != "string":
        raise ContractError(f"{where}: x-values, {name} must give a list of texts, at one address")
    return _address(contract, template)


def _without_lists_of_exports(found: list[Described]) -> list[Described]:
    """Leave out the lists that an export gives whole: same filters, same tags, and no other."""

    def subject(each: Described) -> list[Any]:
        return [each["fields"], each["tags"]]

    def has_export(each: Described) -> bool:
        same = [other["kind"] for other in found if subject(other) == subject(each)]
        return bool(each["fields"]) and sorted(same) == ["csv", "json"]

    return [each for each in found if each["kind"] == "csv" or not has_export(each)]
