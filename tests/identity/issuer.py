"""An OpenID provider in this process that does as it is told, and counts what it is asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from examples.serving import free_port
from identity.keys import Key

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
TOKEN = "/token"  # noqa: S105
# Of a request that is held: more than the service waits.
HOLD_SECONDS = 20.0


class Reply(NamedTuple):
    """What the issuer answers: ``headers`` beside the length of the body."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012


class Issuer:
    """The provider: its keys are those given, and ``replies`` are what it answers instead."""

    def __init__(self, *keys: Key, tls: ssl.SSLContext | None = None) -> None:
        self.port = free_port()
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.keys = list(keys)
        self.replies: dict[str, Reply | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        self._tls = tls
        self._free = threading.Event()
        self._free.set()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen, always at the same port."""
        handler = type("Handler", (_Handler,), {"issuer": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        if self._tls:
            plain = self._server.socket
            self._server.socket = self._tls.wrap_socket(plain, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections; answer those that are held."""
        self._free.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextmanager
    def running(self) -> Iterator[Issuer]:
        """Listen until the block ends."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Answer nothing until the block ends."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def count(self, path: str = KEYS) -> int:
        """Count the requests for a path."""
        return self.requests.count(path)

    def reply(self, path: str) -> Reply | Callable[[BaseHTTPRequestHandler], None]:
        """Return what to answer, when that is due."""
        self.requests.append(path)
        self._free.wait(HOLD_SECONDS)
        standard = {
            DISCOVERY: {
                "issuer": self.address,
                "jwks_uri": self.address + KEYS,
                "token_endpoint": self.address + TOKEN,
            },
            KEYS: {"keys": [key.public for key in self.keys]},
        }
        if path in self.replies:
            return self.replies[path]
        return Reply(json.dumps(standard.get(path, {})).encode(), 200 if path in standard else 404)


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        reply = self.issuer.reply(self.path)
        # The client may have left.
        with suppress(ConnectionError):
            if not isinstance(reply, Reply):
                reply(self)
                return
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
