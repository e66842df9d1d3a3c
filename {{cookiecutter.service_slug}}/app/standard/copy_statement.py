"""A ``select()`` as SQL for COPY, which writes each cell as ``csv_export`` writes its value."""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import types

from app.standard.csv_export import FORMULA_STARTS, encode_header, mark_safe_columns

# PostgreSQL hashes a list of nine constants or more, which halves the cost of the guard.
GUARD = (
    "CASE WHEN ascii({0}) IN ("
    + ", ".join(str(ord(start)) for start in FORMULA_STARTS)
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


def compile_copy(
    statement: sa.Select[*tuple[Any, ...]],
    dialect: sa.Dialect,
    safe_columns: Collection[str],
    schemas: Mapping[str | None, str | None] | None = None,
) -> tuple[str, list[object], str]:
    """Return the SQL to copy from, the values of its placeholders, and the header line.

    Raises ``ValueError`` for a safe column that is not selected, and for a type without a form.
    """
    compiled = statement.compile(
        dialect=dialect, schema_translate_map=schemas, render_schema_translate=bool(schemas)
    )
    state = compiled.construct_expanded_state(escape_names=False)
    # What SQLAlchemy's own execution uses; neither has a public name.
    processors: dict[str, Any] = {**compiled._bind_processors, **state.processors}
    columns = {f"c{n}": entry for n, entry in enumerate(compiled._result_columns)}

    names = [entry.keyname or "(text)" for entry in columns.values()]
    safe = mark_safe_columns(names, safe_columns)
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
    return sql, arguments, encode_header(names)


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
