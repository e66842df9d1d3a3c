"""One async function per operationId of the contract."""

from uuid import UUID

from app import data_queries
from app.data_types import Item, ItemFilters
from app.errors import ItemNotFound

# {%- if cookiecutter.use_worker and cookiecutter.use_database +%}
from app.exports import Export, find_export, find_file

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and not cookiecutter.use_database +%}
from app.standard.csv_export import stream_rows

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and cookiecutter.use_database +%}
from app.standard.database import connect
from app.standard.database_export import stream_select

# {%- endif +%}
# {%- if cookiecutter.use_csv_export or cookiecutter.use_worker and cookiecutter.use_database +%}
from app.standard.http import Stream

# {%- endif +%}
# {%- if cookiecutter.use_worker and cookiecutter.use_database +%}
from app.tasks import request_export

# {%- endif +%}


async def list_items(filters: ItemFilters) -> list[Item]:
    """Return the items that pass the filters."""
    return await data_queries.list_items(filters)


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
async def get_item(item_id: UUID) -> Item:
    """Return one item."""
    item = await data_queries.find_item(item_id)
    if item is None:
        raise ItemNotFound(f"No item has the id {item_id}.")
    return item
