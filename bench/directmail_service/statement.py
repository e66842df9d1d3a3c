# It runs in Directmail, where its imports are.
# mypy: ignore-errors
"""Print the statement that the export of all premises sends to PostgreSQL."""

import asyncio

from app.data_queries import select_premises
from app.data_types import PremisesFilters
from app.standard.database import open_database
from app.standard.database_export import compile_copy
from app.standard.service import load_settings
from config import Settings


async def main() -> None:
    """Print it; without a filter it has no arguments."""
    async with open_database(load_settings(Settings)) as database, database.connect() as connection:
        sql, _, _ = await compile_copy(connection, select_premises(PremisesFilters()), ())
    print(sql)


asyncio.run(main())
