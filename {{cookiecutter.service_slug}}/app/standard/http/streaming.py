"""Response bodies that are sent while they are made."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.types import Message, Scope, Send

Write = Callable[[bytes], Awaitable[None]]

# A client that reads nothing for so long has left; its stream holds what others wait for.
STALL_SECONDS = 30.0
# Given to a producer whose client left, first to write once more, then to clean up.
CANCEL_SECONDS = 0.5
CLEANUP_SECONDS = 5.0


class ClientLeft(ConnectionError):
    """The client of a stream no longer reads it."""


class Stream:
    """A streamed response: what a handler returns instead of data.

    ``produce`` is called once, in a task of its own, with the function that writes a chunk and
    waits until there is room for more. What it raises after its first chunk breaks the response.
    When the client has left, the next write raises ``ClientLeft``; a producer that does not
    write is cancelled.
    """

    def __init__(
        self,
        produce: Callable[[Write], Awaitable[None]],
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.media_type = media_type
        self.headers = headers or {}
        self._produce = produce
        self._producer: asyncio.Future[None] | None = None
        self._has_begun = asyncio.Event()
        self._may_write = asyncio.Event()
        self._send: Send | None = None
        self._patience: asyncio.Timeout | None = None

    # {% if cookiecutter.use_worker and cookiecutter.use_database %}
    async def write_to(self, write: Write) -> None:
        """Write the chunks elsewhere than into a response, such as into a file."""
        await self._produce(write)

    # {% endif %}
    async def prime(self) -> None:
        """Wait for the first chunk, so that an early failure still has a status of its own."""
        self._producer = asyncio.ensure_future(self._produce(self._write))
        self._producer.add_done_callback(lambda _: self._has_begun.set())
        try:
            await self._has_begun.wait()
        except asyncio.CancelledError:
            await self.close()
            raise
        if self._producer.done():
            self._producer.result()

    async def send(self, start: Message, scope: Scope, send: Send) -> None:
        """Send the primed response; stop the producer if its chunks cannot be sent."""
        try:
            if scope.get("http_version") == "1.0":
                # Its clients take a break for the end: they would keep a part as the whole.
                raise HTTPException(426, "This needs HTTP/1.1.", {"Upgrade": "HTTP/1.1"})
            await send(start)
            if scope["method"] != "HEAD" and self._producer:
                self._send = send
                self._may_write.set()
                await asyncio.wait({self._producer})
                self._producer.result()
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop the producer, and wait until what it holds is free, or as long as is bearable."""
        self._send = None
        self._may_write.set()
        if self._patience and not self._patience.expired():
            self._patience.reschedule(0)
        if self._producer and not self._producer.done():
            # A timer, since the wait may be cancelled itself.
            asyncio.get_running_loop().call_later(CANCEL_SECONDS, self._producer.cancel)
            await asyncio.wait({self._producer}, timeout=CLEANUP_SECONDS)
        if self._producer and self._producer.done() and not self._producer.cancelled():
            self._producer.exception()  # It counts as seen.

    async def _write(self, chunk: bytes) -> None:
        self._has_begun.set()
        try:
            async with asyncio.timeout(STALL_SECONDS) as self._patience:
                await self._may_write.wait()
                if self._send is None:
                    raise ClientLeft("the client left")
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            raise ClientLeft(f"the client read nothing for {STALL_SECONDS:g} seconds") from None
        finally:
            self._patience = None
        # Chunks that wait for nothing, and a client that is fast, leave others no turn.
        await asyncio.sleep(0)
