"""CSV at the speed of the database: PostgreSQL's COPY, in the dialect of ``csv_export``."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from app.standard.copy_statement import compile_copy
from app.standard.csv_export import MEDIA_TYPE, csv_headers
from app.standard.streaming import Stream

CHUNK_BYTES = 256 * 1024
QUEUED_CHUNKS = 4
# Both from when the reader leaves; asyncpg needs less to stop by itself, on a busy machine too.
CANCEL_SECONDS = 0.5
CUT_SECONDS = 1.5

# COPY writes dates and floats as these settings say; they end with the transaction.
PIN_FORMS = sa.text(
    "select set_config('datestyle', 'ISO', true), set_config('extra_float_digits', '1', true)"
)


def stream_select(
    statement: sa.Select[*tuple[Any, ...]],
    connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    *,
    filename: str,
    safe_columns: Collection[str] = (),
) -> Stream:
    """Stream what the statement selects as a CSV file, under the names of its columns.

    ``connect`` gives the connection, which is held until its last row is read. ``safe_columns``
    keep text that starts like a formula as it is. Raises ``ValueError`` for a safe column that
    is not selected, for a type without a form in the dialect, and for a ``$1`` in the text.
    """
    # Anonymous placeholders show any other $1: asyncpg would write a value there, in quotes too.
    sql, _, _ = compile_copy(statement, asyncpg.dialect(paramstyle="qmark"), safe_columns)
    if stray := re.search(r"\$\d+", sql):
        raise ValueError(f"a statement with {stray[0]} in a name or literal cannot be exported")
    chunks = _copy_chunks(statement, connect, safe_columns)
    return Stream(chunks, MEDIA_TYPE, csv_headers(filename))


async def _copy_chunks(
    statement: sa.Select[*tuple[Any, ...]],
    connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    safe_columns: Collection[str],
) -> AsyncGenerator[bytes, None]:
    async def copy() -> None:
        async with connect() as connection:
            pipe.driver = (await connection.get_raw_connection()).driver_connection
            options = await connection.run_sync(sa.Connection.get_execution_options)
            schemas = {**statement.get_execution_options(), **options}.get("schema_translate_map")
            await connection.execute(PIN_FORMS)
            sql, arguments, header = compile_copy(
                statement, connection.dialect, safe_columns, schemas
            )
            pipe.buffer += header.encode()
            await pipe.driver.copy_from_query(
                sql, *arguments, output=pipe.write, format="csv", encoding="utf-8"
            )
        await pipe.flush()

    pipe = _Pipe()
    producer = asyncio.create_task(copy())
    producer.add_done_callback(pipe.end)
    try:
        while (chunk := await pipe.read()) is not None:
            yield chunk
        await producer
    finally:
        await _stop(producer, pipe)


class _Pipe:
    """What COPY has written and nobody has read, in a bounded number of chunks."""

    def __init__(self) -> None:
        self.driver: Any = None
        self.buffer = bytearray()
        # The semaphore is the bound, so that the end never waits for a place in the queue.
        self.room = asyncio.Semaphore(QUEUED_CHUNKS)
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.reader_left = False

    async def write(self, data: bytes) -> None:
        if self.reader_left:
            raise ConnectionAbortedError("the reader of the export left")
        self.buffer += data
        if len(self.buffer) >= CHUNK_BYTES:
            await self.flush()

    async def flush(self) -> None:
        await self.room.acquire()
        self.chunks.put_nowait(bytes(self.buffer))
        self.buffer.clear()

    def end(self, producer: asyncio.Task[None]) -> None:
        self.chunks.put_nowait(None)
        if not producer.cancelled():
            producer.exception()  # It counts as seen, also where the reader has left.

    async def read(self) -> bytes | None:
        chunk = await self.chunks.get()
        self.room.release()
        return chunk

    def leave(self) -> None:
        self.reader_left = True
        self.room.release()

    def cut(self) -> None:
        """Close the connection at once; the pool then drops it."""
        if self.driver is not None:
            self.driver.terminate()


async def _stop(producer: asyncio.Task[None], pipe: _Pipe) -> None:
    """End the COPY and wait until its connection is released, or cut."""
    if producer.done():
        return
    # asyncpg cancels the query cleanly if its writer fails, but not always if its task is
    # cancelled while data arrives. So only a server that stays silent is cancelled that way.
    pipe.leave()
    # Timers, since the wait may be cancelled itself.
    loop = asyncio.get_running_loop()
    cancel = loop.call_later(CANCEL_SECONDS, producer.cancel)
    cut = loop.call_later(CUT_SECONDS, pipe.cut)
    producer.add_done_callback(lambda _: cancel.cancel())
    producer.add_done_callback(lambda _: cut.cancel())
    await asyncio.wait({producer}, timeout=2 * CUT_SECONDS)
