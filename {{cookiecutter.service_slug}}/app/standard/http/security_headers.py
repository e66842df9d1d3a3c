"""Headers that keep browsers from misusing what the service sends (OWASP's REST cheat sheet)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.standard.http.middleware import HttpMiddleware

# The answers of an API are data: no browser has anything to run or to frame there.
HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}


class SecurityHeadersMiddleware(HttpMiddleware):
    """Adds the headers that a response does not set itself."""

    def __init__(self, app: ASGIApp, hsts_max_age: int) -> None:
        super().__init__(app)
        policy = f"max-age={hsts_max_age}".encode()
        hsts = {b"strict-transport-security": policy} if hsts_max_age else {}
        # Browsers ignore HSTS elsewhere (RFC 6797, section 7.2).
        self.headers = {"https": HEADERS | hsts}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        wanted = self.headers.get(scope["scheme"], HEADERS)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(message["headers"])
                added = [pair for pair in wanted.items() if pair[0] not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, add)
