# It runs in a service, where its imports are.
# mypy: ignore-errors
"""The operations whose requests are measured."""

from datetime import date, datetime
from uuid import UUID

from pydantic.dataclasses import dataclass

from app.data_queries import select_items
from app.data_types import Item, ItemFilters
from app.standard.database import connect


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is sent."""

    street: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who ordered."""

    id: UUID
    name: str
    email: str
    address: Address


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one thing, at its price in pence."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    discount_percent: float
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer ordered."""

    id: UUID
    placed_at: datetime
    express: bool
    customer: Customer
    lines: list[Line]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an order comes to."""

    order_id: UUID
    placed_on: date
    customer: str
    quantity: int
    total: int


async def list_items(
    categories: list[str] | None = None,
    active: bool | None = None,
    created_from: date | None = None,
) -> list[Item]:
    """Return the first items that pass the filters."""
    query = select_items(ItemFilters(categories, active, created_from)).limit(20)
    async with connect() as connection:
        return [Item(*row) for row in await connection.execute(query)]


async def greet() -> dict[str, str]:
    """Greet whoever asks."""
    return {"greeting": "Hello"}


async def price_order(body: Order) -> Receipt:
    """Add up an order."""
    return Receipt(
        order_id=body.id,
        placed_on=body.placed_at.date(),
        customer=body.customer.name,
        quantity=sum(line.quantity for line in body.lines),
        total=sum(line.quantity * line.unit_price for line in body.lines),
    )
