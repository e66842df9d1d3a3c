"""Load a release file of Building Digital UK: ``python -m app.bduk FILE COMMUNITY``.

The premises of the community are then those of the file. A file that is missing, empty or bad
changes nothing.
"""

import argparse
import asyncio
import csv
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from asyncpg import UniqueViolationError
from sqlalchemy import MetaData, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from app.models import Premises
from app.standard.database import Database, open_database
from app.standard.service import SettingsError, load_settings
from config import Settings

SEGMENTS = {"Gigabit White": "S1", "Gigabit Under Review": "S2", "Gigabit Grey/Black": "S3"}
BOOLEANS = {"true": True, "false": False}
COLUMNS = [column.name for column in Premises.__table__.columns]
# Here the premises of a file are together, before one of the table is touched.
RELEASE = Premises.metadata.tables["premises"].to_metadata(MetaData(), name="release")
CREATE_RELEASE = text(
    "create temporary table release (like premises, primary key (uprn)) on commit drop"
)
# Lines that are read without a pause for other work.
BATCH = 1_000
T = TypeVar("T")


class BadRelease(ValueError):
    """The file cannot be read as a release; the message names the line and what is wrong."""


def read_release(path: Path, community: str) -> Iterator[tuple[Any, ...]]:
    """Give the premises of a release file as rows of the table; raise ``BadRelease``."""
    reader, is_empty = None, True
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for line in reader:
                is_empty = False
                premises = to_premises(line, community)
                yield tuple(premises[column] for column in COLUMNS)
    except UnicodeDecodeError as error:
        raise BadRelease(f"{path.name} is not UTF-8") from error
    except OSError as error:
        raise BadRelease(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, csv.Error) as error:
        number = reader.reader.line_num if reader else 0
        raise BadRelease(f"{path.name}, line {number}: {error}") from error
    if is_empty:
        raise BadRelease(f"{path.name} has no premises")


def to_premises(line: dict[str, str], community: str) -> dict[str, Any]:
    """Translate one line; ``data/README.md`` says what is taken from where."""
    covered_on = line.get("bduk_gis_final_coverage_date")
    return {
        "uprn": _matching(line, "uprn", "[0-9]{1,12}", "1 to 12 digits"),
        "postcode": _matching(line, "postcode", "[A-Z0-9]{2,4} [A-Z0-9]{3}", "a postcode"),
        "community": community,
        "rfs": _meaning(line, "current_gigabit", BOOLEANS),
        "rfs_date": date.fromisoformat(covered_on) if covered_on else None,
        "bduk": _meaning(line, "bduk_gis", BOOLEANS),
        "segment": _meaning(line, "subsidy_control_status", SEGMENTS),
        "business": not _meaning(line, "bduk_recognised_premises", BOOLEANS),
    }


def _matching(line: dict[str, str], column: str, pattern: str, wanted: str) -> str:
    text = line.get(column) or ""
    if not re.fullmatch(pattern, text):
        raise ValueError(f"{column} must be {wanted}")
    return text


def _meaning(line: dict[str, str], column: str, meanings: Mapping[str, T]) -> T:
    try:
        return meanings[line.get(column, "")]
    except KeyError:
        raise ValueError(f"{column} must be one of: {', '.join(meanings)}") from None


async def load_release(database: Database, path: Path, community: str) -> int:
    """Replace the premises of a community by those of a file, and return how many there are."""
    async with database.connect() as connection, connection.begin():
        await connection.execute(CREATE_RELEASE)
        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            await driver.copy_records_to_table(
                RELEASE.name, records=_rows_of(read_release(path, community)), columns=COLUMNS
            )
        except UniqueViolationError as error:
            raise BadRelease(f"{path.name} has premises twice: {error.detail}") from error
        await connection.execute(delete(Premises).where(Premises.community == community))
        statement = insert(Premises).from_select(COLUMNS, select(RELEASE))
        replaced = {c.name: c for c in statement.excluded if c.name != "uprn"}
        loaded = await connection.execute(
            statement.on_conflict_do_update(index_elements=["uprn"], set_=replaced)
        )
    return loaded.rowcount


async def _rows_of(rows: Iterator[T]) -> AsyncIterator[T]:
    while some := await asyncio.to_thread(lambda: [*islice(rows, BATCH)]):
        for row in some:
            yield row


async def _main(path: Path, community: str) -> None:
    async with open_database(load_settings(Settings)) as database:
        count = await load_release(database, path, community)
    print(f"{count} premises of {community} loaded.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m app.bduk", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("community", help="the community that all premises of the file are in")
    arguments = parser.parse_args()
    try:
        asyncio.run(_main(arguments.file, arguments.community))
    except (BadRelease, SettingsError) as error:
        sys.exit(str(error))
