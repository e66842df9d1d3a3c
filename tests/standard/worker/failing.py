"""What tasks of tests do, whatever the queue; they tell in ``seen`` that they ran."""

import asyncio
from typing import Any

from app.standard.worker import current_job

seen: list[Any] = []
begun = asyncio.Event()


async def stumble(times: int) -> None:
    """Fail so many times."""
    seen.append(current_job())
    if current_job().attempt <= times:
        raise ValueError("password=hunter2")


async def tell_secret(secret: str) -> None:
    """Fail, with a secret in the message."""
    raise ValueError(secret)


async def linger() -> None:
    """Take longer than it may."""
    seen.append("began")
    await asyncio.sleep(60)


async def await_cancelled() -> None:
    """Wait for what another one has cancelled."""
    other = asyncio.ensure_future(asyncio.sleep(60))
    other.cancel()
    await other


async def let_go_slowly() -> None:
    """Take as long as it takes, and some more to end."""
    begun.set()
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.01)
        seen.append("told")


async def greet(name: str, tone: str) -> None:
    """Want more than an older release has enqueued."""
    seen.append(name)


async def greet_of_before(name: str) -> None:
    """Do nothing."""


greet_of_before.__name__ = greet.__name__
