"""What the tests of the export from the database share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.standard.streaming import Stream

# What COPY must not depend on.
SERVER_SETTINGS = {"datestyle": "SQL, DMY", "extra_float_digits": "0", "timezone": "Asia/Kolkata"}
numbers = sa.func.generate_series(1, 2_000_000).table_valued("number").render_derived()
# More than the sockets hold, so that COPY waits for its reader.
ENDLESS = sa.select(sa.func.repeat("x", 100, type_=sa.Text).label("wide")).select_from(numbers)
Statement = sa.Select[*tuple[Any, ...]]


def on_database(url: str, work: Callable[[AsyncEngine], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        options = {"server_settings": SERVER_SETTINGS}
        engine = create_async_engine(
            url, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args=options
        )
        try:
            return await asyncio.wait_for(work(engine), timeout=30)
        finally:
            await engine.dispose()

    return asyncio.run(run())


async def read(stream: Stream) -> list[str]:
    return b"".join([chunk async for chunk in stream.chunks]).decode().split("\n")
