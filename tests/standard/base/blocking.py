"""Handlers that block, of a contract that only tests have."""

import asyncio
import threading
from pathlib import Path

import structlog

from app.standard.http import ServiceError, outgoing_headers
from app.standard.service import current_application, run_blocking

CONTRACT = Path(__file__).with_name("blocking.yml")
SECONDS = 10


class Conflict(ServiceError):
    """A failure that the client may know of."""

    status = 409


class Gate:
    """What threads wait at, and how many have come."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.came = threading.Semaphore(0)

    def wait(self) -> None:
        """Wait until it is opened."""
        self.came.release()
        assert self.opened.wait(SECONDS)


gate = Gate()


def look(prefix: str, *, suffix: str) -> dict[str, object]:
    """Tell what is seen from a thread."""
    structlog.contextvars.bind_contextvars(leaked=True)
    return {
        "text": prefix + suffix,
        "environment": current_application().settings.environment,
        "headers": outgoing_headers(),
    }


async def context() -> dict[str, object]:
    """Tell what is seen from a thread."""
    loop_thread = threading.current_thread()
    seen = await run_blocking(look, "a", suffix="b")
    assert "leaked" not in structlog.contextvars.get_contextvars()
    other = await run_blocking(threading.current_thread)
    return {**seen, "other": other is not loop_thread}


async def fail() -> None:
    """Fail in a thread, in a way that the client may know of."""

    def refuse() -> None:
        raise Conflict("It is taken.")

    await run_blocking(refuse)


async def hold() -> None:
    """Wait for the gate, in a thread."""
    await run_blocking(gate.wait)


async def is_free() -> dict[str, bool]:
    """Use the threads of asyncio, which are few."""
    await asyncio.to_thread(lambda: None)
    return {"free": True}
