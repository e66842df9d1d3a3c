"""One asyncpg pool for the life of the service, one session per unit of work."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from app.standard.database.address import to_asyncpg_url
from app.standard.database.engine import make_engine, name_setting

# {%- if cookiecutter.use_telemetry +%}
from app.standard.database.measuring import count_timeout, measure_pool

# {%- endif +%}
from app.standard.database.settings import DatabaseSettings
from app.standard.http import ServiceUnavailable

# What a server that is alive needs less than; asyncpg waits for its answers without end.
ANSWER_SECONDS = 2.0
# {% if cookiecutter.deploy == "lambda" %}
# Lambda freezes the process between two requests: it notices no end, and may not count the time.
FRESH_SECONDS = 0.0
# {% endif %}
# {% if cookiecutter.deploy != "lambda" %}
# In use so lately, a connection is hardly lost without a word: its server would close it.
FRESH_SECONDS = 1.0
# {% endif %}


class DatabaseUnavailable(ServiceUnavailable):
    """The database cannot be reached, or all connections to it are taken."""

    def __init__(self) -> None:
        super().__init__("The database cannot be reached.")


class Database:
    """The pool of connections, and one more for the probe of readiness."""

    def __init__(self, engine: AsyncEngine, probe: AsyncEngine) -> None:
        self.engine = engine
        self.probe = probe

    def connect(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Take a connection; raise ``DatabaseUnavailable`` if there is none, or it is lost."""
        return take(self.engine)

    # {% if cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
    def connect_for_probe(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Take the connection that probes have, however busy the pool is."""
        return take(self.probe)

    # {% endif %}
    async def check(self) -> None:
        """Raise unless the database answers; a pool whose connections are all in use is no fault."""
        async with take(self.probe):
            pass  # To take it has asked the database.

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Begin a transaction; it commits unless its block raises."""
        async with (
            self.connect() as connection,
            AsyncSession(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Open the pool, for the service or for a script."""
    async with open_server(settings) as url:
        size, overflow = settings.database_pool_size, settings.database_pool_max_overflow
        database = Database(_pool(url, settings, size, overflow), _pool(url, settings, 1, 0))
        event.listen(database.engine.sync_engine, "checkin", _remember_when)
        # {% if cookiecutter.use_telemetry %}
        measure_pool(database.engine, size + overflow)
        # {% endif %}
        try:
            yield database
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await asyncio.gather(database.engine.dispose(), database.probe.dispose())


def _pool(url: URL, settings: DatabaseSettings, size: int, overflow: int) -> AsyncEngine:
    seconds = settings.database_pool_timeout
    engine = make_engine(
        url,
        settings.database_pooler,
        timeout=seconds,
        # A message of an error is logged, and its parameters may be anything.
        hide_parameters=True,
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=seconds,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_if_lost)
    return engine


@asynccontextmanager
async def take(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Take a connection; raise ``DatabaseUnavailable`` if there is none, or it is lost."""
    try:
        connection = await engine.connect()
    except (OSError, SQLAlchemyError) as error:
        # {% if cookiecutter.use_telemetry %}
        count_timeout(engine, error)
        # {% endif %}
        raise DatabaseUnavailable from error
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        yield connection
    except Exception as error:
        if driver.is_closed():
            raise DatabaseUnavailable from error
        name_setting(error)
        raise
    finally:
        await asyncio.shield(_release(connection, driver))


def _remember_when(_connection: object, record: Any) -> None:
    record.info["given_back"] = time.monotonic()


def _refuse_if_lost(connection: Any, record: Any, _proxy: object) -> None:
    """Have a connection replaced that is lost; SQLAlchemy's own ping has no bound.

    One of which is remembered that it was in use a moment ago is asked nothing, unless its socket
    is closed.
    """
    is_fresh = time.monotonic() - record.info.get("given_back", 0) < FRESH_SECONDS
    if is_fresh and not connection.driver_connection.is_closed():
        return
    try:
        connection.run_async(_ping)
    except Exception as error:
        raise InvalidatePoolError from error


async def _ping(driver: Any) -> None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await driver.execute("select 1")
    except BaseException:
        driver.terminate()
        raise


async def _release(connection: AsyncConnection, driver: Any) -> None:
    """Give a connection back; one that is lost is not missed, as its work is done."""
    cut = asyncio.get_running_loop().call_later(ANSWER_SECONDS, driver.terminate)
    try:
        with suppress(DBAPIError):
            await connection.close()
    finally:
        cut.cancel()


@asynccontextmanager
async def open_server(settings: DatabaseSettings) -> AsyncIterator[URL]:
    """Give the address of the database; where none is set, start an embedded PostgreSQL."""
    if settings.database_url is not None:
        yield to_asyncpg_url(settings.database_url.get_secret_value())
        return
    # Production has neither the folder nor the library.
    from development.embedded_postgres import kept_server

    async with kept_server() as address:
        yield to_asyncpg_url(address)
