"""CSV at the speed of the database: PostgreSQL's COPY, in the dialect of all exports."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.standard.csv_export import csv_stream
from app.standard.database_export.copy_statement import Statement, compile_copy
from app.standard.http import Stream, Write

# {%- if cookiecutter.use_telemetry +%}
from app.standard.telemetry import told_copy

# {%- endif +%}

CHUNK_BYTES = 256 * 1024
# Given to a server that was asked to end a COPY.
CUT_SECONDS = 1.0
# COPY writes dates and floats as these settings say; they end with the transaction.
PIN_FORMS = sa.text(
    "select set_config('datestyle', 'ISO', true), set_config('extra_float_digits', '1', true)"
)


def stream_select(
    statement: Statement,
    connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    *,
    filename: str,
    safe_columns: Collection[str] = (),
) -> Stream:
    """Stream what the statement selects as a CSV file, under the names of its columns.

    ``connect`` gives the connection, which is held until its last row is read. ``safe_columns``
    keep text that starts like a formula as it is. What cannot be exported is a ``ValueError``
    before the first chunk.
    """

    async def produce(write: Write) -> None:
        chunk = bytearray()

        async def collect(data: bytes) -> None:
            chunk.extend(data)
            if len(chunk) >= CHUNK_BYTES:
                await write(bytes(chunk))
                chunk.clear()

        async with connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                await connection.execute(PIN_FORMS)
                sql, arguments, header = await compile_copy(connection, statement, safe_columns)
                await collect(header.encode())
                copy = driver.copy_from_query
                # {% if cookiecutter.use_telemetry %}
                copy = told_copy(copy)
                # {% endif %}
                await copy(sql, *arguments, output=collect, format="csv", encoding="utf-8")
            except BaseException:
                await _release(connection, driver)
                raise
        await write(bytes(chunk))

    return csv_stream(produce, filename)


async def _release(connection: AsyncConnection, driver: Any) -> None:
    """Give the connection back, but cut it if the server does not end the COPY soon."""
    cut = asyncio.get_running_loop().call_later(CUT_SECONDS, driver.terminate)
    try:
        await connection.close()
    finally:
        cut.cancel()
