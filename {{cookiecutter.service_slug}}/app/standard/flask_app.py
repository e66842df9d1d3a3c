"""Connexion on Flask.

Flask calls a view in a thread of its own. Handlers run on the server's event loop all the
same, so that they share its pools; and streams are sent by the loop, so that they hold no
thread and notice when their client leaves.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import flask
from connexion.apps.flask import FlaskApp
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.standard.handlers import Handler, Reply, reply_of
from app.standard.service import Service
from app.standard.streaming import Stream


def init_app(service: Service) -> None:
    """Build the service on Flask."""
    service.app_class = FlaskApp
    service.adapter = _adapt
    service.innermost_middlewares.append(_LoopBridge)


@dataclass(slots=True)
class _Exchange:
    """What one request needs on both sides, in the loop and in the thread of its view."""

    loop: asyncio.AbstractEventLoop
    reply: Reply | None = None
    stream_starts: bool = False

    def start_stream(self) -> Iterator[bytes]:
        """Stand for the stream in Flask's response: reading it says that the stream is wanted."""
        self.stream_starts = True
        yield b""


_exchange: ContextVar[_Exchange] = ContextVar("exchange")


def _adapt(handler: Handler) -> Callable[..., flask.Response]:
    def view(**arguments: Any) -> flask.Response:
        exchange = _exchange.get()
        reply = asyncio.run_coroutine_threadsafe(
            reply_of(handler, arguments), exchange.loop
        ).result()
        exchange.reply = reply
        body = exchange.start_stream() if isinstance(reply.body, Stream) else reply.body
        # Passed through, because an extension that reads the body would empty the stream.
        response = flask.Response(body, reply.status, direct_passthrough=body is not reply.body)
        response.headers.clear()
        response.headers.update(reply.headers)
        return response

    return view


class _LoopBridge:
    """Lends views the server's event loop, and sends what their handlers return."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(asyncio.get_running_loop())
        _exchange.set(exchange)
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if exchange.reply is None:
                # The answer of a view that the team added to Flask itself.
                await send(message)
            elif message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message["body"])

        try:
            await self.app(scope, receive, keep)
            if exchange.reply is None:
                return
            if exchange.stream_starts and isinstance(exchange.reply.body, Stream):
                await exchange.reply.body.send(start, scope, receive, send)
            else:
                # In one piece: a2wsgi's pieces look like a stream to the compression.
                await send(start)
                await send({"type": "http.response.body", "body": bytes(body)})
        finally:
            # Flask may have failed between the handler and here.
            if exchange.reply is not None and isinstance(exchange.reply.body, Stream):
                await exchange.reply.body.chunks.aclose()
