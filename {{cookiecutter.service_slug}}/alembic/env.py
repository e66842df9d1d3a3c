"""Run migrations on the database that the settings name."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import app.models  # noqa: F401  (it makes the tables known to Base)
from app.standard.database import Base, open_server
from app.standard.service import load_settings
from config import Settings


async def migrate_online() -> None:
    """Migrate over one connection."""
    async with open_server(load_settings(Settings)) as url:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
        await engine.dispose()


def migrate(connection: Connection) -> None:
    """Run the migrations that the command asks for, in one transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        # Others print %% for %, which only a driver would undo.
        dialect_opts={"paramstyle": "named"},
        target_metadata=Base.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(migrate_online())
