"""What workers run: one async function per task, with arguments that JSON can carry."""

from uuid import UUID, uuid4

from app.data_types import ItemFilters
from app.exports import ExportRow, delete_old, write_file
from app.standard.database import session
from app.standard.worker import enqueue_in, task


@task(attempts=3, deadline=3600)
async def write_export(export_id: UUID, filters: ItemFilters) -> None:
    """Write the file of an export."""
    await write_file(export_id, filters)


@task(schedule="30 3 * * *")
async def delete_old_exports() -> None:
    """Delete the exports that are too old."""
    await delete_old()


async def request_export(filters: ItemFilters) -> UUID:
    """Begin an export; a worker writes its file when this has been committed."""
    export_id = uuid4()
    async with session() as work:
        job = await enqueue_in(work, write_export, export_id, filters)
        work.add(ExportRow(id=export_id, job=job))
    return export_id
