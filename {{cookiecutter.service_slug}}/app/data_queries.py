"""Where the data comes from."""

from datetime import date
from uuid import UUID

# {% if cookiecutter.use_database %}
from sqlalchemy import Select, select

# {% endif %}
from app.data_types import Item, ItemFilters

# {%- if cookiecutter.use_database +%}
from app.models import ItemRow

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and not cookiecutter.use_database +%}
from app.standard.csv_export import Rows

# {%- endif +%}
# {%- if cookiecutter.use_database +%}
from app.standard.database import connect

# {%- endif +%}

# {% if cookiecutter.use_database %}
COLUMNS = (ItemRow.id, ItemRow.name, ItemRow.category, ItemRow.active, ItemRow.created_on)


def select_items(filters: ItemFilters) -> Select[UUID, str, str, bool, date]:
    """Select the items that pass the filters, by name."""
    query = select(*COLUMNS).order_by(ItemRow.name, ItemRow.id)
    if filters.categories is not None:
        query = query.where(ItemRow.category.in_(filters.categories))
    if filters.active is not None:
        query = query.where(ItemRow.active == filters.active)
    if filters.created_from is not None:
        query = query.where(ItemRow.created_on >= filters.created_from)
    if filters.created_before is not None:
        query = query.where(ItemRow.created_on < filters.created_before)
    return query


# {% endif %}
# {% if not cookiecutter.use_database %}
# {% if cookiecutter.use_csv_export %}
COLUMN_NAMES = ("id", "name", "category", "active", "created_on")
# {% endif %}
ITEMS = (
    Item(UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01"), "Alder", "tree", True, date(2026, 1, 5)),
    Item(UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a02"), "Bramble", "shrub", True, date(2026, 2, 9)),
    Item(UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a03"), "Chestnut", "tree", False, date(2026, 3, 2)),
)


def passes(item: Item, filters: ItemFilters) -> bool:
    """Tell whether an item passes the filters."""
    return (
        (filters.categories is None or item.category in filters.categories)
        and (filters.active is None or item.active == filters.active)
        and (filters.created_from is None or item.created_on >= filters.created_from)
        and (filters.created_before is None or item.created_on < filters.created_before)
    )


# {% endif %}
# {% if cookiecutter.use_csv_export and not cookiecutter.use_database %}
async def iterate_rows(filters: ItemFilters) -> Rows:
    """Give the items that pass the filters as rows, by name."""
    for item in await list_items(filters):
        yield item.id, item.name, item.category, item.active, item.created_on


# {% endif %}
async def list_items(filters: ItemFilters) -> list[Item]:
    """Return the items that pass the filters, by name."""
    # {% if cookiecutter.use_database %}
    async with connect() as connection:
        rows = await connection.execute(select_items(filters))
        return [Item(*row) for row in rows]
    # {% endif %}
    # {% if not cookiecutter.use_database %}
    return [item for item in ITEMS if passes(item, filters)]
    # {% endif %}


async def find_item(item_id: UUID) -> Item | None:
    """Return the item of this id, if there is one."""
    # {% if cookiecutter.use_database %}
    async with connect() as connection:
        rows = await connection.execute(select(*COLUMNS).where(ItemRow.id == item_id))
        row = rows.one_or_none()
        return Item(*row) if row else None
    # {% endif %}
    # {% if not cookiecutter.use_database %}
    return next((item for item in ITEMS if item.id == item_id), None)
    # {% endif %}
