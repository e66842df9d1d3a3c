# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Enqueue jobs as a handler of the service does, when told so on standard input.

They go together, or one by one if so told on the command line.
"""

import asyncio
import sys

from sqlalchemy import text

from app.standard.database import Database, open_database, session
from app.standard.service import Application, load_settings, make_current
from app.standard.worker import enqueue_all_in, enqueue_in
from app.tasks import do_nothing
from config import Settings

LEFT = text("select exists (select from pgqueuer)")


async def main() -> None:
    """Enqueue so many jobs in one transaction, or wait until all have been run."""
    settings = load_settings(Settings)
    application = Application(settings=settings, contract={})
    make_current(application)
    async with open_database(settings) as database:
        application.resources[Database] = database
        for line in sys.stdin:
            async with session() as work:
                if "--one-by-one" in sys.argv:
                    for _ in range(int(line)):
                        await enqueue_in(work, do_nothing)
                else:
                    await enqueue_all_in(work, (do_nothing.job() for _ in range(int(line))))
            is_left = not int(line)
            while is_left:
                await asyncio.sleep(0.01)
                async with database.connect() as connection:
                    is_left = await connection.scalar(LEFT)
            print("done", flush=True)


asyncio.run(main())
