"""What the tests of the export from the database share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.standard.http import Stream
from tests.standard.test_csv_export import body_of

# What COPY must not depend on.
SERVER_SETTINGS = {"datestyle": "SQL, DMY", "extra_float_digits": "0", "timezone": "Asia/Kolkata"}
numbers = sa.func.generate_series(1, 2_000_000).table_valued("number").render_derived()
# More than the sockets hold, so that COPY waits for its client.
ENDLESS = sa.select(sa.func.repeat("x", 100, type_=sa.Text).label("wide")).select_from(numbers)


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
    return (await body_of(stream)).decode().split("\n")
