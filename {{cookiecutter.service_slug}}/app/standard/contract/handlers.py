"""What an operation of the contract runs: an async function that knows no framework.

A handler returns data, ``(data, status)``, ``(data, status, headers)``, ``None`` (204)
or a ``Stream``. Data is plain or made of dataclasses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from app.standard.http import Stream, to_json
from app.standard.validation import CompiledOperation, ContractBroken

NO_HEADERS: Mapping[str, str] = {}
# Their length would be that of a body which is elsewhere (RFC 9110, section 8.6).
WITHOUT_LENGTH = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's result, ready to be sent."""

    body: bytes | Stream
    status: int
    headers: dict[str, str]

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as they are sent, with the length of a body that is there."""
        headers = {
            name.lower().encode("latin-1"): value.encode("latin-1")
            for name, value in self.headers.items()
        }
        if isinstance(self.body, bytes) and self.status not in WITHOUT_LENGTH:
            headers[b"content-length"] = b"%d" % len(self.body)
        return [*headers.items()]

    async def send(self, scope: Scope, send: Send) -> None:
        """Send it, or, of a stream, what it produces."""
        start: Message = {
            "type": "http.response.start",
            "status": self.status,
            "headers": self.raw_headers(),
        }
        if isinstance(self.body, Stream):
            await self.body.send(start, scope, send)
            return
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


async def reply_of(
    operation: CompiledOperation, arguments: Mapping[str, Any], *, is_checked: bool
) -> Reply:
    """Run the handler of an operation and encode its result."""
    reply = await _encode(await operation.handler.function(**arguments))
    if is_checked:
        await _check(operation, reply)
    return reply


async def _check(operation: CompiledOperation, reply: Reply) -> None:
    stream = reply.body if isinstance(reply.body, Stream) else None
    body = reply.body if isinstance(reply.body, bytes) else None
    try:
        operation.responses.check(reply.status, reply.headers, body)
    except ContractBroken:
        if stream is not None:
            await stream.close()
        raise


async def _encode(result: Any) -> Reply:
    status, headers = None, NO_HEADERS
    # A named tuple is data.
    if type(result) is tuple:
        result, status, *rest = result
        headers = Headers(*rest)
    if result is None:
        return Reply(b"", status or 204, dict(headers))
    if isinstance(result, Stream):
        await result.prime()
        defaults = Headers({"Content-Type": result.media_type, **result.headers})
        return Reply(result, status or 200, {**defaults, **headers})
    return Reply(to_json(result), status or 200, {"content-type": "application/json", **headers})
