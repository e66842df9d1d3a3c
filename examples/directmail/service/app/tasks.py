"""What workers run: the files of exports, and each night a look at the release file."""

from uuid import UUID, uuid4

import structlog

from app.bduk import load_release
from app.data_queries import select_premises
from app.data_types import PremisesFilters
from app.exports import ExportRow, delete_old, write_file
from app.standard.database import Database, connect, session
from app.standard.database_export import stream_select
from app.standard.service import current_application
from app.standard.worker import enqueue_in, task
from config import Settings

logger = structlog.stdlib.get_logger(__name__)


@task(attempts=3, deadline=3600)
async def write_export(export_id: UUID, filters: PremisesFilters) -> None:
    """Write the file of an export."""
    file = stream_select(select_premises(filters), connect, filename="directmail.csv")
    await write_file(export_id, file)


@task(schedule="30 2 * * *", zone="Europe/London")
async def delete_old_exports() -> None:
    """Delete the exports that are too old."""
    await delete_old()


@task(schedule="0 3 * * *", zone="Europe/London", attempts=3, backoff=600, deadline=3600)
async def reload_bduk() -> None:
    """Load the release file anew; one that is missing or bad leaves the premises as they are."""
    application = current_application()
    settings = application.settings_as(Settings)
    database = application.resource(Database)
    count = await load_release(database, settings.bduk_file, settings.bduk_community)
    logger.info("release loaded", premises=count, file=settings.bduk_file.name)


async def request_export(filters: PremisesFilters) -> UUID:
    """Begin an export; a worker writes its file when this has been committed."""
    export_id = uuid4()
    async with session() as work:
        job = await enqueue_in(work, write_export, export_id, filters)
        work.add(ExportRow(id=export_id, job=job))
    return export_id
