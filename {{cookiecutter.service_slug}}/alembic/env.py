"""Run migrations on the database that the settings name."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

import app.models  # noqa: F401  (it makes the tables known to Base)
from app.standard.database import Base, make_engine, open_server
from app.standard.service import load_settings
from config import Settings


async def migrate_online() -> None:
    """Migrate over one connection."""
    settings = load_settings(Settings)
    async with open_server(settings) as url:
        engine = make_engine(url, settings.database_pooler, poolclass=NullPool)
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
