"""One async function per operationId of the contract."""

from uuid import UUID

from app import data_queries
from app.data_types import Item, ItemFilters
from app.errors import ItemNotFound

# {%- if cookiecutter.use_csv_export and not cookiecutter.use_database +%}
from app.standard.csv_export import stream_rows

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and cookiecutter.use_database +%}
from app.standard.database import connect
from app.standard.database_export import stream_select

# {%- endif +%}
# {%- if cookiecutter.use_csv_export +%}
from app.standard.http import Stream

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
async def get_item(item_id: UUID) -> Item:
    """Return one item."""
    item = await data_queries.find_item(item_id)
    if item is None:
        raise ItemNotFound(f"No item has the id {item_id}.")
    return item
