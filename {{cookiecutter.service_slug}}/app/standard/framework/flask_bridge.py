"""The bridge between Flask's threads, in which views are called, and the server's loop."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import flask
from starlette.types import Message

from app.standard.contract import CompiledOperation, Reply, reply_of
from app.standard.http import Stream


@dataclass(slots=True)
class HandlerCall:
    """What one request needs on both sides, in the loop and in the thread of its view."""

    loop: asyncio.AbstractEventLoop
    operation: CompiledOperation
    arguments: dict[str, Any]
    checks_response: bool
    handling: asyncio.Task[None] | None = None
    reply: Reply | None = None
    stream_starts: bool = False
    is_over: bool = False

    async def handle(self) -> Reply:
        """Run the handler, in the loop, unless the view had to wait too long for its thread."""
        if self.is_over:
            raise asyncio.CancelledError
        self.handling = asyncio.current_task()
        self.reply = await reply_of(self.operation, self.arguments, is_checked=self.checks_response)
        return self.reply

    def start_stream(self) -> Iterator[bytes]:
        """Stand for the stream in Flask's response: reading it says that the stream is wanted."""
        self.stream_starts = True
        yield b""

    async def end(self) -> None:
        """End what still runs, since Flask may have failed, or the request was given up."""
        self.is_over = True
        if self.handling is not None and not self.handling.done():
            self.handling.cancel()
            await asyncio.wait({self.handling})
        if self.reply is not None and isinstance(self.reply.body, Stream):
            await self.reply.body.close()


current_call: ContextVar[HandlerCall] = ContextVar("call")


def view(**_in_path: str) -> flask.Response:
    """Run the handler in the loop, and wait for it in Flask's thread.

    It is that of the operation that was secured and validated: Flask routes by itself, and not
    always alike (https://github.com/spec-first/connexion/issues/1908).
    """
    call = current_call.get()
    try:
        reply = asyncio.run_coroutine_threadsafe(call.handle(), call.loop).result()
    except CancelledError:
        return flask.Response(status=503)  # Nobody waits for it any more.
    body = call.start_stream() if isinstance(reply.body, Stream) else reply.body
    # Passed through, because an extension that reads the body would empty the stream.
    response = flask.Response(body, reply.status, direct_passthrough=body is not reply.body)
    response.headers.clear()
    response.headers.update(reply.headers)
    return response


def run_flask(app: Callable[..., Any], environ: Any) -> tuple[Message, bytes]:
    """Call Flask, and return the start of its response and the body."""
    start: Message = {"type": "http.response.start"}

    def start_response(status: str, headers: list[tuple[str, str]], _failure: Any = None) -> None:
        start["status"] = int(status[:3])
        start["headers"] = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers]

    found = app(environ, start_response)
    try:
        return start, b"".join(found)
    finally:
        if hasattr(found, "close"):
            found.close()
