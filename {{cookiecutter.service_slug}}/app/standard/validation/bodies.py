"""The body of a request: which media type it has, and whether it is there at all."""

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Receive
from werkzeug.http import parse_options_header

from app.standard.validation.form_bodies import MultipartForm, UrlencodedForm
from app.standard.validation.media_ranges import find_most_specific, media_type_of
from app.standard.validation.media_types import Binary, Json, MediaType, Text
from app.standard.validation.references import ContractError, follow
from app.standard.validation.refusals import refuse_body
from app.standard.validation.schema import Schema

KINDS: dict[str, type[MediaType]] = {
    "application/x-www-form-urlencoded": UrlencodedForm,
    "multipart/form-data": MultipartForm,
}
ENCODINGS = ("utf-8", "utf8", "us-ascii")


class Body:
    """The body of an operation: optional or not, and of one media type or several."""

    def __init__(self, document: dict[str, Any], spec: Any, where: str) -> None:
        spec = follow(document, spec)
        self.is_required = bool(spec.get("required", False))
        self.media_types: dict[str, MediaType] = {}
        for written, described in spec["content"].items():
            name = media_type_of(written)
            if name in self.media_types:
                raise ContractError(f"{where}: there are two bodies of {name}")
            kind = _kind(name)
            self.media_types[name] = kind(document, described, f"{where}, body of {name}")

    @property
    def given(self) -> list[Schema]:
        """What the handler gets, of each media type."""
        return [each.given for each in self.media_types.values()]

    async def read(self, headers: dict[str, list[str]], receive: Receive) -> Any:
        """Return the value, or None for a body that is absent; raise the problem of a bad one."""
        content_type = headers.get("content-type", [""])[0]
        name, options = _read_content_type(content_type)
        found = find_most_specific(self.media_types, name) if name else None
        size = int(headers.get("content-length", ["0"])[0])
        if size == 0 if found is None else found.is_absent(size, bool(content_type)):
            if self.is_required:
                refuse_body("is missing")
            return None
        if any(
            value.lower() not in ("", "identity") for value in headers.get("content-encoding", ())
        ):
            # RFC 9110, sections 8.4 and 12.5.3.
            detail = "The Content-Encoding must be identity, which is none."
            raise HTTPException(415, detail, {"Accept-Encoding": "identity"})
        if found is None or options.get("charset", "utf-8").lower() not in ENCODINGS:
            wanted = ", ".join(self.media_types)
            given = "has none" if not content_type else "has another"
            detail = f"The Content-Type must be {wanted}, in UTF-8; the request {given}."
            raise HTTPException(415, detail)
        return await found.read(_chunks(receive), options)


# Clients say the same with each request.
@lru_cache(maxsize=64)
def _read_content_type(written: str) -> tuple[str, dict[str, str]]:
    name, options = parse_options_header(written)
    return name.lower(), options


def _kind(name: str) -> type[MediaType]:
    if name.startswith("multipart/") and name not in KINDS:
        raise ContractError(f"{name}: of multipart, only form-data can be read")
    if "json" in name:
        return Json
    return KINDS.get(name) or (Text if name.startswith("text/") else Binary)


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        yield message.get("body", b"")
