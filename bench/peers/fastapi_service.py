# FastAPI is only where the benchmark runs.
# mypy: disable-error-code="import-not-found, untyped-decorator, unused-ignore"
"""The benchmark's operations as people write them by hand with FastAPI."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared import POOL_SIZE, PORT, URL, RequestLog, select_items

app = FastAPI(title="Benchmark")
app.add_middleware(RequestLog)
engine = create_async_engine(URL, pool_pre_ping=True, pool_size=POOL_SIZE)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Item(BaseModel):
    """One item, as a client sees it."""

    id: UUID
    name: str
    category: str
    active: bool
    created_on: date


class Address(BaseModel):
    """Where something is sent."""

    street: str
    city: str
    postcode: str
    country: str


class Customer(BaseModel):
    """Who ordered."""

    id: UUID
    name: str
    email: str
    address: Address


class Line(BaseModel):
    """So many of one thing, at its price in pence."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    discount_percent: float
    tags: list[str]


class Order(BaseModel):
    """What a customer ordered."""

    id: UUID
    placed_at: datetime
    express: bool
    customer: Customer
    lines: list[Line]
    note: str | None = None


class Receipt(BaseModel):
    """What an order comes to."""

    order_id: UUID
    placed_on: date
    customer: str
    quantity: int
    total: int


async def get_session() -> AsyncIterator[AsyncSession]:
    """Give a session for one request."""
    async with sessions() as session:
        yield session


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the service runs."""
    return {"status": "ok"}


@app.get("/items")
async def list_items(
    session: Annotated[AsyncSession, Depends(get_session)],
    categories: str | None = None,
    active: bool | None = None,
    created_from: date | None = None,
) -> list[Item]:
    """Return the first items that pass the filters."""
    names = categories.split(",") if categories is not None else None
    rows = await session.execute(select_items(names, active, created_from))
    return [
        Item(id=key, name=name, category=category, active=is_active, created_on=created_on)
        for key, name, category, is_active, created_on in rows
    ]


@app.get("/greeting")
async def greet() -> dict[str, str]:
    """Greet whoever asks."""
    return {"greeting": "Hello"}


@app.post("/orders")
async def price_order(order: Order) -> Receipt:
    """Add up an order."""
    return Receipt(
        order_id=order.id,
        placed_on=order.placed_at.date(),
        customer=order.customer.name,
        quantity=sum(line.quantity for line in order.lines),
        total=sum(line.quantity * line.unit_price for line in order.lines),
    )


if __name__ == "__main__":
    uvicorn.run(
        app, port=PORT, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
