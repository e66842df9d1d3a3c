"""What requests bring and responses carry."""

from datetime import date
from uuid import UUID

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class ItemFilters:
    """Which items to give; a filter that is None does not filter."""

    categories: list[str] | None = None
    active: bool | None = None
    created_from: date | None = None
    created_before: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item, as a client sees it."""

    id: UUID
    name: str
    category: str
    active: bool
    created_on: date
