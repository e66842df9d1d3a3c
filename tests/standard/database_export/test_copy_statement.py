import enum
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from app.standard.csv_export import stream_rows
from app.standard.database_export import stream_select
from app.standard.database_export.copy_statement import Statement
from tests.standard.exports import numbers, on_database, read


class Colour(enum.Enum):
    RED = "red"
    FORMULA = "=blue"
    AWKWARD = r"50 % 'off\' {0}"


class Price(enum.Enum):
    LOW = "$1"


class UpperCase(sa.TypeDecorator[str]):
    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value and value.upper()


class Secret(UpperCase):
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value and "hidden"


NOON = datetime(2026, 7, 1, 12)
AWKWARD: dict[str, tuple[sa.types.TypeEngine[Any], Sequence[object]]] = {
    "text": (sa.Text(), [*"=+-@\t\r\n＝", "", " a ", 'a"', "a,b", "a\rb", r"\.", "'$1", "é", "-1"]),  # noqa: RUF001
    "char": (sa.CHAR(4), ["a", "=1", ""]),
    "upper": (UpperCase(), ["ab", "@ab"]),
    "colour": (sa.Enum(Colour), [*Colour]),
    "letter": (sa.Enum("=a", "b", name="letter"), ["=a", "b"]),
    "truth": (sa.Boolean(), [True, False]),
    "whole": (sa.BigInteger(), [-1, 0, 2**63 - 1]),
    "exact": (sa.Numeric(), [Decimal(n) for n in ("-1.50", "1E+20", "1E-12", "NaN", "0.00")]),
    "inexact": (sa.Numeric(asdecimal=False), [1.5, -2.0, 1e20]),
    "double": (
        sa.Double(),
        [0.1, -0.0, 1e14, 1e15, 1234567890123456.5, 6.5259102359725296e16, 1e-4, 1e-5, 5e-324],
    ),
    "real": (sa.REAL(), [0.1, 1e6, float("inf"), float("-inf"), float("nan")]),
    "day": (sa.Date(), [date(1, 1, 2), date(9999, 12, 30), date(2026, 1, 2)]),
    "clock": (sa.Time(), [time(0), time(9, 30), time(1, 2, 3, 450000), time(23, 59, 59, 999999)]),
    "local": (sa.DateTime(), [datetime(1, 1, 1, 1), NOON, NOON.replace(microsecond=123450)]),
    "moment": (
        sa.DateTime(timezone=True),
        [NOON.replace(microsecond=micro, tzinfo=UTC) for micro in (0, 1, 120000, 123456)],
    ),
    "uuid": (sa.Uuid(), [UUID(int=2**127 + 1)]),
}
table = sa.Table(
    "t", sa.MetaData(), *(sa.Column(name, kind) for name, (kind, _) in AWKWARD.items())
)


async def fill(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(table.metadata.create_all)
        await connection.execute(sa.insert(table).values({}))
        for name, (_, values) in AWKWARD.items():
            await connection.execute(sa.insert(table), [{name: value} for value in values])


async def copied(engine: AsyncEngine, statement: Statement) -> list[str]:
    return await read(stream_select(statement, engine.connect, filename="x.csv"))


async def written(engine: AsyncEngine, statement: Statement) -> list[str]:
    async with engine.connect() as connection:
        rows: Any = await connection.stream(statement)
        return await read(stream_rows(rows, [*rows.keys()], filename="x.csv"))


def test_copy_equals_the_rows_of_the_same_statement(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        await fill(engine)
        for columns in [[*table.c], *([column] for column in table.c)]:
            statement = sa.select(*columns)
            assert await copied(engine, statement) == await written(engine, statement)

    on_database(database_url, work)


def test_condition_means_what_it_means_to_sqlalchemy(database_url: str) -> None:
    conditions: list[Any] = [
        table.c.text == "'$1",
        table.c.upper == "ab",
        table.c.upper.in_(["ab", "c"]),
        sa.tuple_(table.c.colour, table.c.upper.is_(None)).in_([(Colour.RED, True)]),
        (table.c.letter == "b") & table.c.whole.is_(None) & table.c.letter.not_in([]),
        table.c.day == date(2026, 1, 2),
        table.c.uuid == sa.any_(sa.literal([UUID(int=2**127 + 1)], ARRAY(sa.Uuid))),
        sa.text("exact % :divisor = -0.5 and '9%' like '9\\%'").bindparams(divisor=1),
    ]

    async def work(engine: AsyncEngine) -> None:
        await fill(engine)
        for condition in conditions:
            statement = sa.select(table).where(condition)
            lines = await copied(engine, statement)
            assert lines == await written(engine, statement)
            assert len(lines) == 3, condition

    on_database(database_url, work)


def test_order_limit_and_repeated_names_are_kept(database_url: str) -> None:
    number = numbers.c.number.cast(sa.Integer)
    statement = sa.select(
        (number % 3 == 0).label("a"), number.label("a"), sa.func.count().over().label("=b")
    )
    statement = statement.order_by(sa.text("1 desc, 2 desc")).offset(1).limit(2)

    async def work(engine: AsyncEngine) -> None:
        lines = await copied(engine, statement.where(number <= 10))
        assert lines == ["a,a,'=b", "true,6,10", "true,3,10", ""]

    on_database(database_url, work)


def test_schema_of_the_connection_is_read(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        tenant = engine.execution_options(schema_translate_map={None: "tenant"})
        async with tenant.begin() as connection:
            await connection.execute(sa.text("create schema tenant"))
            await connection.run_sync(table.metadata.create_all)
        assert await copied(tenant, sa.select(table.c.whole)) == ["whole", ""]

    on_database(database_url, work)


def test_type_in_the_database_counts(database_url: str) -> None:
    columns: list[tuple[str, Any]] = [
        ("timestamptz '2026-07-01 12:00:00.5Z'", sa.DateTime()),
        ("timestamp '2026-07-01 12:00'", sa.DateTime(timezone=True)),
        ("timestamp '2026-07-01 12:00'", sa.Date()),
        ("date '2026-07-01'", sa.DateTime()),
        ("numeric '1.50'", sa.Float()),
        ("0.1::float4", sa.Float()),
        ("-3", sa.Numeric()),
        ("-3", sa.Float()),
        ("-3", sa.String()),
        ("'-3'::text", sa.Integer()),
        ("3", sa.Boolean()),
        ("true", sa.Integer()),
        ("name '=1'", sa.types.NullType()),
        ("'=1'::char(4)", sa.types.NullType()),
        ("date 'infinity'", sa.Date()),
        ("date '-infinity'", sa.Date()),
        ("timestamp 'infinity'", sa.DateTime()),
        ("timestamptz '-infinity'", sa.DateTime(timezone=True)),
        (f"'{UUID(int=1)}'::text", sa.Uuid()),
        (f"uuid '{UUID(int=1)}'", sa.Uuid(as_uuid=False)),
    ]

    async def work(engine: AsyncEngine) -> None:
        for expression, declared in columns:
            statement: Statement = sa.select(sa.literal_column(expression, declared).label("a"))
            assert await copied(engine, statement) == await written(engine, statement)

    on_database(database_url, work)


def test_moment_that_python_lacks_is_as_postgresql_writes_it(database_url: str) -> None:
    moments = {
        "timestamp '0044-03-15 12:00 BC'": "0044-03-15 12:00:00 BC",
        "timestamptz '20000-01-01 00:00Z'": "20000-01-01T00:00:00+00:00",
    }

    async def work(engine: AsyncEngine) -> None:
        for moment, text in moments.items():
            statement: Statement = sa.select(sa.literal_column(moment).label("a"))
            assert await copied(engine, statement) == ["a", text, ""]

    on_database(database_url, work)


def test_column_that_cannot_be_exported_is_refused(database_url: str) -> None:
    columns: list[tuple[Any, str]] = [
        (sa.literal_column("'$1'"), r"\$1 in a name or literal"),
        (sa.literal(1).label("$2"), r"\$2 in a name or literal"),
        (sa.literal("$1", sa.Enum(Price, native_enum=False)), r"\$1 in a name or literal"),
        (sa.literal("a", Secret).label("a"), "no form for column a, varchar read as Secret"),
        (sa.cast(1, sa.Double(asdecimal=True)).label("a"), "column a, float8 read as Double"),
        (sa.literal_column("array['a']"), r"text\[\] read as"),
        (sa.literal_column("json '{}'"), "json read as"),
        (sa.literal_column("bytea ''"), "bytea read as"),
        (sa.literal_column("interval '1 day'"), "interval read as"),
        (sa.literal_column("current_time"), "timetz read as"),
        (sa.text("1, 2"), "neither text nor"),
    ]

    async def work(engine: AsyncEngine) -> None:
        for column, message in columns:
            with pytest.raises(ValueError, match=message):
                await copied(engine, sa.select(column))

    on_database(database_url, work)


def test_safe_column_is_not_guarded(database_url: str) -> None:
    async def work(engine: AsyncEngine) -> None:
        statement = sa.select(sa.literal("=1").label("a"), sa.literal("=1").label("b"))
        stream = stream_select(statement, engine.connect, filename="x.csv", safe_columns=["b"])
        assert await read(stream) == ["a,b", "'=1,=1", ""]
        stream = stream_select(statement, engine.connect, filename="x.csv", safe_columns=["c"])
        with pytest.raises(ValueError, match="not in the export: c"):
            await read(stream)

    on_database(database_url, work)
