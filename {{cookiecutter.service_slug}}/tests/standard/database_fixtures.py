"""A fresh, migrated database for each test, on one server for the run."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, text
from sqlalchemy.pool import NullPool

from app.standard.database import make_engine, to_asyncpg_url

ALEMBIC = Config("alembic.ini")


@pytest.fixture(scope="session", autouse=True)
def given_database_url() -> str | None:
    """Read the address of a server of one's own before a test clears the settings."""
    return os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")


@pytest.fixture(scope="session")
def database_server(given_database_url: str | None) -> Iterator[URL]:
    """Give the server that TEST_DATABASE_URL or DATABASE_URL names, or else start an embedded one.

    Only databases that the tests have made are changed there, and dropped.
    """
    if given_database_url:
        try:
            url = to_asyncpg_url(given_database_url)
        except ValueError as error:
            pytest.fail(f"TEST_DATABASE_URL, or DATABASE_URL, {error}", pytrace=False)
        yield url
        return
    from development.embedded_postgres import EmbeddedPostgres

    server = EmbeddedPostgres.throw_away()
    yield to_asyncpg_url(server.url)
    server.stop()


@pytest.fixture(scope="session")
def migrated_database(database_server: URL) -> Iterator[str]:
    """Give the name of a database at the newest migration, to be copied."""
    name = f"migrated_{uuid4().hex}"
    run_on(database_server, f"create database {name}")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ENVIRONMENT", "test")
            patch.setenv("DATABASE_URL", address_of(database_server, name))
            command.upgrade(ALEMBIC, "head")
        yield name
    finally:
        run_on(database_server, f"drop database {name}")


@pytest.fixture(scope="session")
def shared_database_url(database_server: URL, migrated_database: str) -> str:
    """Give the address of the database that others are copied from, for tests without data."""
    return address_of(database_server, migrated_database)


@pytest.fixture(scope="session")
def copying(database_server: URL) -> str:
    """Give how a database is copied: its files, which is faster by far where nothing is synced."""
    is_fast = run_on(
        database_server,
        "select current_setting('fsync') = 'off'"
        " and current_setting('server_version_num')::integer >= 150000",
    )
    return "strategy file_copy" if is_fast else ""


@pytest.fixture
def empty_database_url(database_server: URL, copying: str) -> Iterator[str]:
    """Give the address of a database without tables."""
    yield from _throw_away_database(database_server, f"template1 {copying}")


@pytest.fixture
def database_url(database_server: URL, migrated_database: str, copying: str) -> Iterator[str]:
    """Give the address of a database with the service's tables, all empty."""
    yield from _throw_away_database(database_server, f"{migrated_database} {copying}")


@pytest.fixture(autouse=True)
def _database_of_settings(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, clean_environment: None
) -> None:
    if "settings" in request.fixturenames:
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("database_url"))


def _throw_away_database(server: URL, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    run_on(server, f"create database {name} template {template}")
    yield address_of(server, name)
    run_on(server, f"drop database {name} with (force)")


def address_of(server: URL, name: str) -> str:
    """Return the address of a database of the server."""
    return server.set(database=name).render_as_string(hide_password=False)


def run_on(server: URL, statement: str) -> Any:
    """Run a statement that cannot stand in a transaction; return the first value, if any."""

    async def run() -> Any:
        engine = make_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            result = await connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None

    return asyncio.run(run())
