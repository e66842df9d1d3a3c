# It runs in a service, where its imports are.
# mypy: ignore-errors
"""What the tests of the page look at."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from app.standard.csv_export import stream_rows
from app.standard.http import ServiceUnavailable, Stream

COLOURS = [f"Colour {number}" for number in range(1, 400)] + [
    "Black, white",
    'The "best" one',
    "Tŷ",
]


async def export_things(**filters: Any) -> Stream:
    """Stream what was asked for, as a row for each value."""
    if filters.get("names") == ["away"]:
        raise ServiceUnavailable("The database cannot be reached.")

    async def rows() -> AsyncIterator[tuple[object, ...]]:
        for name, value in filters.items():
            for each in value if isinstance(value, list) else [value]:
                yield name, each

    return stream_rows(rows(), ["filter", "value"], filename="things.csv")


async def export_rows(count: int, breaks: bool = False, waits: bool = False) -> Stream:
    """Stream rows that are hard to read; break in the middle, or stand still there."""

    async def rows() -> AsyncIterator[tuple[object, ...]]:
        for number in range(count):
            if number == count // 2 and breaks:
                raise RuntimeError("broken")
            if number == count // 2 and waits:
                await asyncio.sleep(3600)
            yield number, 'two\nlines, a comma and a "quote"', "=1+1", "Tŷ 日本語 🏠"

    return stream_rows(rows(), ["number", "hard", "formula", "names"], filename="rows.csv")


async def list_pages(
    cursor: int, limit: int
) -> tuple[list[dict[str, object]], int, dict[str, str]]:
    """Return one of three pages."""
    numbers = range(cursor, min(cursor + limit, 40))
    found = [{"id": n, "name": f"=Thing, {n}", "is_big": n > 3, "none": None} for n in numbers]
    following = cursor + limit
    link = {"Link": f'<?cursor={following}&limit={limit}>; rel="next"'} if following < 40 else {}
    return found, 200, link


async def list_secrets() -> list[dict[str, object]]:
    """Return nothing."""
    return []


async def list_colours() -> list[str]:
    """Return more values than fit."""
    return COLOURS
