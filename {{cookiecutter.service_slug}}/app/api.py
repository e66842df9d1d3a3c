"""One async function per operationId of the contract."""

# {%- if cookiecutter.sample == "items" +%}
# {% print "\n" %}
# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
from dataclasses import asdict

# {%- print "\n" %}
# {% endif %}
from uuid import UUID

# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
from sqlalchemy.ext.asyncio import AsyncSession

# {% endif %}
from app import data_queries

# {%- if cookiecutter.use_database and not cookiecutter._sample_of_1_3 +%}
from app.data_types import Item, ItemChanges, ItemFilters, NewItem

# {%- endif +%}
# {%- if not (cookiecutter.use_database and not cookiecutter._sample_of_1_3) +%}
# {% print "from app.data_types import Item, ItemFilters" %}
# {%- endif +%}
from app.errors import ItemNotFound

# {%- if cookiecutter.use_worker and cookiecutter.use_database +%}
from app.exports import Export, find_export, find_file

# {%- endif +%}
# {%- if cookiecutter.use_database and not cookiecutter._sample_of_1_3 +%}
from app.idempotency import Answer, answer_once

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and not cookiecutter.use_database +%}
from app.standard.csv_export import stream_rows

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and cookiecutter.use_database +%}
from app.standard.database import connect
from app.standard.database_export import stream_select

# {%- endif +%}
# {%- if cookiecutter.use_csv_export or cookiecutter.use_worker and cookiecutter.use_database +%}
from app.standard.http import Cursor, Stream, etag_of, is_match, next_page

# {%- endif +%}
# {%- if not (cookiecutter.use_csv_export or cookiecutter.use_worker and cookiecutter.use_database) +%}
# {% print "from app.standard.http import Cursor, etag_of, is_match, next_page" %}
# {%- endif +%}
# {%- if cookiecutter.use_worker and cookiecutter.use_database +%}
from app.tasks import request_export

# {%- endif +%}


async def list_items(
    filters: ItemFilters, limit: int = 100, cursor: Cursor[tuple[str, UUID]] | None = None
) -> tuple[list[Item], int, dict[str, str]]:
    """Return a page of the items that pass the filters, by name."""
    # One more tells whether there is a next page.
    items = await data_queries.list_items(filters, cursor, limit + 1)
    page = items[:limit]
    if len(items) > limit:
        return page, 200, next_page(page[-1].name, page[-1].id)
    return page, 200, {}


# {% if cookiecutter.use_csv_export %}
async def export_items(filters: ItemFilters) -> Stream:
    """Stream the items that pass the filters as CSV."""
    # {% if cookiecutter.use_database %}
    statement = data_queries.select_items(filters)
    return stream_select(statement, connect, filename="items.csv")
    # {% endif %}
    # {% if not cookiecutter.use_database %}
    rows = data_queries.iterate_rows(filters)
    return stream_rows(rows, data_queries.COLUMN_NAMES, filename="items.csv")
    # {% endif %}


# {% endif %}
# {% if cookiecutter.use_worker and cookiecutter.use_database %}
async def start_export(filters: ItemFilters) -> tuple[Export, int, dict[str, str]]:
    """Have a worker write the items that pass the filters into a file."""
    export_id = await request_export(filters)
    headers = {"Location": f"exports/{export_id}", "Retry-After": "1"}
    return Export(export_id, "queued"), 202, headers


async def get_export(export_id: UUID) -> tuple[Export, int, dict[str, str]]:
    """Tell how far an export is."""
    export = await find_export(export_id)
    is_waiting = export.state in ("queued", "running")
    return export, 200, {"Retry-After": "1"} if is_waiting else {}


async def download_export(export_id: UUID) -> Stream:
    """Stream the file of an export."""
    return await find_file(export_id)


# {% endif %}
# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
async def create_item(body: NewItem, idempotency_key: str | None = None) -> Answer:
    """Create an item; the same request with the same key creates no other."""

    async def create(work: AsyncSession) -> Answer:
        item = await data_queries.insert_item(work, asdict(body))
        return item, 201, {"Location": f"items/{item.id}", "ETag": etag_of(item)}

    return await answer_once(idempotency_key, body, create)


async def replace_item(item_id: UUID, body: NewItem, if_match: str | None = None) -> Answer:
    """Replace an item that the client has seen."""
    item = await data_queries.change_item(item_id, asdict(body), if_match)
    return item, 200, {"ETag": etag_of(item)}


async def update_item(item_id: UUID, body: ItemChanges, if_match: str | None = None) -> Answer:
    """Change what the body has of an item that the client has seen."""
    item = await data_queries.change_item(item_id, body, if_match)
    return item, 200, {"ETag": etag_of(item)}


async def delete_item(item_id: UUID, if_match: str | None = None) -> None:
    """Delete an item that the client has seen."""
    await data_queries.delete_item(item_id, if_match)


# {% endif %}
async def get_item(
    item_id: UUID, if_none_match: str | None = None
) -> tuple[Item | None, int, dict[str, str]]:
    """Return one item, unless the client has it as it is."""
    item = await data_queries.find_item(item_id)
    if item is None:
        raise ItemNotFound(f"No item has the id {item_id}.")
    etag = etag_of(item)
    if is_match(if_none_match, etag):
        return None, 304, {"ETag": etag}
    return item, 200, {"ETag": etag}


# {%- endif +%}
