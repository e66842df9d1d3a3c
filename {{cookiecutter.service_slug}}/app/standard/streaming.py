"""Response bodies that are sent while they are made."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send


@dataclass(slots=True)
class Stream:
    """A streamed response: what a handler returns instead of data.

    ``chunks`` is closed when the stream ends, fails, or its client leaves. It runs in more than
    one task, so no ``asyncio.timeout`` or ``TaskGroup`` may be open where it yields (PEP 789).
    """

    chunks: AsyncGenerator[bytes, None]
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    _first: bytes = field(default=b"", init=False)

    async def prime(self) -> None:
        """Make the first chunk, so that an early failure still has a status of its own."""
        self._first = await anext(self.chunks, b"")

    async def send(self, start: Message, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response until it ends or its client leaves, then close the chunks."""
        async with aclosing(self.chunks):
            await send(start)
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b""})
                return
            sender = asyncio.ensure_future(self._send_chunks(send))
            watcher = asyncio.ensure_future(_client_leaves(receive))
            try:
                await asyncio.wait((sender, watcher), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sender.cancel()
                watcher.cancel()
                await asyncio.wait((sender, watcher))
            if not sender.cancelled():
                sender.result()

    async def _send_chunks(self, send: Send) -> None:
        chunk = self._first
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        async for chunk in self.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            # Chunks that wait for nothing, and a client that is fast, leave others no turn.
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})


async def _client_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
