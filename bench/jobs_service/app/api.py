# It runs in a service, where its imports are.
# mypy: ignore-errors
"""A request that inserts a row, and the same one that enqueues a job instead."""

from datetime import date

from app.models import ItemRow
from app.standard.database import session
from app.standard.worker import enqueue_in
from app.tasks import do_nothing

DONE = {"status": "done"}


async def insert_row() -> dict[str, str]:
    """Insert a row in a transaction."""
    async with session() as work:
        work.add(ItemRow(name="Alder", category="tree", active=True, created_on=date(2026, 1, 5)))
    return DONE


async def enqueue_job() -> dict[str, str]:
    """Enqueue a job in a transaction."""
    async with session() as work:
        await enqueue_in(work, do_nothing)
    return DONE
