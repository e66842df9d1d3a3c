"""Two servers behind a proxy: each tells its side, and what the proxy has handed on."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from reliability.clients import BOUND
from ways.proxies import Pair

FIRST = b"a,b\r\n"
STREAM = "/stream"
BROKEN_STREAM = "/broken-stream"
ZIPPED = "/zipped"


class Side(ThreadingHTTPServer):
    """A server of one side, which goes on with a stream when it is told to."""

    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.asked_to_go_on = Event()

    @property
    def address(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"
    server: Side

    def answer(self) -> None:
        """Answer any request."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path in (STREAM, BROKEN_STREAM):
            self.stream()
            return
        body = gzip.compress(FIRST) if self.path == ZIPPED else b""
        self.send_response(200 if body else 204)
        if body:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Side", self.server.name)
        self.send_header("X-Path", self.path)
        self.send_header("X-Client", self.headers.get("X-Forwarded-For", ""))
        self.send_header("X-Encodings", self.headers.get("Accept-Encoding", ""))
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = answer

    def stream(self) -> None:
        """Send a chunk, and wait; then end the response, or leave it without its end."""
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(FIRST), FIRST))
        self.server.asked_to_go_on.wait(BOUND)
        if self.path == STREAM:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def recording() -> Iterator[Pair]:
    """Give the servers of both sides."""
    sides = Pair(Side("old"), Side("new"))
    with ExitStack() as stack:
        for side in sides:
            stack.enter_context(side)
            stack.callback(side.shutdown)
            Thread(target=side.serve_forever, daemon=True).start()
        yield sides
