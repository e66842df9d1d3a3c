"""What requests bring and responses carry."""

# {%- if cookiecutter.sample == "items" +%}
# {% print "\n" %}
from datetime import date
from uuid import UUID

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

# {%- if cookiecutter.use_database and not cookiecutter._sample_of_1_3 +%}
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12.

# {%- endif +%}


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class ItemFilters:
    """Which items to give; a filter that is None does not filter."""

    categories: list[str] | None = None
    active: bool | None = None
    created_from: date | None = None
    created_before: date | None = None


# {% if cookiecutter.use_database and not cookiecutter._sample_of_1_3 %}
@dataclass(frozen=True, slots=True)
class NewItem:
    """What an item is created from, or replaced by."""

    name: str
    category: str
    active: bool
    created_on: date


class ItemChanges(TypedDict, total=False):
    """What of an item changes; what is absent does not."""

    name: str
    category: str
    active: bool
    created_on: date


# {% endif %}
@dataclass(frozen=True, slots=True)
class Item:
    """One item, as a client sees it."""

    id: UUID
    name: str
    category: str
    active: bool
    created_on: date


# {%- endif +%}
