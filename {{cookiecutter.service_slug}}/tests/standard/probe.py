"""Handlers of a contract that only tests have."""

from typing import Any

from app.standard.errors import ServiceError


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


async def created() -> tuple[dict[str, str], int, dict[str, str]]:
    """Return data, a status and headers."""
    return {"id": "1"}, 201, {"Location": "/probes/1"}


async def nothing() -> None:
    """Return nothing."""


def not_async() -> None:
    """Block the event loop, if it were let."""
