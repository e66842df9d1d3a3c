"""The operations that the page shows: lists and exports, as the contract has them.

``x-page: false`` leaves an operation out; ``x-values`` of a parameter is the operationId of the
list of its values.
"""

from typing import Any
from urllib.parse import quote

from app.standard.contract import ContractError, operations
from app.standard.page.fields import NoField, read_fields
from app.standard.page.schemas import plain_schema
from app.standard.validation import PCHAR, follow

Described = dict[str, Any]


def shown_operations(contract: dict[str, Any]) -> list[Described]:
    """Describe the operations for the script of the page; a list and its export are one.

    Raises ``ContractError`` for an extension that is not as it must be.
    """
    items = {id(op): item for item in contract["paths"].values() for op in item.values()}
    specs = {spec["operationId"]: (path, spec) for _, path, spec in operations(contract)}
    found = []
    for method, path, spec in operations(contract):
        is_shown = spec.get("x-page", True)
        if not isinstance(is_shown, bool):
            raise ContractError(f"{method.upper()} {path}: x-page must be true or false")
        kind = _kind(contract, method, spec)
        if kind is None or not is_shown or spec.get("deprecated"):
            continue
        try:
            fields = read_fields(contract, items[id(spec)], spec)
        except NoField:
            continue
        for field in fields:
            if "values" in field:
                where = f"{method.upper()} {path}, '{field['name']}'"
                field["values"] = _address_of_values(contract, specs, field["values"], where)
        found.append(_describe(contract, path, spec, kind, fields))
    return _without_lists_of_exports(found)


def _describe(
    contract: dict[str, Any], path: str, spec: dict[str, Any], kind: str, fields: list[Any]
) -> Described:
    security = spec.get("security", contract.get("security")) or []
    return {
        "key": quote(path.strip("/").replace("{", "").replace("}", ""), "/") or "list",
        "title": spec.get("summary") or path,
        "description": spec.get("description", ""),
        "address": _address(path),
        "kind": kind,
        "tags": spec.get("tags", []),
        "roles": sorted({role for each in security for roles in each.values() for role in roles}),
        "secured": bool(security),
        "fields": fields,
    }


def _address(path: str) -> str:
    """Return where a path is, seen from the page."""
    return f"..{quote(path, PCHAR + '{}')}"


def _kind(contract: dict[str, Any], method: str, spec: dict[str, Any]) -> str | None:
    """Tell whether an operation gives ``csv``, or ``json``: a list of objects."""
    if method != "get":
        return None
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


def _address_of_values(
    contract: dict[str, Any], specs: dict[str, Any], name: Any, where: str
) -> str:
    if name not in specs:
        raise ContractError(f"{where}: x-values must be an operationId, and {name} is none")
    path, spec = specs[name]
    content = follow(contract, spec.get("responses", {}).get("200", {})).get("content", {})
    if "{" in path or _schema_of_items(contract, content).get("type") != "string":
        raise ContractError(f"{where}: x-values, {name} must give a list of texts, at one address")
    return _address(path)


def _without_lists_of_exports(found: list[Described]) -> list[Described]:
    """Leave out the lists that an export gives whole: same filters, same tags, and no other."""

    def subject(each: Described) -> list[Any]:
        return [each["fields"], each["tags"]]

    def has_export(each: Described) -> bool:
        same = [other["kind"] for other in found if subject(other) == subject(each)]
        return bool(each["fields"]) and sorted(same) == ["csv", "json"]

    return [each for each in found if each["kind"] == "csv" or not has_export(each)]
