"""The server's side of a connection, with patience for the head of a request that has an end."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class HttpConnection(H11Protocol):
    """Closes a connection on which no whole head of a request arrives in time.

    uvicorn waits for ever (https://github.com/Kludex/uvicorn/issues/157).
    """

    def __init__(self, *arguments: Any, head_seconds: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.head_seconds = head_seconds
        self.patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_patience()

    def _watch_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._end_patience()
        elif self.patience is None:
            give_up = self.timeout_keep_alive_handler
            self.patience = self.loop.call_later(self.head_seconds, give_up)

    def _end_patience(self) -> None:
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None
