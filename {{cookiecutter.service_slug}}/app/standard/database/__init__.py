"""PostgreSQL: one pool for the life of the service, and one transaction per unit of work.

Handlers and statements use ``session`` and ``connect``, scripts ``open_database``, models ``Base``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.standard.database.address import to_asyncpg_url
from app.standard.database.base import Base
from app.standard.database.engine import make_engine
from app.standard.database.migrations import check_migrations
from app.standard.database.pool import Database, DatabaseUnavailable, open_database, open_server
from app.standard.database.settings import DatabaseSettings
from app.standard.service import Application, ReadinessCheck, current_application, run_check


def init_app(application: Application) -> None:
    """Open the database while the service runs, and make readiness depend on it."""
    settings = application.settings_as(DatabaseSettings)

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        async with open_database(settings) as database:
            check: ReadinessCheck = database.check
            if settings.database_migrations_required:
                check = partial(check_migrations, database, settings.environment)
            application.readiness_checks["database"] = check
            application.resources[Database] = database
            yield
        del application.resources[Database]

    @asynccontextmanager
    async def checked() -> AsyncIterator[None]:
        check = application.readiness_checks["database"]
        first = asyncio.create_task(run_check("database", check))
        yield
        await first

    application.lifespans.append(opened)
    # In development nobody asks for readiness: the log says what is missing.
    if settings.environment != "test":
        application.lifespans.append(checked)


def connect() -> AbstractAsyncContextManager[AsyncConnection]:
    """Take a connection of the running service's pool."""
    return current_application().resource(Database).connect()


def session() -> AbstractAsyncContextManager[AsyncSession]:
    """Begin a transaction of the running service; it commits unless its block raises."""
    return current_application().resource(Database).session()
