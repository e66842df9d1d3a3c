"""Where the data comes from."""

# {%- if cookiecutter.sample == "items" +%}
# {% print "\n" %}
# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

# {%- print "\n" %}
# {% endif %}
from datetime import date
from uuid import UUID

# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
from sqlalchemy import Index, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

# {% endif %}
# {% if cookiecutter.use_database and cookiecutter._sample_of_1_3 %}
# {% print "from sqlalchemy import Select, select, tuple_\n\n" %}
# {% endif %}
from app.data_types import Item, ItemFilters

# {%- if cookiecutter.use_database and not cookiecutter._sample_of_1_3 +%}
from app.errors import ItemNotFound

# {%- endif +%}
# {%- if cookiecutter.use_database +%}
from app.models import ItemRow

# {%- endif +%}
# {%- if cookiecutter.use_csv_export and not cookiecutter.use_database +%}
from app.standard.csv_export import Rows

# {%- endif +%}
# {%- if cookiecutter.use_database and not cookiecutter._sample_of_1_3 +%}
from app.standard.database import connect, session
from app.standard.http import etag_of, require_match

# {%- endif +%}
# {%- if cookiecutter.use_database and cookiecutter._sample_of_1_3 +%}
# {% print "from app.standard.database import connect" %}
# {%- endif +%}

# {% if cookiecutter.use_database %}
COLUMNS = (ItemRow.id, ItemRow.name, ItemRow.category, ItemRow.active, ItemRow.created_on)
# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
# A page is read along it, however far down the list.
BY_NAME = Index("ix_items_name_id", ItemRow.name, ItemRow.id)
# {% endif %}


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
async def list_items(
    filters: ItemFilters, after: tuple[str, UUID] | None = None, limit: int | None = None
) -> list[Item]:
    """Return the items that pass the filters, by name; those after a name and an id."""
    # {% if cookiecutter.use_database %}
    query = select_items(filters).limit(limit)
    if after is not None:
        query = query.where(tuple_(ItemRow.name, ItemRow.id) > after)
    async with connect() as connection:
        rows = await connection.execute(query)
        return [Item(*row) for row in rows]
    # {% endif %}
    # {% if not cookiecutter.use_database %}
    passing = [item for item in ITEMS if passes(item, filters)]
    return [item for item in passing if after is None or (item.name, item.id) > after][:limit]
    # {% endif %}


# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
async def insert_item(work: AsyncSession, values: Mapping[str, object]) -> Item:
    """Create an item, when the transaction commits."""
    row = ItemRow(**values)
    work.add(row)
    await work.flush()
    return _to_item(row)


async def change_item(item_id: UUID, values: Mapping[str, object], if_match: str | None) -> Item:
    """Change an item that the client has seen; raise ``ItemNotFound`` if there is none."""
    async with _locked_item(item_id, if_match) as (_, row):
        for name, value in values.items():
            setattr(row, name, value)
        return _to_item(row)


async def delete_item(item_id: UUID, if_match: str | None) -> None:
    """Delete an item that the client has seen; raise ``ItemNotFound`` if there is none."""
    async with _locked_item(item_id, if_match) as (work, row):
        await work.delete(row)


@asynccontextmanager
async def _locked_item(
    item_id: UUID, if_match: str | None
) -> AsyncIterator[tuple[AsyncSession, ItemRow]]:
    """Hold an item that is as the client has seen it: whoever else would change it waits."""
    async with session() as work:
        row = await work.get(ItemRow, item_id, with_for_update=True)
        if row is None:
            raise ItemNotFound(f"No item has the id {item_id}.")
        require_match(if_match, etag_of(_to_item(row)))
        yield work, row


def _to_item(row: ItemRow) -> Item:
    return Item(row.id, row.name, row.category, row.active, row.created_on)


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


# {%- endif %}
# {% if cookiecutter.sample == "none" %}
# {% print "\n" %}
# {% endif %}
