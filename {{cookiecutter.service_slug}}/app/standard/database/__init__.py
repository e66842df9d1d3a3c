"""PostgreSQL: one pool for the life of the service, and one transaction per unit of work.

Handlers and statements use ``session`` and ``connect``, scripts ``open_database``, models ``Base``.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.standard.database.address import to_asyncpg_url
from app.standard.database.base import Base
from app.standard.database.engine import make_engine
from app.standard.database.pool import Database, DatabaseUnavailable, open_database, open_server
from app.standard.database.settings import DatabaseSettings
from app.standard.service import Application, current_application


def init_app(application: Application) -> None:
    """Open the database while the service runs, and make readiness depend on it."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        async with open_database(application.settings_as(DatabaseSettings)) as database:
            application.readiness_checks["database"] = database.check
            application.resources[Database] = database
            yield
        del application.resources[Database]

    application.lifespans.append(opened)


def connect() -> AbstractAsyncContextManager[AsyncConnection]:
    """Take a connection of the running service's pool."""
    return current_application().resource(Database).connect()


def session() -> AbstractAsyncContextManager[AsyncSession]:
    """Begin a transaction of the running service; it commits unless its block raises."""
    return current_application().resource(Database).session()
