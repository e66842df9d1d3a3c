"""Whether the database is where the migrations of this code lead."""

import ast
import asyncio
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.standard.database.pool import Database, take
from app.standard.service import NotReady

VERSIONS_FOLDER = Path(__file__).parents[3] / "alembic" / "versions"
# What `down_revision` says of the first migration.
NEVER_MIGRATED = None
UPGRADE = "alembic upgrade head"
UNDEFINED_TABLE, INSUFFICIENT_PRIVILEGE = "42P01", "42501"


async def check_migrations(database: Database, environment: str) -> None:
    """Raise unless the database answers, and the migrations of this code have run.

    A revision that the code does not know is that of a later release, beside which this one runs
    while it is replaced.
    """
    # The pool's connections may all be in use, which is no fault.
    async with take(database.probe) as connection:
        revisions = await _revisions(connection)
    if revisions & await asyncio.to_thread(read_earlier, VERSIONS_FOLDER):
        state = "was never migrated" if NEVER_MIGRATED in revisions else "lacks migrations"
        # The image has no uv.
        command = UPGRADE if environment == "production" else f"uv run {UPGRADE}"
        raise NotReady(f"The database {state}: run `{command}`.")


async def _revisions(connection: AsyncConnection) -> set[str | None]:
    try:
        found = await connection.scalars(text("select version_num from alembic_version"))
        return {*found} or {NEVER_MIGRATED}
    except ProgrammingError as error:
        cause: Any = error.orig
        if cause.sqlstate == UNDEFINED_TABLE:
            return {NEVER_MIGRATED}
        # The table may be another user's; what cannot be told is no fault.
        if cause.sqlstate == INSUFFICIENT_PRIVILEGE:
            return set()
        raise


@cache
def read_earlier(folder: Path) -> frozenset[str | None]:
    """Return the revisions that a migration in the folder follows.

    Alembic itself, which runs the files, would cost each process 7 MB and a tenth of a second.
    """
    found: set[str | None] = set()
    for file in folder.glob("*.py"):
        for statement in ast.parse(file.read_bytes()).body:
            match statement:
                case ast.Assign([ast.Name("down_revision")], value) | ast.AnnAssign(
                    ast.Name("down_revision"), _, ast.expr() as value
                ):
                    earlier = ast.literal_eval(value)
                    found.update(earlier if isinstance(earlier, tuple | list) else [earlier])
    return frozenset(found)
