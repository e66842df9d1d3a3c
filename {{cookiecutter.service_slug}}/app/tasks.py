"""What workers run: one async function per task, with arguments that JSON can carry."""

# {%- if cookiecutter.sample == "items" +%}
# {% print "\n" %}
# {% if false %}
# ruff: noqa: E402, F811
# {% endif %}
# {% if not cookiecutter.use_database %}
import structlog

from app.data_queries import list_items
from app.data_types import ItemFilters
from app.standard.worker import task

logger = structlog.stdlib.get_logger(__name__)


@task(schedule="0 6 * * *")
async def count_items() -> None:
    """Log how many items there are."""
    logger.info("items", count=len(await list_items(ItemFilters())))


# {%- else %}
# {% if not cookiecutter.use_csv_export %}
from functools import partial

# {%- print "\n" %}
# {% endif %}
from uuid import UUID, uuid4

# {% if not cookiecutter.use_csv_export %}
import orjson

# {% endif %}
from app.data_queries import select_items
from app.data_types import ItemFilters
from app.exports import (
    ExportRow,
    delete_old,
    # {% if cookiecutter.queue == "celery" %}
    give_up,
    # {% endif %}
    write_file,
)
from app.standard.database import connect, session

# {%- if cookiecutter.use_csv_export +%}
from app.standard.database_export import stream_select

# {%- endif +%}
# {%- if not cookiecutter.use_csv_export +%}
from app.standard.http import Stream, Write

# {%- endif +%}
from app.standard.worker import (
    # {% if cookiecutter.queue == "celery" %}
    current_job,
    # {% endif %}
    enqueue_in,
    task,
)


# {% if cookiecutter.queue == "celery" %}
# {% print "@task(attempts=3, deadline=1200)\n" %}
# {% endif %}
# {% if cookiecutter.queue == "pgqueuer" %}
@task(attempts=3, deadline=3600)
# {% endif %}
async def write_export(export_id: UUID, filters: ItemFilters) -> None:
    """Write the items that pass the filters into the file of an export."""
    # {% if cookiecutter.use_csv_export %}
    file = stream_select(select_items(filters), connect, filename="items.csv")
    # {% endif %}
    # {% if not cookiecutter.use_csv_export %}
    headers = {"Content-Disposition": 'attachment; filename="items.jsonl"'}
    file = Stream(partial(write_items, filters), "application/jsonl", headers)
    # {% endif %}
    # {% if cookiecutter.queue == "celery" %}
    try:
        await write_file(export_id, file)
    except Exception:
        if current_job().attempt == write_export.attempts:
            await give_up(export_id)
        raise
    # {% endif %}
    # {% if cookiecutter.queue == "pgqueuer" %}
    await write_file(export_id, file)
    # {% endif %}


# {% if not cookiecutter.use_csv_export %}
async def write_items(filters: ItemFilters, write: Write) -> None:
    """Write the items that pass the filters, a line of JSON for each."""
    async with connect() as connection:
        rows = (await connection.stream(select_items(filters))).mappings()
        async for some in rows.partitions(1000):
            await write(b"".join(orjson.dumps(dict(row), str) + b"\n" for row in some))


# {% endif %}
@task(schedule="30 3 * * *")
async def delete_old_exports() -> None:
    """Delete the exports that are too old."""
    await delete_old()


async def request_export(filters: ItemFilters) -> UUID:
    """Begin an export; a worker writes its file when this has been committed."""
    export_id = uuid4()
    async with session() as work:
        # {% if cookiecutter.queue == "celery" %}
        await enqueue_in(work, write_export, export_id, filters)
        work.add(ExportRow(id=export_id))
        # {% endif %}
        # {% if cookiecutter.queue == "pgqueuer" %}
        job = await enqueue_in(work, write_export, export_id, filters)
        work.add(ExportRow(id=export_id, job=job))
        # {% endif %}
    return export_id


# {%- endif +%}

# {%- endif +%}
