"""Handlers of a contract that only tests have."""

import asyncio
from pathlib import Path
from typing import Any, ClassVar

from app.standard.http import ServiceError, Stream, Write

PROBE_CONTRACT = Path(__file__).with_name("probe.yml")


class Conflict(ServiceError):
    """A failure that the client may know of."""

    status = 409
    title = "It is taken"


async def echo(**parameters: Any) -> dict[str, Any]:
    """Return what came."""
    return parameters


async def search(filter: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the nested parameter."""
    return filter or {}


async def put(body: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the body."""
    return body


async def thing(id: str) -> dict[str, str]:
    """Return what came in the path."""
    return {"id": id}


async def conflict() -> None:
    """Fail in a way that the client may know of."""
    raise Conflict("Take another.")


async def fail() -> None:
    """Fail in a way that no client should know of."""
    raise RuntimeError("the disk is full")


class UpstreamError(Exception):
    """A failure of a service that we called, as generated clients raise it."""

    status_code = 404
    headers: ClassVar = {"Set-Cookie": "upstream=1"}
    detail = "the disk is full"


async def call() -> None:
    """Fail because a service that we called did."""
    raise UpstreamError("the disk is full")


async def created() -> tuple[dict[str, str], int, dict[str, str]]:
    """Return data, a status and headers."""
    return {"id": "1"}, 201, {"Location": "/probes/1"}


async def stream() -> Stream:
    """Return a stream of two chunks."""

    async def produce(write: Write) -> None:
        await write(b"one")
        await write(b"two")

    return Stream(produce, "text/plain")


async def broken() -> dict[str, str]:
    """Return what the contract does not say."""
    return {"id": "one"}


async def wait() -> None:
    """Wait for what never comes."""
    await asyncio.Event().wait()


async def nothing() -> None:
    """Return nothing."""


def not_async() -> None:
    """Block the event loop, if it were let."""
