"""Run migrations on the database that the settings name."""

import asyncio
import re
import socket
from functools import cache
from typing import Any

from alembic import context
from alembic.util import CommandError
from alembic_postgresql_enum import Config, set_configuration
from alembic_postgresql_enum.operations import add_enum_values
from sqlalchemy import Connection, create_mock_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

# {% if not cookiecutter._sample_of_1_3 %}
import app.api

# {%- print "\n" %}
# {% endif %}
import app.models  # noqa: F401  (it makes the tables known to Base)

# {%- if cookiecutter.use_worker +%}
from app import tasks  # noqa: F401  (so do these)

# {%- endif +%}
from app.standard.database import Base, make_engine, open_server
from app.standard.service import SettingsError, load_settings
from config import Settings

MISSING_EXTENSION = re.compile(r'(extension ".+") is not available')
SERVERS = (
    "The embedded one has plpgsql and vector alone: set DATABASE_URL, and TEST_DATABASE_URL for "
    "tests, to the address of a server that has it."
)

# Such as spatial_ref_sys of PostGIS, which no model has and no migration can drop.
TABLES_OF_EXTENSIONS = text(
    "select relname from pg_class join pg_depend on objid = pg_class.oid and deptype = 'e'"
    " where classid = 'pg_class'::regclass"
    # {% if cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
    # Nor has a model the queue, which only migrations of its own change.
    " union select relname from pg_class where relname like 'pgqueuer%'"
    # {% endif %}
)

# Autogenerate makes, changes and drops the types of enums; mypy does not know its operations.
# {% if cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
set_configuration(Config(add_type_ignore=True, include_name=lambda name: name != "pgqueuer_status"))
# {% endif %}
# {% if not cookiecutter.use_worker or cookiecutter.queue == "celery" %}
set_configuration(Config(add_type_ignore=True))
# {% endif %}


async def migrate_online() -> None:
    """Migrate over one connection."""
    settings = load_settings(Settings)
    async with open_server(settings) as url:
        engine = make_engine(url, settings.database_pooler, poolclass=NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
        await engine.dispose()


def migrate(connection: Connection) -> None:
    """Run the migrations that the command asks for, each in a transaction of its own.

    PostgreSQL lets a value that was added to an enum be used only after a commit.
    """

    @cache
    def of_extensions() -> frozenset[str]:
        return frozenset(connection.scalars(TABLES_OF_EXTENSIONS))

    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=lambda name, kind, _: kind != "table" or name not in of_extensions(),
        transaction_per_migration=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    except DBAPIError as error:
        missing = MISSING_EXTENSION.search(str(error.orig))
        if missing is None:
            raise
        raise CommandError(f"This PostgreSQL has no {missing[1]}. {SERVERS}") from error


def add_value_before(connection: Connection, enum: str, neighbour: str, value: str) -> None:
    """Add a value to an enum, where alembic-postgresql-enum 1.11 would add it one place later."""
    connection.execute(text(f"alter type {enum} add value '{value}' before '{neighbour}'"))


vars(add_enum_values).update(add_value_before=add_value_before)

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        # Others print %% for %, which only a driver would undo.
        dialect_opts={"paramstyle": "named"},
        target_metadata=Base.metadata,
        literal_binds=True,
        transaction_per_migration=True,
    )
    # What wants a connection, as the types of enums do, is printed too.
    printing: Any = context.get_context()
    printing.connection = create_mock_engine("postgresql://", lambda sql, *_: context.execute(sql))
    with context.begin_transaction():
        context.run_migrations()
else:
    # Alembic prints such an error without a traceback.
    try:
        asyncio.run(migrate_online())
    except SettingsError as error:
        raise CommandError(str(error)) from error
    except (ConnectionError, TimeoutError, socket.gaierror) as error:
        raise CommandError(f"The database of DATABASE_URL does not answer: {error!r}") from error
