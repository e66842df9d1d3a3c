# Connexion has annotations, but no py.typed marker.
# mypy: disable-error-code="import-untyped"
"""The list of items on Connexion's FlaskApp as it comes, with an async handler."""

from datetime import date
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from connexion import FlaskApp
from connexion.middleware import MiddlewarePosition
from connexion.options import SwaggerUIOptions
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from shared import PORT, URL, RequestLog, select_items

# Each request has an event loop of its own, and a connection cannot leave its loop.
engine = create_async_engine(URL, poolclass=NullPool)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def healthz() -> dict[str, str]:
    """Say that the service runs."""
    return {"status": "ok"}


async def list_items(
    categories: list[str] | None = None,
    active: bool | None = None,
    created_from: str | None = None,
) -> list[dict[str, Any]]:
    """Return the first items that pass the filters."""
    day = date.fromisoformat(created_from) if created_from is not None else None
    async with sessions() as session:
        rows = await session.execute(select_items(categories, active, day))
        return [row._asdict() for row in rows]


no_pages = SwaggerUIOptions(swagger_ui=False)
app = FlaskApp(__name__, strict_validation=True, swagger_ui_options=no_pages)
app.add_middleware(RequestLog, position=MiddlewarePosition.BEFORE_EXCEPTION)
app.add_api(yaml.safe_load(Path(__file__).with_name("connexion_service.yml").read_text("utf-8")))

if __name__ == "__main__":
    uvicorn.run(app, port=PORT, access_log=False, log_level="warning")
