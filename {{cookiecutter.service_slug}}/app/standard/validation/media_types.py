"""The bodies of media types: from bytes to a value that has been checked."""

from typing import Any

from app.standard.validation.defaults import filler_of
from app.standard.validation.forms import Chunks
from app.standard.validation.json_values import load
from app.standard.validation.references import ContractError
from app.standard.validation.refusals import fault, fault_of, refuse, refuse_body
from app.standard.validation.schema import Schema
from app.standard.validation.texts import NotReadable

# What a schema may say of bytes; of their length, it is no promise.
SAID_OF_BYTES = frozenset(
    [
        *("type", "format", "default", "minLength", "maxLength"),
        *("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"),
    ]
)


class MediaType:
    """How the body of one media type is read."""

    has_files = False

    def __init__(self, document: dict[str, Any], spec: dict[str, Any], where: str) -> None:
        schema = spec.get("schema", {})
        self.schema = Schema.of(document, schema, where, "readOnly", has_files=self.has_files)
        self.fill = filler_of(self.schema)

    @property
    def given(self) -> Schema:
        """What the handler gets."""
        return self.schema

    async def read(self, chunks: Chunks, options: dict[str, str]) -> Any:
        """Return the value; raise the problem of one that cannot be read."""
        raise NotImplementedError

    def is_absent(self, size: int, is_typed: bool) -> bool:
        """Tell whether a body of this size is none; a text or a form may be empty."""
        return size == 0 and not is_typed

    def check(self, value: Any, shown: Any) -> Any:
        """Return the value with its defaults; raise the problem of one that is not allowed.

        What is shown is the value as its schema sees it.
        """
        if errors := self.schema.errors(shown):
            refuse(fault("body", where, message) for where, message, _ in errors)
        if self.fill is not None:
            self.fill(value)
        return value


class Json(MediaType):
    """JSON (RFC 8259)."""

    def is_absent(self, size: int, is_typed: bool) -> bool:
        """No JSON is empty."""
        return size == 0

    async def read(self, chunks: Chunks, options: dict[str, str]) -> Any:
        """Return the value."""
        body = b"".join([chunk async for chunk in chunks])
        try:
            value = load(body)
        except NotReadable as error:
            refuse_body(str(error))
        except (ValueError, RecursionError) as error:
            refuse_body(f"is unreadable: {error}")
        return self.check(value, value)


class Text(MediaType):
    """Text in UTF-8."""

    def __init__(self, document: dict[str, Any], spec: dict[str, Any], where: str) -> None:
        super().__init__(document, spec, where)
        if "string" not in self.schema.types():
            raise ContractError(f"{where}: a text must be a string")

    @property
    def given(self) -> Schema:
        """A text, whatever else is said of it."""
        return self.schema.part({"allOf": [{"type": "string"}, self.schema.node]})

    async def read(self, chunks: Chunks, options: dict[str, str]) -> str:
        """Return the text."""
        try:
            text = b"".join([chunk async for chunk in chunks]).decode()
        except UnicodeDecodeError:
            refuse_body("is unreadable: it is not in UTF-8")
        if found := fault_of(text):
            refuse_body(found)
        self.check(text, text)
        return text


class Binary(MediaType):
    """Anything else, as it is."""

    def __init__(self, document: dict[str, Any], spec: dict[str, Any], where: str) -> None:
        super().__init__(document, spec, where)
        said = {key for node in self.schema.conjuncts(branches=True) for key in node}
        if "string" not in self.schema.types() or said - SAID_OF_BYTES:
            raise ContractError(
                f"{where}: only JSON, forms and texts can be checked, and another body is a string"
            )

    @property
    def given(self) -> Schema:
        """Bytes, whatever else is said of them."""
        return self.schema.part({"type": "string", "format": "binary"})

    async def read(self, chunks: Chunks, options: dict[str, str]) -> bytes:
        """Return the bytes."""
        return b"".join([chunk async for chunk in chunks])
