"""Brotli for clients that accept it (RFC 7932)."""

from functools import partial

from brotli_asgi import BrotliMiddleware

from app.standard.service import Service

# Higher levels cost the event loop more time than the network saves.
QUALITY = 4


def init_app(service: Service) -> None:
    """Compress responses."""
    service.outer_middlewares.append(partial(BrotliMiddleware, quality=QUALITY, gzip_fallback=True))
