"""The courier whom the services of the page on aiohttp ask."""

from http.server import BaseHTTPRequestHandler


class CourierHandler(BaseHTTPRequestHandler):
    """Tells where every parcel is."""

    def do_GET(self) -> None:
        """Answer."""
        body = b'{"place": "%s"}' % self.path.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
