"""Connexion without a web framework underneath: handlers run where the server runs."""

from collections.abc import Callable, Coroutine
from typing import Any

from connexion.apps.asynchronous import AsyncApp as AsyncApp
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.standard.contract import Handler, reply_of
from app.standard.http import Stream


def adapt(handler: Handler) -> Callable[..., Coroutine[Any, Any, Response]]:
    """Return the view that runs a handler."""

    async def view(**arguments: Any) -> Response:
        reply = await reply_of(handler, arguments)
        if isinstance(reply.body, Stream):
            return _StreamResponse(reply.body, reply.status, reply.headers)
        return Response(reply.body, reply.status, reply.headers)

    return view


class _StreamResponse(Response):
    def __init__(self, stream: Stream, status: int, headers: dict[str, str]) -> None:
        super().__init__(status_code=status, headers=headers)
        del self.headers["Content-Length"]
        self.stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await self.stream.send(start, scope, send)
