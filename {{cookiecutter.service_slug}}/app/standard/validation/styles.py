"""The styles of parameters: how a list or an object stands in a text.

OpenAPI 3.0.3, Style Values; RFC 6570. Parts are separated before they are percent-decoded.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, unquote_plus

from app.standard.validation.texts import NotReadable

Split = Callable[[str], Any]

SEPARATORS = {
    "form": re.compile(","),
    "simple": re.compile(","),
    "spaceDelimited": re.compile(r"%20|\+"),
    "pipeDelimited": re.compile(r"\|"),
}
# By the place: the styles that it may have, the first one by default.
STYLES = {
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "path": ("simple", "label", "matrix"),
    "header": ("simple",),
    "cookie": ("form",),
}
NESTED = re.compile(r"\[([^\[\]]*)\]")


def splitter(style: str, shape: str, explode: bool, decode: Callable[[str], str]) -> Split:
    """Return what makes a text of this style one text, a list or an object of texts."""
    separator = SEPARATORS.get(style, SEPARATORS["simple"])

    def split(raw: str) -> Any:
        if shape == "scalar":
            return decode(raw)
        parts = separator.split(raw) if raw or shape == "array" else []
        if shape == "array":
            return [decode(part) for part in parts]
        if explode:
            pairs = [part.partition("=")[::2] for part in parts]
        elif len(parts) % 2:
            raise NotReadable("has a name without a value")
        else:
            pairs = list(zip(parts[::2], parts[1::2], strict=True))
        return merge((decode(name), decode(value)) for name, value in pairs)

    return split


def label(name: str, shape: str, explode: bool) -> Split:
    """Return what reads ``.blue.black`` or, not exploded, also ``.blue,black``."""
    split = splitter("simple", shape, explode, unquote)

    def read(raw: str) -> Any:
        if not raw.startswith("."):
            raise NotReadable("has no . first")
        # The table of OpenAPI 3.0.3 has dots in both columns, RFC 6570 commas in one.
        is_dotted = shape != "scalar" and (explode or "," not in raw)
        return split(_with_commas(raw[1:], ".") if is_dotted else raw[1:])

    return read


def matrix(name: str, shape: str, explode: bool) -> Split:
    """Return what reads ``;color=blue,black`` or, exploded, ``;color=blue;color=black``."""
    split = splitter("simple", shape, explode, unquote)

    def read(raw: str) -> Any:
        if not raw.startswith(";"):
            raise NotReadable("has no ; first")
        parts = raw[1:].split(";")
        if explode and shape == "object":
            return split(_with_commas(raw[1:], ";"))
        if any(part.partition("=")[0] != name for part in parts) or (
            len(parts) > 1 and not (explode and shape == "array")
        ):
            raise NotReadable(f"has no ;{name}= first")
        values = [part.partition("=")[2] for part in parts]
        return split(_with_commas(";".join(values), ";") if explode else values[0])

    return read


def _with_commas(raw: str, separator: str) -> str:
    """Put commas where the separators are; those that were there are of a value."""
    return raw.replace(",", "%2C").replace(separator, ",")


def merge(pairs: Any) -> dict[str, Any]:
    """Make an object of names and values; a name that is there twice has a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def nest(name: str, given: dict[str, list[str]]) -> dict[str, Any]:
    """Return what ``name[a][b]=value`` makes: an object, of objects where they are nested."""
    found: dict[str, Any] = {}
    for key, values in given.items():
        path = NESTED.findall(key[len(name) :])
        place = found
        for part in path[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise NotReadable("is both a value and an object")
        if path[-1] in place:
            raise NotReadable("is both a value and an object")
        texts = [unquote_plus(value) for value in values]
        place[path[-1]] = texts[0] if len(texts) == 1 else texts
    return found


def is_nested(name: str, key: str) -> bool:
    """Tell whether a key of the query is a property of this parameter of style deepObject."""
    return key.startswith(name) and re.fullmatch(r"(\[[^\[\]]*\])+", key[len(name) :]) is not None
