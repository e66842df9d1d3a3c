"""A parameter of the contract, as a field of a form."""

from typing import Any

from app.standard.page.schemas import plain_schema
from app.standard.validation import follow

# What stands between the values of a list that is one text (OpenAPI 3.0.3, Style Values).
SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": "%20", "pipeDelimited": "|"}
BOUNDS = {"minimum": "min", "maximum": "max", "minLength": "minLength", "maxLength": "maxLength"}
# The page goes on by the links that it is given.
PAGING = frozenset({"cursor", "limit"})

Field = dict[str, Any]


class NoField(ValueError):
    """A parameter that must be given, and that no field of a form gives."""


def read_fields(
    document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]
) -> list[Field]:
    """Return the fields of an operation; raise ``NoField`` if a form is not enough for it."""
    given = [follow(document, each) for each in item.get("parameters", [])]
    given += [follow(document, each) for each in operation.get("parameters", [])]
    # Those of an operation override those of its path.
    parameters = {(each["in"], each["name"]): each for each in given}
    fields = []
    for (place, name), parameter in parameters.items():
        is_required = place == "path" or parameter.get("required", False)
        field = None if place in ("cookie", "header") else _field(document, parameter)
        if field is None and is_required:
            raise NoField(name)
        if field and (is_required or not (name in PAGING or parameter.get("deprecated"))):
            fields.append(field | {"required": is_required})
    return fields


def _field(document: dict[str, Any], parameter: dict[str, Any]) -> Field | None:
    style = parameter.get("style", "simple" if parameter["in"] == "path" else "form")
    schema = plain_schema(document, parameter.get("schema", {}))
    is_list = schema.get("type") == "array"
    kind = _kind_of_list(document, schema) if is_list else _kind(schema)
    if kind is None or style not in SEPARATORS or "content" in parameter:
        return None
    field = {
        "name": parameter["name"],
        "in": parameter["in"],
        "label": schema.get("title") or _words(parameter["name"]),
        "hint": parameter.get("description") or schema.get("description") or "",
        "wide": schema.get("format") == "path",
        **kind,
        **{word: schema[key] for key, word in BOUNDS.items() if key in schema and not is_list},
    }
    if is_list and not (parameter["in"] == "query" and parameter.get("explode", style == "form")):
        # Without one, a list is repeated.
        field["separator"] = SEPARATORS[style]
    if "default" in schema:
        default = schema["default"]
        field["default"] = [_text(each) for each in (default if is_list else [default])]
    if "x-values" in parameter:
        field["values"] = parameter["x-values"]
        field["kind"] = "choices" if is_list else "choice"
        field["choices"] = []
    return field


def _kind(schema: dict[str, Any]) -> Field | None:
    if "enum" in schema:
        return {"kind": "choice", "choices": [_text(v) for v in schema["enum"] if v is not None]}
    match schema.get("type", "string"), schema.get("format"):
        case "boolean" | "integer" | "number" as kind, _:
            return {"kind": kind}
        case "string", "date" | "date-time" as kind:
            return {"kind": kind}
        case "string", _:
            return {"kind": "text"}
    return None


def _kind_of_list(document: dict[str, Any], schema: dict[str, Any]) -> Field | None:
    kind = _kind(plain_schema(document, schema.get("items", {})))
    if kind is None:
        return None
    return {**kind, "kind": "choices"} if "choices" in kind else {"kind": "texts"}


def _words(name: str) -> str:
    """Return a name as words, as in ``Created from``."""
    words = name.replace("_", " ").replace("-", " ").replace("[]", "").strip()
    return words[:1].upper() + words[1:]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
