"""Forms as they are sent: what came for each field."""

from collections.abc import AsyncIterator
from urllib.parse import unquote_plus, unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from app.standard.validation.media_ranges import media_type_of
from app.standard.validation.uploads import Upload

MAX_PARTS = 1000
Chunks = AsyncIterator[bytes]


class Unreadable(ValueError):
    """A body that is not what its media type says."""


async def read_urlencoded(chunks: Chunks) -> dict[str, list[str]]:
    """Return the fields, not yet percent-decoded (WHATWG URL, section 5.1)."""
    body = b"".join([chunk async for chunk in chunks])
    fields: dict[str, list[str]] = {}
    try:
        unquote_to_bytes(body.replace(b"+", b" ")).decode()
        for pair in body.decode("ascii").split("&"):
            name, _, value = pair.partition("=")
            if pair:
                fields.setdefault(unquote_plus(name), []).append(value)
    except UnicodeDecodeError:
        raise Unreadable("it is not in UTF-8") from None
    return fields


async def read_multipart(chunks: Chunks, boundary: str | None) -> dict[str, list[Upload]]:
    """Return the parts of each field (RFC 7578), those with a text, too."""
    if not boundary:
        raise Unreadable("its Content-Type has no boundary")
    decoder = MultipartDecoder(boundary.encode(), max_parts=MAX_PARTS)
    fields: dict[str, list[Upload]] = {}
    part: Upload | None = None
    try:
        async for chunk in _and_the_end(chunks):
            decoder.receive_data(chunk)
            while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                if isinstance(event, Field | File):
                    if not isinstance(event.name, str):
                        raise Unreadable("a part has no name")
                    part = _start(event)
                    fields.setdefault(event.name, []).append(part)
                elif isinstance(event, Data) and part is not None:
                    part.write(event.data)
                    if not event.more_data:
                        part.rewind()
    except RequestEntityTooLarge:
        raise Unreadable(f"it has more than {MAX_PARTS} parts") from None
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return fields


async def _and_the_end(chunks: Chunks) -> AsyncIterator[bytes | None]:
    async for chunk in chunks:
        if chunk:
            yield chunk
    yield None


def _start(event: Field | File) -> Upload:
    media_type = media_type_of(event.headers.get("Content-Type", ""))
    return Upload(event.filename if isinstance(event, File) else None, media_type)
