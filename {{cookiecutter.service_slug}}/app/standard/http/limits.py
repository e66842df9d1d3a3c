"""What one request may take: size, time, and a place among those that are handled."""

import asyncio
import re
from functools import partial
from typing import Any, cast
from urllib.parse import quote, unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.standard.http.errors import ServiceUnavailable
from app.standard.http.incoming_body import IncomingBody, content_length, has_body, with_length
from app.standard.http.request_log import CLIENT_LEFT
from app.standard.http.settings import HttpSettings
from app.standard.service import is_probe

MAX_URL_BYTES = 8 * 1024
MAX_HEADERS = 100
MAX_HEADERS_BYTES = 32 * 1024
# Some that read it take two slashes for one, and would find what nobody has secured.
PATH = re.compile(r"/(?!/)[^\0-\x1f\x7f]*")
# Of these, a second one is an attack or a mistake: who reads the first, and who the last?
SINGLE_HEADERS = (b"authorization", b"content-length", b"content-type", b"host")
# Given to the requests that the server has cancelled, to free what they hold.
END_SECONDS = 2.0
# From then on a request is watched: its time, and whether its client leaves.
WATCH_SECONDS = 0.02


class LimitsMiddleware:
    """Refuses what is too large or too much, and ends what lasts too long or was left."""

    def __init__(self, app: ASGIApp, settings: HttpSettings) -> None:
        self.app = app
        self.settings = settings
        self.running: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            receive = partial(self._wait_for_requests, receive)
        if scope["type"] != "http" or is_probe(scope):
            await self.app(scope, receive, send)
            return
        _check_head(scope)
        if len(self.running) >= self.settings.request_concurrency:
            raise ServiceUnavailable("The service is busy.")
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self.running.add(task)
        try:
            await self._run(scope, receive, send)
        except asyncio.CancelledError:
            raise ServiceUnavailable("The service is stopping.") from None
        finally:
            self.running.discard(task)

    async def _wait_for_requests(self, receive: Receive) -> Message:
        """Pass on that the service stops when no request uses any more what is freed then."""
        message = await receive()
        if message["type"] == "lifespan.shutdown" and self.running:
            await asyncio.wait(self.running, timeout=END_SECONDS)
        return message

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = self.settings.request_timeout
        patience = asyncio.timeout(None)
        request = WatchedRequest(patience, seconds, scope, receive, send)
        try:
            async with patience:
                if has_body(scope):
                    await request.read_body(self.settings.request_max_bytes)
                await self.app(request.begin(), request.receive, request.send)
        except TimeoutError:
            if not patience.expired():
                raise
            if CLIENT_LEFT in scope:
                return
            if request.has_arrived:
                raise ServiceUnavailable(f"It took more than {seconds:g} seconds.") from None
            raise HTTPException(408, f"It did not arrive within {seconds:g} seconds.") from None
        finally:
            request.end()


class WatchedRequest:
    """One request, until its response has ended or its client has left.

    Most have ended before they are watched, which costs more than many a handler.
    """

    def __init__(
        self, patience: asyncio.Timeout, seconds: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.patience: asyncio.Timeout | None = patience
        self.scope = scope
        self._receive = receive
        self._send = send
        self.body = IncomingBody()
        self.headers = scope["headers"]
        self.has_arrived = self.has_started = self.is_watched = False
        loop = asyncio.get_running_loop()
        self.deadline = loop.time() + seconds
        self.watch: asyncio.TimerHandle | asyncio.Future[None]
        self.watch = loop.call_later(WATCH_SECONDS, self._watch)

    async def read_body(self, limit: int) -> None:
        """Take in the whole body: validation needs it all, and no thread shall wait for it."""
        body = self.body
        length = content_length(self.scope)
        size = length or 0
        more = True
        while more and max(size, body.size) <= limit:
            message = await self._receive_or_end()
            body.write(message.get("body", b""))
            more = message.get("more_body", False)
        if max(size, body.size) > limit:
            raise HTTPException(413, f"A body may have {limit} bytes.")
        if length not in (None, body.size):
            raise HTTPException(400, "The body has another length than Content-Length says.")
        self.headers = with_length([*self.headers], length, body.size)
        body.rewind()

    def begin(self) -> Scope:
        """Return what the application runs with, now that all has arrived."""
        self.has_arrived = True
        if self.is_watched:
            self.watch = asyncio.ensure_future(self._watch_client())
        return {**self.scope, "headers": [*self.headers]}

    async def receive(self) -> Message:
        """Give the body once; then wait, as a client that leaves ends the whole request."""
        return await asyncio.Future() if self.body.is_read else self.body.read()

    async def send(self, message: Message) -> None:
        """Pass a message on; from the first on, the response may take its time."""
        if message["type"] == "http.response.start":
            self.has_started = True
            if self.is_watched:
                self._reschedule(None)
        elif not message.get("more_body"):
            self.watch.cancel()
        await self._send(message)

    def end(self) -> None:
        """Let go of the request."""
        self.watch.cancel()
        # It knows the task, which knows the context, which knows ``receive``: in that circle, all
        # of the request would stay until the garbage is collected.
        self.patience = None

    def _watch(self) -> None:
        self.is_watched = True
        if not self.has_started:
            self._reschedule(self.deadline)
        if self.has_arrived:
            self.watch = asyncio.ensure_future(self._watch_client())

    async def _watch_client(self) -> None:
        await self._receive_or_end()  # A body that nobody has waited for ends first.
        await self._receive_or_end()

    async def _receive_or_end(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._reschedule(0)
            self.scope[CLIENT_LEFT] = True
            await asyncio.Future()
        return message

    def _reschedule(self, when: float | None) -> None:
        # Nothing puts off the end of a request that its client has left.
        if not (CLIENT_LEFT in self.scope or self.patience is None or self.patience.expired()):
            self.patience.reschedule(when)


def _check_head(scope: Scope) -> None:
    sent = scope.get("raw_path") or quote(scope["path"]).encode()
    query, headers = scope["query_string"], scope["headers"]
    if len(sent) + len(query) > MAX_URL_BYTES:
        raise HTTPException(414, f"An address may have {MAX_URL_BYTES} bytes.")
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if not PATH.fullmatch(path) or b"%00" in query:
        raise HTTPException(400, "An address has one slash first, and no control characters.")
    if b"%" in (address := sent + b"?" + query) or not address.isascii():
        try:
            # Python, and what is built on it, would put other characters in the place of bad ones.
            unquote_to_bytes(address).decode()
        except UnicodeDecodeError:
            raise HTTPException(400, "An address is in UTF-8.") from None
    given = [name for name, _ in headers]
    size = sum([len(name) + len(value) for name, value in headers])
    if len(headers) > MAX_HEADERS or size > MAX_HEADERS_BYTES:
        detail = f"A request may have {MAX_HEADERS} headers, {MAX_HEADERS_BYTES} bytes in all."
        raise HTTPException(431, detail)
    if b"host" not in given and scope.get("http_version") == "1.1":
        # RFC 9112, section 3.2.
        raise HTTPException(400, "A request names its host.")
    several = len({*given}) < len(given)
    if several and (repeated := [name for name in SINGLE_HEADERS if given.count(name) > 1]):
        raise HTTPException(400, f"Given more than once: {b', '.join(repeated).decode()}.")
