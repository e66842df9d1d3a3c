"""Headers that keep browsers from misusing what the service sends (OWASP's REST cheat sheet)."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.standard.http.middleware import HttpMiddleware

# The answers of an API are data: no browser has anything to run or to frame there.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class SecurityHeadersMiddleware(HttpMiddleware):
    """Adds the headers that a response does not set itself."""

    def __init__(self, app: ASGIApp, hsts_max_age: int) -> None:
        super().__init__(app)
        self.hsts = {"Strict-Transport-Security": f"max-age={hsts_max_age}"} if hsts_max_age else {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        # Browsers ignore HSTS elsewhere (RFC 6797, section 7.2).
        wanted = HEADERS | (self.hsts if scope["scheme"] == "https" else {})

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, add)
