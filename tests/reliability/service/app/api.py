# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Operations that are slow, large, or fail, on purpose."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog

from app.models import ItemRow
from app.standard.csv_export import csv_stream, stream_rows
from app.standard.database import connect, session
from app.standard.database_export import stream_select
from app.standard.http import ServiceError, Stream, Write, connection, streaming
from app.standard.service import run_blocking

LINE = "x" * 1000
streaming.STALL_SECONDS = float(os.environ.get("STALL_SECONDS", streaming.STALL_SECONDS))
connection.IDLE_SECONDS = float(os.environ.get("IDLE_SECONDS", connection.IDLE_SECONDS))


async def echo(**parameters: Any) -> dict[str, Any]:
    """Return the parameters."""
    return parameters


async def echo_body(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body."""
    return body


async def thing(number: int) -> dict[str, int]:
    """Return the number in the path."""
    return {"number": number}


async def ratio(ratio: float) -> dict[str, float]:
    """Return the number in the path."""
    return {"ratio": ratio}


async def name(name: str) -> dict[str, str]:
    """Return the name in the path."""
    return {"name": name}


async def problem(status: int) -> None:
    """Fail with this status."""

    class Wanted(ServiceError):
        pass

    Wanted.status = status
    raise Wanted("You asked for it.")


async def fail(body: dict[str, Any] | None = None) -> None:
    """Log the body in every way, and fail with it in the message."""
    structlog.stdlib.get_logger("app.api").info("structured", body=body, nested=[{"deep": body}])
    logging.getLogger("library").info("a library: %s", body)
    raise RuntimeError(f"cannot take {body}")


async def wait(seconds: float) -> dict[str, float]:
    """Answer after a while, without the database; log how it goes."""
    logger = structlog.stdlib.get_logger("app.api")
    logger.info("wait begins")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        logger.info("wait cancelled")
        raise
    return {"seconds": seconds}


async def block() -> None:
    """Wait for what never comes, in a thread."""
    logging.getLogger("app.api").info("block begins")
    await run_blocking(threading.Event().wait)


async def query(seconds: float) -> dict[str, float]:
    """Hold a connection of the pool for a while."""
    async with connect() as database:
        await database.execute(sa.select(sa.func.pg_sleep(seconds)))
    return {"seconds": seconds}


async def export(rows: int, seconds: float, gate: int) -> Stream:
    """Stream rows of 1 kB from the database, spread over some seconds.

    The last one waits while somebody has the lock ``gate``.
    """
    numbers = sa.func.generate_series(1, rows).column_valued("number")
    # Each row waits until it is due: PostgreSQL sleeps whole milliseconds, which would add up.
    since = sa.func.clock_timestamp() - sa.func.statement_timestamp()
    early = seconds / rows * numbers - sa.func.extract("epoch", since)
    waits = sa.case((numbers == rows, sa.cast(sa.func.pg_advisory_xact_lock_shared(gate), sa.Text)))
    text = sa.func.concat(sa.func.pg_sleep(early), LINE, *([waits] if gate else ()))
    statement = sa.select(
        sa.type_coerce(numbers, sa.Integer).label("number"),
        sa.type_coerce(text, sa.Text).label("text"),
    )
    return stream_select(statement, connect, filename="export.csv")


async def write(category: str) -> dict[str, list[str]]:
    """Write two items, and return the names of their category."""
    today = datetime.now(UTC).date()
    async with session() as transaction:
        transaction.add_all(
            ItemRow(name=name, category=category, active=True, created_on=today) for name in "ab"
        )
        await transaction.flush()
        names = await transaction.scalars(select_names([category]))
        return {"names": list(names)}


async def export_items(categories: list[str]) -> Stream:
    """Stream the names of some categories."""
    return stream_select(select_names(categories), connect, filename="items.csv")


def select_names(categories: list[str]) -> sa.Select[str]:
    """Select the names of some categories."""
    return sa.select(ItemRow.name).where(ItemRow.category.in_(categories)).order_by(ItemRow.name)


async def stream(rows: int, seconds: float) -> Stream:
    """Stream rows of 1 kB that no database holds, spread over some seconds."""

    async def numbers() -> AsyncIterator[tuple[int, str]]:
        for number in range(rows):
            await asyncio.sleep(seconds / rows)
            yield number, LINE

    return stream_rows(numbers(), ("number", "text"), filename="stream.csv")


async def held_stream() -> Stream:
    """Stream one chunk, and nothing more until the client leaves."""

    async def produce(write: Write) -> None:
        await write(LINE.encode())
        await asyncio.Event().wait()

    return csv_stream(produce, "held.csv")


async def broken_stream(rows: int) -> Stream:
    """Stream rows of 1 kB, and fail after them."""

    async def numbers() -> AsyncIterator[tuple[int, str]]:
        for number in range(rows):
            yield number, LINE
        raise RuntimeError("the rows are used up")

    return stream_rows(numbers(), ("number", "text"), filename="stream.csv")
