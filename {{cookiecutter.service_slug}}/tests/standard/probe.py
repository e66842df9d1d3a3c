"""Handlers of a contract that only tests have."""

from collections.abc import AsyncGenerator
from typing import Any, ClassVar

from app.standard.errors import ServiceError
from app.standard.streaming import Stream


class Conflict(ServiceError):
    """A failure that the client may know of."""

    status = 409
    title = "Conflict"


async def echo(**parameters: Any) -> dict[str, Any]:
    """Return what came."""
    return parameters


async def conflict() -> None:
    """Fail in a way that the client may know of."""
    raise Conflict("It is taken.")


async def fail() -> None:
    """Fail in a way that no client should know of."""
    raise RuntimeError("the password is hunter2")


class UpstreamError(Exception):
    """A failure of a service that we called, as generated clients raise it."""

    status_code = 404
    headers: ClassVar = {"Set-Cookie": "upstream=1"}
    detail = "the password is hunter2"


async def call() -> None:
    """Fail because a service that we called did."""
    raise UpstreamError("the password is hunter2")


async def created() -> tuple[dict[str, str], int, dict[str, str]]:
    """Return data, a status and headers."""
    return {"id": "1"}, 201, {"Location": "/probes/1"}


async def stream() -> Stream:
    """Return a stream of two chunks."""

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield b"one"
        yield b"two"

    return Stream(chunks(), "text/plain")


async def nothing() -> None:
    """Return nothing."""


def not_async() -> None:
    """Block the event loop, if it were let."""
