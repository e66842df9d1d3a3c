# It runs in a service, where its imports are.
# mypy: ignore-errors
"""The ways of exporting the same table that are measured."""

import csv
import io

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, MetaData, Table, Text, select

from app.standard.csv_export import Rows, csv_stream, stream_rows
from app.standard.database import connect
from app.standard.database_export import compile_copy, stream_select
from app.standard.http import Stream, Write

PREMISES = Table(
    "premises",
    MetaData(),
    Column("uprn", BigInteger),
    Column("address", Text),
    Column("postcode", Text),
    Column("community", Text),
    Column("county", Text),
    Column("segment", Text),
    Column("supplier", Text),
    Column("contract", Text),
    Column("rfs", Boolean),
    Column("rfs_date", Date),
    Column("business", Boolean),
    Column("changed_at", DateTime(timezone=True)),
)
SELECT = select(PREMISES)


async def export_by_copy() -> Stream:
    """Export as a service with the database module does."""
    return stream_select(SELECT, connect, filename="premises.csv")


async def export_by_rows() -> Stream:
    """Export rows that pass through Python, a batch at a time."""

    async def rows() -> Rows:
        async with connect() as connection:
            result = await connection.stream(SELECT)
            async for batch in result.partitions(5_000):
                for row in batch:
                    yield row

    return stream_rows(rows(), PREMISES.columns.keys(), filename="premises.csv")


async def export_by_fetching_all() -> Stream:
    """Export as most services do: all rows, csv.writer, one text."""
    async with connect() as connection:
        rows = (await connection.execute(SELECT)).all()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(PREMISES.columns.keys())
    writer.writerows(rows)
    content = text.getvalue().encode()

    async def produce(write: Write) -> None:
        await write(content)

    return csv_stream(produce, "premises.csv")


async def show_statement() -> dict[str, str]:
    """Give the statement that export_by_copy sends, for psql to send it too."""
    async with connect() as connection:
        sql, _, _ = await compile_copy(connection, SELECT, ())
    return {"sql": sql}
