"""What runs as if it ran in the service: with its database, and known to the standard."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.standard.database import Database, open_database
from app.standard.service import Application, make_current
from config import Settings

T = TypeVar("T")


def in_service(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run an async function with the database of the settings; return what it returns."""

    async def run() -> T:
        application = Application(settings=settings, contract={})
        make_current(application)
        async with open_database(settings) as database:
            application.resources[Database] = database
            return await work(database)

    return asyncio.run(run())
