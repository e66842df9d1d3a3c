"""PgQueuer as its README starts it; `pgq run` wants its factory to be a context manager."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries


@asynccontextmanager
async def main() -> AsyncIterator[PgQueuer]:
    """Give the worker; its job does nothing, not even print itself as the README's does."""
    connection = await asyncpg.connect()
    pgq = PgQueuer(AsyncpgDriver(connection))

    @pgq.entrypoint("do_nothing")
    async def do_nothing(job: Job) -> None:
        pass

    yield pgq


async def enqueue() -> None:
    """Enqueue so many jobs in one transaction, or wait until all have been run."""
    connection = await asyncpg.connect()
    queries = Queries(AsyncpgDriver(connection))
    for line in sys.stdin:
        async with connection.transaction():
            for _ in range(int(line)):
                await queries.enqueue("do_nothing", b"hello world")
        is_left = not int(line)
        while is_left:
            await asyncio.sleep(0.01)
            is_left = await connection.fetchval("select exists (select from pgqueuer)")
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(enqueue())
