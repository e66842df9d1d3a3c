"""Bodies in the coding that the client takes, zstd before br and gzip (RFC 9110, 12.5.3)."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from app.standard.http.middleware import HttpMiddleware

# Of each coding. At 4, an export takes up to twice as long, and is a tenth smaller at most.
LEVEL = 1

add_compress_type("application/problem+json")
# Of these each chunk of a stream can be read once it was sent; of others when a block is full.
for streamed in ("application/jsonl", "application/x-ndjson", "text/plain"):
    add_compress_type(streamed, streaming=True)


class CompressionMiddleware(HttpMiddleware):
    """Compresses what gets smaller: no part of a file, and nothing that is packed already."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            CompressMiddleware(app, zstd_level=LEVEL, brotli_quality=LEVEL, gzip_level=LEVEL)
        )

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; a tag that stands for several codings is weak (RFC 9110, 8.8.3)."""

        async def weaken(message: Message) -> None:
            # Most have none, and need no closer look.
            if message["type"] == "http.response.start" and b"etag" in dict(message["headers"]):
                headers = MutableHeaders(scope=message)
                tag = headers["ETag"]
                # A 304 tells of a body that may have been compressed.
                is_any = message["status"] == 304 or "Content-Encoding" in headers
                if is_any and tag.startswith('"'):
                    headers["ETag"] = f"W/{tag}"
            await send(message)

        await self.app(scope, receive, weaken)
