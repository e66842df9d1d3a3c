"""The server's side of a connection, with an end to the head of a request, and to patience."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# What is larger is no request (400); limits.py refuses smaller ones nicely.
MAX_HEAD_BYTES = 64 * 1024
# Given to a client that sends a refused body, to find and read the answer.
LINGER_SECONDS = 2.0
# From SIGTERM on, for what a client has sent on a connection that it keeps, and has not arrived.
IDLE_SECONDS = 1.0


class HttpConnection(HttpToolsProtocol):
    """Closes a connection on which no whole head of a request arrives in time, or in size.

    uvicorn waits for ever (https://github.com/Kludex/uvicorn/issues/157), httptools takes heads of
    any size, and what is no HTTP would be answered before the requests in front of it
    (https://github.com/Kludex/uvicorn/issues/2238).
    """

    def __init__(self, *arguments: Any, head_seconds: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.head_seconds = head_seconds
        self.patience: asyncio.TimerHandle | None = None
        self.is_in_head = True
        self.head_bytes = 0
        self.refusal: str | None = None
        self.is_lingering = False
        self.is_stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        if self.refusal is not None or self.is_lingering:
            return
        self.head_bytes += len(data)
        super().data_received(data)
        if self.is_in_head and self.head_bytes > MAX_HEAD_BYTES:
            self.send_400_response("The head of a request is too large.")
        if self.is_in_head or self.patience is not None:
            self._watch_head()

    def on_message_begin(self) -> None:
        self.is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # Behind a body, nobody reads them (RFC 9110, section 6.5.1).
        if self.is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.is_in_head = False
        super().on_headers_complete()
        if self.is_stopping and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.head_bytes = 0

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, after the requests before it have been answered."""
        is_first = not self.pipeline and self._is_idle()
        is_own_body = not self.pipeline and self.cycle is not None and self.cycle.more_body
        if is_own_body and self.cycle.response_started:
            self.transport.close()
        elif is_first or is_own_body:
            super().send_400_response(msg)
        else:
            self.refusal = msg

    def on_response_complete(self) -> None:
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self.refusal is not None:
            super().send_400_response(self.refusal)
        elif self.cycle.more_body and is_last:
            self._linger()

    def shutdown(self) -> None:
        """End with the next response, or soon where no request comes.

        A request may be on its way: closed at once, the connection would leave it without an
        answer (https://github.com/Kludex/uvicorn/pull/3124), and no proxy sends a POST twice (RFC
        9110, section 9.2.2).
        """
        self.is_stopping = True
        if self._is_idle():
            self.loop.call_later(IDLE_SECONDS, self._close_where_idle)
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_patience()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_where_idle(self) -> None:
        if self._is_idle():
            self.transport.close()

    def _linger(self) -> None:
        """Take in what the client still sends for a while, and nobody reads.

        A connection that is closed at once is reset, and the answer is lost (RFC 9112, section
        9.6).
        """
        self.is_lingering = True
        self._unset_keepalive_if_required()
        if not self.transport.is_closing() and self.transport.can_write_eof():
            self.transport.write_eof()
        self._end_patience()
        self.patience = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _watch_head(self) -> None:
        if not self.is_in_head:
            self._end_patience()
        elif self.patience is None:
            give_up = self.timeout_keep_alive_handler
            self.patience = self.loop.call_later(self.head_seconds, give_up)

    def _end_patience(self) -> None:
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None
