"""What the peers have in common: the table, the query, and a line of log for each request."""

import logging
import os
import time
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import Select, make_url, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import ASGIApp, Message, Receive, Scope, Send

URL = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
PORT = int(os.environ["HTTP_PORT"])
POOL_SIZE = int(os.environ["DATABASE_POOL_SIZE"])

# As structlog's page on performance has it.
structlog.configure(
    cache_logger_on_first_use=True,
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.JSONRenderer(serializer=orjson.dumps),
    ],
    logger_factory=structlog.BytesLoggerFactory(),
)
logger = structlog.get_logger()


class Base(DeclarativeBase):
    """The base of the tables."""


class ItemRow(Base):
    """One item."""

    __tablename__ = "items"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str]
    active: Mapped[bool]
    created_on: Mapped[date]


def select_items(
    categories: list[str] | None, active: bool | None, created_from: date | None
) -> Select[UUID, str, str, bool, date]:
    """Select the first items that pass the filters, by name."""
    query = select(
        ItemRow.id, ItemRow.name, ItemRow.category, ItemRow.active, ItemRow.created_on
    ).order_by(ItemRow.name, ItemRow.id)
    if categories is not None:
        query = query.where(ItemRow.category.in_(categories))
    if active is not None:
        query = query.where(ItemRow.active == active)
    if created_from is not None:
        query = query.where(ItemRow.created_on >= created_from)
    return query.limit(20)


class RequestLog:
    """Logs each request when its response has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen: dict[str, Any] = {"status": None}
        began = time.perf_counter()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            logger.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=seen["status"],
                duration_ms=milliseconds,
            )
