"""CSV at the speed of the database: PostgreSQL's COPY, in the dialect of ``csv_export``."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import types
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from app.standard import csv_export
from app.standard.streaming import Stream

CHUNK_BYTES = 256 * 1024
QUEUED_CHUNKS = 4
CANCEL_SECONDS = 0.05
CUT_SECONDS = 1.5

# COPY writes dates and floats as these settings say; they end with the transaction.
PIN_FORMS = sa.text(
    "select set_config('datestyle', 'ISO', true), set_config('extra_float_digits', '1', true)"
)
# PostgreSQL hashes a list of nine constants or more, which halves the cost of the guard.
GUARD = (
    "CASE WHEN ascii({0}) IN ("
    + ", ".join(str(ord(start)) for start in csv_export.FORMULA_STARTS)
    + ") THEN '''' || {0} ELSE {0} END"
)
TRUTH = "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END"
# Infinity is written as asyncpg reads it. PostgreSQL omits the zeros that end a fraction of a
# second, Python writes six digits or none; to_char would take three times as long.
DATE = """CASE WHEN isfinite({0}) THEN {0}
 WHEN {0} > '-infinity' THEN '9999-12-31' WHEN {0} < 'infinity' THEN '0001-01-01' END"""
TIME = "CASE WHEN {0} = {0}::time(0) THEN {0}::text ELSE rpad({0}::text, 15, '0') END"
TIMESTAMP = """CASE WHEN isfinite({0}) THEN
 CASE WHEN {0} = {0}::{type}(0) OR {0} <> {0}::{type}(5)
 THEN replace({local}::text, ' ', 'T') ELSE rpad(replace({local}::text, ' ', 'T'), 26, '0') END
 || '{offset}'
 WHEN {0} > '-infinity' THEN '9999-12-31T23:59:59.999999'
 WHEN {0} < 'infinity' THEN '0001-01-01T00:00:00' END"""


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
    sql, _, _ = _compile(statement, asyncpg.dialect(paramstyle="qmark"), safe_columns)
    if stray := re.search(r"\$\d+", sql):
        raise ValueError(f"a statement with {stray[0]} in a name or literal cannot be exported")
    chunks = _copy_chunks(statement, connect, safe_columns)
    return Stream(chunks, csv_export.MEDIA_TYPE, csv_export.csv_headers(filename))


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
            sql, arguments, header = _compile(statement, connection.dialect, safe_columns, schemas)
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


def _compile(
    statement: sa.Select[*tuple[Any, ...]],
    dialect: sa.Dialect,
    safe_columns: Collection[str],
    schemas: Mapping[str | None, str | None] | None = None,
) -> tuple[str, list[object], str]:
    """Return the SQL to copy from, the values of its placeholders, and the header line."""
    compiled = statement.compile(
        dialect=dialect, schema_translate_map=schemas, render_schema_translate=bool(schemas)
    )
    state = compiled.construct_expanded_state(escape_names=False)
    # What SQLAlchemy's own execution uses; neither has a public name.
    processors: dict[str, Any] = {**compiled._bind_processors, **state.processors}
    columns = {f"c{n}": entry for n, entry in enumerate(compiled._result_columns)}

    names = [entry.keyname or "(text)" for entry in columns.values()]
    safe = csv_export.mark_safe_columns(names, safe_columns)
    forms = [
        _form(cell, entry.type, is_safe, dialect, name)
        for (cell, entry), is_safe, name in zip(columns.items(), safe, names, strict=True)
    ]
    if len(columns) > len(statement.selected_columns):
        raise ValueError("an entity that brings others along cannot be exported: select columns")
    if len(columns) == 1:
        forms = [f"coalesce(({forms[0]})::text, '')"]
    # The statement stays whole, so that ORDER BY, LIMIT and DISTINCT see its own values.
    source = f"({state.statement}\n)"
    if not all(isinstance(entry.objects[0], sa.Column) for entry in columns.values()):
        # OFFSET keeps PostgreSQL from computing an expression again wherever a form names it.
        source = f"(SELECT * FROM {source} AS statement OFFSET 0)"  # noqa: S608
    sql = f"SELECT {', '.join(forms)} FROM {source} AS rows ({', '.join(columns)})"  # noqa: S608
    arguments = [
        processors[key](state.parameters[key]) if key in processors else state.parameters[key]
        for key in state.positiontup or ()
    ]
    return sql, arguments, csv_export.encode_header(names)


def _form(
    cell: str, kind: types.TypeEngine[Any], is_safe: bool, dialect: sa.Dialect, name: str
) -> str:
    """Return the SQL that writes a cell of this type as ``csv_export`` writes its Python value."""
    text_form = "{0}" if is_safe else GUARD
    match _storage_type(kind, dialect):
        case types.Enum() as enum:
            return text_form.format(_enum_value(cell, enum, dialect))
        case types.CHAR():
            # A cast would take away the spaces at its end.
            return text_form.format(f"textin(bpcharout({cell}))")
        case types.String():
            return text_form.format(f"{cell}::text")
        case types.Boolean():
            return TRUTH.format(cell)
        case types.Integer() | types.Numeric(asdecimal=True):
            return cell
        case types.Float(asdecimal=False) | types.Numeric(asdecimal=False):
            return f"{cell}::float8"
        case types.Date():
            return DATE.format(cell)
        case types.DateTime(timezone=False):
            cell = f"{cell}::timestamp"
            return TIMESTAMP.format(cell, type="timestamp", local=cell, offset="")
        case types.DateTime():
            cell = f"{cell}::timestamptz"
            # AT TIME ZONE 'UTC' looks its name up each time.
            local = f"timezone(interval '0', {cell})"
            return TIMESTAMP.format(cell, type="timestamptz", local=local, offset="+00:00")
        case types.Time(timezone=False):
            return TIME.format(cell)
        case types.Uuid():
            return f"{cell}::uuid"
    raise ValueError(f"a CSV export has no form for column {name}, {kind!r}: cast it, as to Text")


def _storage_type(kind: types.TypeEngine[Any], dialect: sa.Dialect) -> types.TypeEngine[Any] | None:
    """Return what the database holds, or None where Python makes something else of it."""
    kind = kind.dialect_impl(dialect)
    while isinstance(kind, types.TypeDecorator):
        if type(kind).process_result_value is not types.TypeDecorator.process_result_value:
            return None
        kind = kind.impl_instance.dialect_impl(dialect)
    return kind


def _enum_value(cell: str, enum: types.Enum, dialect: sa.Dialect) -> str:
    """Return the SQL that makes a member's value of the label that the database holds."""
    member_of = enum.result_processor(dialect, None) or str
    members = [member_of(label) for label in enum.enums]
    values = [member.value if isinstance(member, Enum) else member for member in members]
    if not all(isinstance(value, str) for value in values):
        raise ValueError(
            f"a CSV export takes the members of {enum!r} only if their values are text"
        )
    label: sa.ColumnElement[Any] = sa.literal_column(f"{cell}::text")
    changed = {old: new for old, new in zip(enum.enums, values, strict=True) if old != new}
    value = sa.case(changed, value=label, else_=label) if changed else label
    return str(value.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
