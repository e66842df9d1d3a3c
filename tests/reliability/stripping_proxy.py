"""A reverse proxy that takes a prefix away, as an ingress does."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from reliability.clients import BOUND, Host

# They are of one connection, and no proxy hands them on (RFC 9110, section 7.6.1).
OF_ONE_CONNECTION = ("connection", "transfer-encoding")


@contextmanager
def stripping_proxy(behind: Host, prefix: str) -> Iterator[str]:
    """Serve what is behind below a prefix, and give the address with it."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(prefix + "/"):
                self.send_error(404)
                return
            connection = http.client.HTTPConnection(*behind, timeout=BOUND)
            path = self.path.removeprefix(prefix)
            # None of those that come here has a body.
            connection.request(self.command, path, headers=dict(self.headers))
            self._answer(connection.getresponse())
            connection.close()

        do_DELETE = do_POST = do_GET

        def _answer(self, response: http.client.HTTPResponse) -> None:
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                if name.lower() not in OF_ONE_CONNECTION:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.read())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()
