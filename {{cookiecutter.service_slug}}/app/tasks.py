"""What workers run: one async function per task, with arguments that JSON can carry."""

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
from app.exports import ExportRow, delete_old, write_file
from app.standard.database import connect, session

# {%- if cookiecutter.use_csv_export +%}
from app.standard.database_export import stream_select

# {%- endif +%}
# {%- if not cookiecutter.use_csv_export +%}
from app.standard.http import Stream, Write

# {%- endif +%}
from app.standard.worker import enqueue_in, task


@task(attempts=3, deadline=3600)
async def write_export(export_id: UUID, filters: ItemFilters) -> None:
    """Write the items that pass the filters into the file of an export."""
    # {% if cookiecutter.use_csv_export %}
    file = stream_select(select_items(filters), connect, filename="items.csv")
    # {% endif %}
    # {% if not cookiecutter.use_csv_export %}
    headers = {"Content-Disposition": 'attachment; filename="items.jsonl"'}
    file = Stream(partial(write_items, filters), "application/jsonl", headers)
    # {% endif %}
    await write_file(export_id, file)


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
        job = await enqueue_in(work, write_export, export_id, filters)
        work.add(ExportRow(id=export_id, job=job))
    return export_id
