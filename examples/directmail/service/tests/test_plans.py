"""PostgreSQL reads what a filter lets through by an index, and sorts no large file."""

import asyncio
import re
from datetime import date
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from app.data_queries import select_communities, select_premises
from app.data_types import PremisesFilters
from app.standard.database import open_database
from config import Settings

# They stand there by UPRN, and so neither by postcode nor by community.
FILL = text("""
    insert into premises
    select
        (10000000 + n)::text, 'TA' || n % 97 || ' ' || n % 7 || 'AB', 'Community ' || n % 200,
        n % 10 < 7, case when n % 3 = 0 then date '2026-01-01' + n % 1461 end,
        n % 10 = 0, 'S' || 1 + n % 8 / 6, n % 20 = 0
    from generate_series(1, 50000) as n
""")
# Of the order of exports, where most premises pass; of what is looked for, where few do.
WANTED = [
    (PremisesFilters(), "postcode_uprn"),
    (PremisesFilters(rfs=True), "postcode_uprn"),
    (PremisesFilters(bduk=False), "postcode_uprn"),
    (PremisesFilters(business=False), "postcode_uprn"),
    (PremisesFilters(segments=["S1"]), "postcode_uprn"),
    (PremisesFilters(communities=["Community 7", "Community 8"]), "community"),
    (PremisesFilters(rfs_date_before=date(2026, 2, 1)), "rfs_date"),
    (PremisesFilters(rfs_date_after=date(2029, 12, 1)), "rfs_date"),
    (PremisesFilters(communities=["Community 7"], business=True), "community"),
]


def test_each_filter_has_an_index(settings: Settings) -> None:
    assert asyncio.run(find_indexes(settings)) == WANTED


async def find_indexes(settings: Settings) -> list[tuple[PremisesFilters, str]]:
    async with open_database(settings) as database, database.connect() as connection:
        await connection.execute(FILL)
        await connection.execute(text("analyze premises"))
        return [(each, await find_index(connection, each)) for each, _ in WANTED]


async def find_index(connection: AsyncConnection, filters: PremisesFilters) -> str:
    plan = await explain(connection, select_premises(filters))
    return plan if "Seq Scan" in plan else " ".join(re.findall(r"ix_premises_(\w+)", plan))


def test_communities_are_found_by_steps_in_their_index(settings: Settings) -> None:
    names, plan = asyncio.run(find_communities(settings))

    assert len(names) == 200 and names == sorted(names)
    assert "Seq Scan" not in plan and "ix_premises_community" in plan


async def find_communities(settings: Settings) -> tuple[list[str], str]:
    async with open_database(settings) as database, database.connect() as connection:
        await connection.execute(FILL)
        await connection.execute(text("analyze premises"))
        names = [*await connection.scalars(select_communities())]
        return names, await explain(connection, select_communities())


async def explain(connection: AsyncConnection, statement: Select[Any]) -> str:
    compiled = statement.compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    return "\n".join(await connection.scalars(text(f"explain {compiled}")))
