"""Where the texts of a parameter stand in the head of a request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_plus

from app.standard.validation import styles
from app.standard.validation.head import Texts
from app.standard.validation.references import ContractError
from app.standard.validation.texts import NotReadable, TextReader


def _of_cookie(text: str) -> str:
    # Those of query and path have been looked at before.
    try:
        value = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise NotReadable("is not in UTF-8") from None
    if "\0" in value:
        raise NotReadable("has a NUL character")
    return value


DECODERS: dict[str, Callable[[str], str]] = {
    "query": unquote_plus,
    "path": unquote,
    # Around the items of a list may be spaces (RFC 9110, section 5.6.1).
    "header": str.strip,
    "cookie": _of_cookie,
}


@dataclass(eq=False)
class Find:
    """Finds the one text of a parameter, and separates its parts."""

    name: str
    split: styles.Split
    # A header may be repeated instead of having a list (RFC 9110, section 5.3).
    joins: bool = False
    others: "list[Find]" = field(default_factory=list)

    def take(self, texts: Texts) -> Any:
        """Return what is there, or None; raise ``NotReadable`` for what cannot be read."""
        if (found := texts.get(self.name)) is None:
            return None
        if len(found) > 1 and not self.joins:
            raise NotReadable("is given twice")
        return self.split(",".join(found) if self.joins else found[0])

    def knows(self, name: str) -> bool:
        """Tell whether a name is this parameter's."""
        return name == self.name

    def names(self) -> frozenset[str]:
        """Return the names that are this parameter's, and can be told."""
        return frozenset({self.name})


class FindAll(Find):
    """Finds a list of which each item has the name (``explode``)."""

    def take(self, texts: Texts) -> Any:
        """Return the list, or None."""
        if (found := texts.get(self.name)) is None:
            return None
        return [self.split(text) for text in found]


@dataclass(eq=False)
class FindProperties(Find):
    """Finds an object whose properties stand there under their own names (``explode``)."""

    properties: frozenset[str] = frozenset()
    is_open: bool = False

    def take(self, texts: Texts) -> Any:
        """Return the object, or None if none of its properties is there."""
        named = {name: texts[name] for name in texts if self.knows(name)}
        found = {name: [self.split(t) for t in values] for name, values in named.items()}
        return {n: v[0] if len(v) == 1 else v for n, v in found.items()} or None

    def knows(self, name: str) -> bool:
        """Tell whether a name is one of the object's, or of no other parameter."""
        is_free = self.is_open and not any(each.knows(name) for each in self.others)
        return name in self.properties or is_free

    def names(self) -> frozenset[str]:
        """Return the names of the properties."""
        return self.properties


class FindNested(Find):
    """Finds an object of style deepObject, as ``name[property]=value``."""

    def take(self, texts: Texts) -> Any:
        """Return the object, or None if none of its properties is there."""
        given = {key: texts[key] for key in texts if self.knows(key)}
        if self.name in texts:
            raise NotReadable("is no object")
        return styles.nest(self.name, given) if given else None

    def knows(self, name: str) -> bool:
        """Tell whether a name is that of a property, or the parameter's own."""
        return name == self.name or styles.is_nested(self.name, name)


def finder(spec: dict[str, Any], reader: TextReader | None, where: str) -> Find:
    """Return what finds a parameter; raise ``ContractError`` for a style that it cannot have."""
    place, shape = spec["in"], reader.shape if reader else "scalar"
    name = spec["name"].lower() if place == "header" else spec["name"]
    style = spec.get("style", styles.STYLES[place][0])
    explode = bool(spec.get("explode", style == "form"))
    if style not in styles.STYLES[place] or (style == "deepObject" and shape != "object"):
        raise ContractError(f"{where}: style {style} is not for {shape} in {place}")
    if style in ("label", "matrix"):
        read = styles.label if style == "label" else styles.matrix
        return Find(name, read(name, shape, explode))
    decode = DECODERS[place]
    if reader:
        _refuse_nested(reader, style, where)
    if style == "deepObject":
        return FindNested(name, decode)
    if explode and shape != "scalar" and place == "cookie":
        raise ContractError(f"{where}: in a cookie, {shape} needs explode: false")
    if explode and place == "query" and shape == "array":
        return FindAll(name, decode)
    if explode and place == "query" and shape == "object" and reader:
        is_open = reader.additional is not None
        return FindProperties(name, decode, False, [], frozenset(reader.properties), is_open)
    split = styles.splitter(style, shape, explode, decode)
    return Find(name, split, joins=place == "header" and shape != "scalar")


def keep_apart(finds: list[Find], where: str) -> None:
    """Let no two take the same text; raise ``ContractError`` where they would."""
    is_open = [each.name for each in finds if isinstance(each, FindProperties) and each.is_open]
    if len(is_open) > 1:
        shown = " and ".join(is_open)
        raise ContractError(f"{where}: any name could be a property of {shown}")
    for each in finds:
        each.others = [other for other in finds if other is not each]
    for each in finds:
        for other in each.others:
            if both := sorted(filter(other.knows, each.names())):
                places = f"both {each.name} and {other.name}"
                raise ContractError(f"{where} '{both[0]}': it would be of {places}")


def _refuse_nested(reader: TextReader, style: str, where: str) -> None:
    """Refuse what a text could never be: lists of lists, and objects that the style cannot nest."""
    waiting, seen = [reader], set()
    while waiting:
        outer = waiting.pop()
        if outer in seen:
            continue
        seen.add(outer)
        for inner in outer.below():
            nests = style == "deepObject" and outer.shape == "object"
            if inner.shape == "object" and not nests:
                raise ContractError(f"{where}: style {style} cannot write the objects in it")
            if inner.shape == "array" and outer.shape == "array":
                raise ContractError(f"{where}: style {style} cannot write the lists in its lists")
            waiting.append(inner)
