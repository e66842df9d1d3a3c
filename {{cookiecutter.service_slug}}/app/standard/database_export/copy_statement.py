"""A ``select()`` as SQL for COPY, which writes each cell as ``csv_export`` writes its value."""

import re
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from app.standard.csv_export import FORMULA_STARTS, encode_header
from app.standard.database_export.arrays import bind_lists_as_arrays

Statement = sa.Select[*tuple[Any, ...]]

# asyncpg has the server quote the values as the columns of one row, which end at this number.
MAX_ARGUMENTS = 1664
# asyncpg stores the first and the last moment of Python as infinite ones, and reads them so.
DATE = """CASE WHEN {0} = 'infinity' THEN '9999-12-31'
 WHEN {0} = '-infinity' THEN '0001-01-01' ELSE {0}::text END"""
# What Python cannot hold stays as PostgreSQL writes it.
TIMESTAMP = """CASE WHEN {0} = 'infinity' THEN '9999-12-31T23:59:59.999999'
 WHEN {0} = '-infinity' THEN '0001-01-01T00:00:00'
 WHEN {0} >= '0001-01-01' THEN replace({0}::text, ' ', 'T') ELSE {0}::text END"""
# AT TIME ZONE 'UTC' would be slower.
TIMESTAMPTZ = """CASE WHEN {0} = 'infinity' THEN '9999-12-31T23:59:59.999999'
 WHEN {0} = '-infinity' THEN '0001-01-01T00:00:00' WHEN {0} >= '0001-01-01 00:00Z'
 THEN replace(timezone(interval '0', {0})::text, ' ', 'T') || '+00:00' ELSE {0}::text END"""
# By the types of the database, as a model may declare others.
FORMS = {
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float8", "time", "uuid"), "{0}"),
    "bool": "{0}::text",
    "date": DATE,
    "float4": "{0}::float8",
    "timestamp": TIMESTAMP,
    "timestamptz": TIMESTAMPTZ,
}
TEXT_FORMS = {
    **dict.fromkeys(("text", "varchar", "name", "citext"), "{0}::text"),
    "bpchar": "textin(bpcharout({0}))",  # A cast would take away the spaces at its end.
}
# PostgreSQL hashes a list of nine constants or more, which halves the cost of the guard.
STARTS = ", ".join(str(ord(start)) for start in FORMULA_STARTS)
GUARD = "CASE WHEN ascii({0}) IN (" + STARTS + ") THEN '''' || {0} ELSE {0} END"


async def compile_copy(
    connection: AsyncConnection, statement: Statement, safe_columns: Collection[str]
) -> tuple[str, list[object], str]:
    """Return the SQL to copy from, the values of its placeholders, and the header line.

    Raises ``ValueError`` for what cannot be exported.
    """
    statement = bind_lists_as_arrays(statement)
    source, arguments, columns = await connection.run_sync(_compile, statement)
    if len(arguments) > MAX_ARGUMENTS:
        raise ValueError(
            f"a statement with {len(arguments)} separate values cannot be exported, only one with"
            f" {MAX_ARGUMENTS} at most: give them as a list, as in column.in_(values)"
        )
    driver: Any = (await connection.get_raw_connection()).driver_connection
    types = [column.type for column in (await driver.prepare(source)).get_attributes()]
    if len(types) > len(statement.selected_columns):
        raise ValueError("neither text nor an entity that brings others along can be exported")
    header = encode_header([column.keyname for column in columns], safe_columns)
    forms = [
        _form(f"c{n}", column, types[n], connection.dialect, column.keyname in safe_columns)
        for n, column in enumerate(columns)
    ]
    # Anonymous placeholders show every other $1: asyncpg would write a value there, in quotes too.
    anonymous = statement.compile(
        dialect=asyncpg.dialect(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
    )
    if stray := re.search(r"\$\d+", f"{anonymous} {forms}"):
        raise ValueError(f"a statement with {stray[0]} in a name or literal cannot be exported")
    return _select(forms, source), arguments, header


def _compile(connection: sa.Connection, statement: Statement) -> tuple[str, list[object], Any]:
    options = {**statement.get_execution_options(), **connection.get_execution_options()}
    schemas = options.get("schema_translate_map")
    compiled = statement.compile(
        dialect=connection.dialect,
        schema_translate_map=schemas,
        render_schema_translate=bool(schemas),
    )
    state = compiled.construct_expanded_state(escape_names=False)
    # What SQLAlchemy's own execution uses; neither has a public name.
    processors: dict[str, Any] = {**compiled._bind_processors, **state.processors}
    arguments = [
        processors.get(name, lambda value: value)(state.parameters[name])
        for name in state.positiontup or ()
    ]
    return state.statement, arguments, compiled._result_columns


def _form(cell: str, column: Any, stored: Any, dialect: sa.Dialect, is_safe: bool) -> str:
    """Return the SQL that writes a cell as ``csv_export`` writes what SQLAlchemy reads."""
    read = column.type.dialect_impl(dialect).result_processor(dialect, stored.oid)
    if labels := getattr(column.type, "enums", None):
        members = [read(label) for label in labels]
        values = [getattr(member, "value", member) for member in members]
        label: sa.ColumnElement[Any] = sa.literal_column(f"{cell}::text")
        case = sa.case(dict(zip(labels, values, strict=True)), value=label, else_=label)
        text = str(case.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    elif read and getattr(column.type, "asdecimal", None) is False:
        return f"{cell}::float8"
    elif stored.name in FORMS and (read is None or stored.name == "uuid"):
        return FORMS[stored.name].format(cell)
    elif stored.name in TEXT_FORMS and read is None:
        text = TEXT_FORMS[stored.name].format(cell)
    else:
        kinds = f"{stored.name} read as {column.type!r}"
        raise ValueError(
            f"a CSV export has no form for column {column.keyname}, {kinds}: cast it, as to Text"
        )
    return text if is_safe else GUARD.format(text)


def _select(forms: list[str], statement: str) -> str:
    if len(forms) == 1:
        forms = [f"coalesce(({forms[0]})::text, '')"]
    cells = ", ".join(f"c{n}" for n, _ in enumerate(forms))
    # The statement stays whole, so that ORDER BY, LIMIT and DISTINCT see its own values. OFFSET
    # keeps PostgreSQL from computing an expression again wherever a form names it.
    source = f"(SELECT * FROM ({statement}\n) AS statement OFFSET 0)"  # noqa: S608
    return f"SELECT {', '.join(forms)} FROM {source} AS rows ({cells})"  # noqa: S608
