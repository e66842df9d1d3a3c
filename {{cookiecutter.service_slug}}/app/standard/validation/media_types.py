"""The bodies of media types: from bytes to a value that has been checked."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import orjson

from app.standard.validation.defaults import filler_of
from app.standard.validation.refusals import MAX_DEPTH, fault, fault_of, refuse, refuse_body
from app.standard.validation.schema import Schema
from app.standard.validation.texts import INTEGERS

LONG_NUMBER = re.compile(rb"[0-9]{19}")

Chunks = AsyncIterator[bytes]


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
            # Python's own reader fails at depth and at long numbers, and takes NaN.
            value = orjson.loads(body)
            # orjson makes a float of what is an integer to the handler.
            if LONG_NUMBER.search(body):
                _refuse_long_integers(json.loads(body))
        except (ValueError, RecursionError) as error:
            refuse_body(f"is unreadable: {error}")
        # Most bodies can have neither, and need no walk.
        may_be_deep = body.count(b"[") + body.count(b"{") > MAX_DEPTH
        if (may_be_deep or b"\\u0000" in body) and (found := fault_of(value)):
            refuse_body(found)
        return self.check(value, value)


class Text(MediaType):
    """Text in UTF-8."""

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

    @property
    def given(self) -> Schema:
        """Bytes, whatever else is said of them."""
        return self.schema.part({"type": "string", "format": "binary"})

    async def read(self, chunks: Chunks, options: dict[str, str]) -> bytes:
        """Return the bytes."""
        return b"".join([chunk async for chunk in chunks])


def _refuse_long_integers(value: Any) -> None:
    if isinstance(value, int) and value not in INTEGERS:
        raise ValueError("has an integer of more than 64 bits")
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _refuse_long_integers(each)
