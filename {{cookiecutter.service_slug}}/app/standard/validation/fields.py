"""The fields of a form as the values that the contract says they are."""

from typing import Any
from urllib.parse import unquote_plus

from app.standard.validation.finding import finder
from app.standard.validation.json_values import load_text
from app.standard.validation.keywords import FILE
from app.standard.validation.schema import Schema
from app.standard.validation.texts import NotReadable, TextReader
from app.standard.validation.uploads import Upload


class FormField:
    """One field of a form: text, a file or JSON, one of it or a list.

    OpenAPI 3.0.3, Encoding Object and Considerations for multipart Content.
    """

    def __init__(self, name: str, schema: Schema, encoding: dict[str, Any], where: str) -> None:
        self.name = name
        self.is_list = schema.types() - {"null"} == {"array"}
        item = schema.items() if self.is_list else schema
        self.is_file = any(node.get(FILE) for node in item.conjuncts(branches=True))
        is_object = item.types() - {"null"} == {"object"} and "style" not in encoding
        self.is_json = is_object or "json" in encoding.get("contentType", "")
        spec = {"style": "form", **encoding, "in": "query", "name": name}
        reader = None if self.is_file or self.is_json else TextReader(schema)
        self.read = reader.read if reader else _same
        self.find = finder(spec, reader, where)

    def from_texts(self, texts: dict[str, list[str]]) -> Any:
        """Return the value of a field that is urlencoded, or None if it is not there."""
        if self.is_json:
            found = [load_text(unquote_plus(text).encode()) for text in texts.get(self.name, [])]
            return self._json(found) if found else None
        raw = self.find.take(texts)
        return None if raw is None else self.read(raw)

    def from_parts(self, parts: list[Upload]) -> Any:
        """Return the value of a field that came in parts."""
        if self.is_file:
            found: list[Any] = parts
        elif self.is_json or "json" in parts[0].media_type:
            return self._json([load_text(part.content()) for part in parts])
        else:
            found = [_decode(part.content()) for part in parts]
            return self.read(found if self.is_list else _one(found))
        return found if self.is_list else _one(found)

    def _json(self, found: list[Any]) -> Any:
        # A list may come whole, or item by item.
        is_whole = len(found) == 1 and isinstance(found[0], list)
        return found if self.is_list and not is_whole else _one(found)


def _same(value: Any) -> Any:
    return value


def _one(values: list[Any]) -> Any:
    if len(values) > 1:
        raise NotReadable("is given twice")
    return values[0] if values else None


def _decode(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise NotReadable("is not in UTF-8") from None
