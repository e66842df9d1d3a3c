"""Connexion on Flask.

Flask calls a view in a thread of its own. Handlers run on the server's event loop all the
same, so that they share its pools and end when their client leaves; and streams are sent by the
loop, so that they hold no thread.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import flask
from a2wsgi import WSGIMiddleware
from connexion.apps.flask import FlaskApp
from connexion.frameworks.flask import IntegerConverter, NumberConverter
from pydantic import Field
from starlette.types import Message, Receive, Scope, Send

from app.standard.contract import INTEGER_IN_PATH, NUMBER_IN_PATH, Handler, Reply, reply_of
from app.standard.http import HttpMiddleware, Stream
from app.standard.service import Application, ServiceSettings

# Given to the threads of views when the service stops.
END_SECONDS = 2.0


class FlaskSettings(ServiceSettings):
    """How many requests Flask handles at once; others wait for their turn."""

    wsgi_threads: int = Field(default=40, ge=1)


def build(application: Application, options: dict[str, Any]) -> FlaskApp:
    """Return Connexion on Flask, with the bridge between its threads and the loop innermost."""
    options["middlewares"].append(LoopBridgeMiddleware)
    app = FlaskApp("app", **options)
    # Connexion's router, which decides, does not merge them.
    app.app.url_map.merge_slashes = False
    NumberConverter.regex = NUMBER_IN_PATH
    IntegerConverter.regex = INTEGER_IN_PATH
    threads = application.settings_as(FlaskSettings).wsgi_threads
    wsgi = WSGIMiddleware(cast(Any, app.app.wsgi_app), threads)
    # Connexion has no option for it (https://github.com/spec-first/connexion/issues/1979).
    app._middleware_app.asgi_app = wsgi
    application.lifespans.append(partial(_wait_for_threads, wsgi, threads))
    return app


@asynccontextmanager
async def _wait_for_threads(wsgi: WSGIMiddleware, threads: int) -> AsyncIterator[None]:
    """Keep the loop until the threads, whose last words go through it, have ended."""
    yield
    # The application may start again.
    ending, wsgi.executor = wsgi.executor, ThreadPoolExecutor(threads)
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await asyncio.to_thread(ending.shutdown)


@dataclass(slots=True)
class _HandlerCall:
    """What one request needs on both sides, in the loop and in the thread of its view."""

    loop: asyncio.AbstractEventLoop
    handling: asyncio.Task[None] | None = None
    reply: Reply | None = None
    stream_starts: bool = False
    is_over: bool = False

    async def handle(self, handler: Handler, arguments: dict[str, Any]) -> Reply:
        """Run the handler, in the loop, unless the view had to wait too long for its thread."""
        if self.is_over:
            raise asyncio.CancelledError
        self.handling = asyncio.current_task()
        self.reply = await reply_of(handler, arguments)
        return self.reply

    def start_stream(self) -> Iterator[bytes]:
        """Stand for the stream in Flask's response: reading it says that the stream is wanted."""
        self.stream_starts = True
        yield b""

    async def end(self) -> None:
        """End what still runs, since Flask may have failed, or the request was given up."""
        self.is_over = True
        if self.handling is not None:
            self.handling.cancel()
            await asyncio.wait({self.handling})
        if self.reply is not None and isinstance(self.reply.body, Stream):
            await self.reply.body.close()


_call: ContextVar[_HandlerCall] = ContextVar("call")


def adapt(handler: Handler) -> Callable[..., flask.Response]:
    """Return the view that runs a handler in the loop, and waits for it in Flask's thread."""

    def view(**arguments: Any) -> flask.Response:
        call = _call.get()
        try:
            reply = asyncio.run_coroutine_threadsafe(
                call.handle(handler, arguments), call.loop
            ).result()
        except CancelledError:
            return flask.Response(status=503)  # Nobody waits for it any more.
        body = call.start_stream() if isinstance(reply.body, Stream) else reply.body
        # Passed through, because an extension that reads the body would empty the stream.
        response = flask.Response(body, reply.status, direct_passthrough=body is not reply.body)
        response.headers.clear()
        response.headers.update(reply.headers)
        return response

    return view


class LoopBridgeMiddleware(HttpMiddleware):
    """Lends views the server's event loop, and sends what their handlers return."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        call = _HandlerCall(asyncio.get_running_loop())
        _call.set(call)
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if call.reply is None:
                # The answer of a view that the team added to Flask itself.
                await send(message)
            elif message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message["body"])

        try:
            await self.app(scope, receive, keep)
            if call.reply is None:
                return
            if call.stream_starts and isinstance(call.reply.body, Stream):
                await call.reply.body.send(start, scope, send)
            else:
                # In one piece: a2wsgi's pieces look like a stream to the compression.
                await send(start)
                await send({"type": "http.response.body", "body": bytes(body)})
        finally:
            await call.end()
