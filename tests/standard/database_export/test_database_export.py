import asyncio
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.standard.database_export import copying, stream_select
from app.standard.database_export.copy_statement import Statement
from tests.standard.exports import ENDLESS, on_database
from tests.standard.test_csv_export import send

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


SLEEP = sa.select(sa.cast(sa.func.pg_sleep(60), sa.Text))


@pytest.mark.parametrize(
    ("statement", "event"), [(ENDLESS, "ClientWrite"), (SLEEP, "PgSleep")], ids=str
)
def test_connection_is_back_soon_after_a_client_left(
    database_url: str, statement: Statement, event: str
) -> None:
    async def work(engine: AsyncEngine) -> None:
        backend = await backend_of(engine)
        stream = stream_select(statement, engine.connect, filename="x.csv")
        priming = asyncio.ensure_future(stream.prime())
        await until_copy_waits(database_url, event)
        async with asyncio.timeout(2):
            priming.cancel()
            await asyncio.wait([priming])
            await stream.close()
            assert await backend_of(engine) == backend

    on_database(database_url, work)


def test_connection_is_back_after_a_wait_for_a_lock(database_url: str) -> None:
    table = sa.table("locked", sa.column("a", sa.Integer))

    async def work(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(sa.text("create table locked (a int)"))
        backend = await backend_of(engine)
        locker = create_async_engine(database_url)
        async with locker.begin() as connection:
            await connection.execute(sa.text("lock table locked"))
            stream = stream_select(sa.select(table), engine.connect, filename="x.csv")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stream.prime(), 0.3)
            async with asyncio.timeout(2):
                assert await backend_of(engine) == backend
        await locker.dispose()

    on_database(database_url, work)


def test_connection_is_back_whenever_a_client_leaves(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        for _ in range(20):
            stream = stream_select(ENDLESS, engine.connect, filename="x.csv")
            await stream.prime()
            async with asyncio.timeout(2):
                await stream.close()
                assert await backend_of(engine)

    on_database(database_url, work)


def test_connection_that_is_not_released_in_time_is_cut(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = asyncio.Event()
    close = AsyncConnection.close

    async def close_when_cut(connection: AsyncConnection) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda _: cut.set())
        await cut.wait()
        await close(connection)

    async def work(engine: AsyncEngine) -> None:
        backend = await backend_of(engine)
        stream = stream_select(ENDLESS, engine.connect, filename="x.csv")
        await stream.prime()
        monkeypatch.setattr(copying, "CUT_SECONDS", 0.1)
        monkeypatch.setattr(AsyncConnection, "close", close_when_cut)
        await stream.close()
        monkeypatch.undo()
        assert await backend_of(engine) != backend

    on_database(database_url, work)


def test_connection_that_is_released_in_time_is_never_cut(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "CUT_SECONDS", 0.2)

    async def work(engine: AsyncEngine) -> None:
        stream = stream_select(ENDLESS, engine.connect, filename="x.csv")
        await stream.prime()
        await stream.close()
        async with engine.connect() as connection:
            assert await connection.scalar(sa.text("select pg_sleep(0.4) is null")) is False

    on_database(database_url, work)


def test_error_in_the_middle_is_raised(database_url: str) -> None:
    late = sa.literal_column("1 / (number - 1000000)", sa.Integer)

    async def work(engine: AsyncEngine) -> None:
        stream = stream_select(ENDLESS.add_columns(late), engine.connect, filename="x.csv")
        await stream.prime()
        with pytest.raises(asyncpg.DivisionByZeroError):
            await send(stream)

    on_database(database_url, work)


def test_lost_connection_is_raised(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        stream = stream_select(ENDLESS, engine.connect, filename="x.csv")
        await stream.prime()
        await until_copy_waits(database_url, "ClientWrite", terminate=True)
        with pytest.raises((asyncpg.PostgresError, sa.exc.DBAPIError)):
            await send(stream)

    on_database(database_url, work)
