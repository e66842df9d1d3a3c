"""Connexion without a web framework underneath: handlers run where the server runs."""

from collections.abc import Callable, Coroutine
from typing import Any

from connexion.apps.asynchronous import AsyncApp
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.standard.handlers import Handler, reply_of
from app.standard.service import Service
from app.standard.streaming import Stream


def init_app(service: Service) -> None:
    """Build the service on Connexion's own application."""
    service.build = AsyncApp
    service.adapter = _adapt


def _adapt(handler: Handler) -> Callable[..., Coroutine[Any, Any, Response]]:
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
