import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.standard import database_export
from app.standard.database_export import stream_select
from tests.standard.exports import ENDLESS, Statement, on_database, read

COPY_WAITS = sa.text("""
    select case when :terminate then pg_terminate_backend(pid) else true end from pg_stat_activity
    where datname = current_database() and query like 'COPY%' and wait_event = :event
""")


async def until_copy_waits(url: str, event: str, *, terminate: bool = False) -> None:
    observer = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with observer.connect() as connection:
        parameters = {"event": event, "terminate": terminate}
        while not await connection.scalar(COPY_WAITS, parameters):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await observer.dispose()


async def backend_of(engine: AsyncEngine) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(sa.text("select pg_backend_pid()"))


SLEEP = sa.select(sa.func.pg_sleep(60, type_=sa.Text))


@pytest.mark.parametrize(
    ("statement", "event"), [(ENDLESS, "ClientWrite"), (SLEEP, "PgSleep")], ids=str
)
def test_connection_is_back_soon_after_a_reader_is_cancelled(
    database_url: str, statement: Statement, event: str
) -> None:
    async def work(engine: AsyncEngine) -> None:
        backend = await backend_of(engine)
        stream = stream_select(statement, engine.connect, filename="x.csv")
        reader = asyncio.ensure_future(anext(stream.chunks))
        await until_copy_waits(database_url, event)
        async with asyncio.timeout(2):
            reader.cancel()
            await asyncio.wait([reader])
            await stream.chunks.aclose()
            assert await backend_of(engine) == backend

    on_database(database_url, work)


def test_connection_is_back_whenever_a_reader_leaves(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        for _ in range(20):
            stream = stream_select(ENDLESS, engine.connect, filename="x.csv")
            await anext(stream.chunks)
            async with asyncio.timeout(2):
                await stream.chunks.aclose()
                assert await backend_of(engine)

    on_database(database_url, work)


def test_connection_that_is_not_given_back_in_time_is_cut(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_export, "CANCEL_SECONDS", 60)
    monkeypatch.setattr(database_export, "CUT_SECONDS", 0.1)

    async def work(engine: AsyncEngine) -> None:
        cut = asyncio.Event()

        @asynccontextmanager
        async def connect() -> AsyncIterator[AsyncConnection]:
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                driver.add_termination_listener(lambda _: cut.set())
                try:
                    yield connection
                finally:
                    await cut.wait()

        backend = await backend_of(engine)
        stream = stream_select(ENDLESS, connect, filename="x.csv")
        await anext(stream.chunks)
        await stream.chunks.aclose()
        assert cut.is_set()
        assert await backend_of(engine) != backend

    on_database(database_url, work)


def test_error_in_the_middle_is_raised(database_url: str) -> None:
    late = sa.literal_column("1 / (number - 1000000)", sa.Integer)

    async def work(engine: AsyncEngine) -> None:
        stream = stream_select(ENDLESS.add_columns(late), engine.connect, filename="x.csv")
        assert await anext(stream.chunks)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await read(stream)

    on_database(database_url, work)


def test_lost_connection_is_raised(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        stream = stream_select(ENDLESS, engine.connect, filename="x.csv")
        assert await anext(stream.chunks)
        await until_copy_waits(database_url, "ClientWrite", terminate=True)
        with pytest.raises((asyncpg.PostgresError, sa.exc.DBAPIError)):
            await read(stream)

    on_database(database_url, work)
