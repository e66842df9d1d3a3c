"""The database: one asyncpg pool for the life of the service, one session per unit of work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from sqlalchemy import URL, MetaData, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from app.standard.service import Service, current_service
from app.standard.settings import ServiceSettings

EMBEDDED_DATA_FOLDER = Path(".postgres")


class Base(DeclarativeBase):
    """The base of the service's tables; its constraints have names that migrations can use."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DatabaseSettings(ServiceSettings):
    """Where the database is and how many connections the service takes."""

    database_url: SecretStr | None = None
    database_pool_size: int = Field(default=5, ge=1)
    database_pool_max_overflow: int = Field(default=10, ge=0)
    database_pool_timeout: float = Field(default=5.0, gt=0)

    @field_validator("database_url")
    @classmethod
    def _check_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            to_asyncpg_url(value.get_secret_value())
        elif info.data.get("environment") == "production":
            raise ValueError("must be set in production")
        return value


@dataclass(frozen=True, slots=True)
class Database:
    """The pool, and the factory of its sessions."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]


def init_app(service: Service) -> None:
    """Open the database while the service runs, and make readiness depend on it."""
    service.lifespans.append(partial(_lifespan, service))


@asynccontextmanager
async def _lifespan(service: Service) -> AsyncIterator[None]:
    async def answers() -> None:
        async with database.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async with open_database(service.settings_as(DatabaseSettings)) as database:
        service.readiness_checks["database"] = answers
        async with service.sharing(database):
            yield


def connect() -> AbstractAsyncContextManager[AsyncConnection]:
    """Take a connection of the running service's pool."""
    return current_service().resource(Database).engine.connect()


def session() -> AbstractAsyncContextManager[AsyncSession]:
    """Begin a transaction of the running service; it commits unless its block raises."""
    return current_service().resource(Database).sessions.begin()


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Open the pool, for the service or for a script."""
    async with open_server(settings) as url:
        engine = create_async_engine(
            url,
            pool_size=settings.database_pool_size,
            max_overflow=settings.database_pool_max_overflow,
            pool_timeout=settings.database_pool_timeout,
            pool_pre_ping=True,
        )
        try:
            yield Database(engine, async_sessionmaker(engine, expire_on_commit=False))
        finally:
            await engine.dispose()


@asynccontextmanager
async def open_server(settings: DatabaseSettings) -> AsyncIterator[URL]:
    """Give the address of the database; where none is set, start an embedded PostgreSQL."""
    if settings.database_url is not None:
        yield to_asyncpg_url(settings.database_url.get_secret_value())
        return
    # Only development and tests install it.
    from app.standard.embedded_postgres import EmbeddedPostgres

    server = await asyncio.to_thread(EmbeddedPostgres, EMBEDDED_DATA_FOLDER)
    try:
        yield to_asyncpg_url(server.url)
    finally:
        await asyncio.to_thread(server.stop)


def to_asyncpg_url(url: str) -> URL:
    """Name asyncpg as the driver, and libpq's ``sslmode`` as asyncpg does.

    Raises ``ValueError``, without the address, if it is not one of PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Both messages hold a part of the address.
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("must be an address such as postgresql://user:password@host:5432/name")
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    if unknown := sorted(query.keys() - {"host", "port", "ssl"}):
        raise ValueError(f"has options that asyncpg does not know: {', '.join(unknown)}")
    return parsed.set(drivername="postgresql+asyncpg", query=query)
