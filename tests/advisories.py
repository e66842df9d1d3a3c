"""A service of advisories on this machine, with answers as https://api.osv.dev/ has them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADVISORY = {"id": "GHSA-xxxx-xxxx-xxxx", "modified": "2026-01-01T00:00:00Z", "summary": "A hole"}


class AdvisoryService(ThreadingHTTPServer):
    """It knows of one package that is vulnerable, or of none."""

    def __init__(self, vulnerable: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.vulnerable = vulnerable
        self.asked: set[str] = set()
        self.url = f"http://127.0.0.1:{self.server_port}/"


class _Answer(BaseHTTPRequestHandler):
    server: AdvisoryService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        names = [query["package"]["name"] for query in json.loads(body)["queries"]]
        self.server.asked.update(names)
        found = {"vulns": [{key: ADVISORY[key] for key in ("id", "modified")}]}
        results = [found if name == self.server.vulnerable else {} for name in names]
        self._send({"results": results})

    def do_GET(self) -> None:
        self._send(ADVISORY)

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, body: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@contextmanager
def advisory_service(vulnerable: str = "") -> Iterator[AdvisoryService]:
    """Answer until the block ends."""
    with AdvisoryService(vulnerable) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
