"""Connexion without a web framework underneath: handlers run where the server runs."""

from collections.abc import Callable, Coroutine
from typing import Any

from connexion.apps.asynchronous import AsyncApp
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.standard.handlers import Handler, Reply, reply_of
from app.standard.service import Service


def init_app(service: Service) -> None:
    """Build the service on Connexion's own application."""
    service.app_class = AsyncApp
    service.adapter = _adapt


def _adapt(handler: Handler) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def view(**arguments: Any) -> Response:
        return _ReplyResponse(await reply_of(handler, arguments))

    return view


class _ReplyResponse(Response):
    def __init__(self, reply: Reply) -> None:
        is_whole = isinstance(reply.body, bytes)
        super().__init__(reply.body if is_whole else None, reply.status, reply.headers)
        if not is_whole:
            del self.headers["Content-Length"]
        self.reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await self.reply.send(start, scope, receive, send)
