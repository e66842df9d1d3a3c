"""The one connection of a worker to its queue, which is noticed when it is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from sqlalchemy.pool import NullPool

from app.standard.database import make_engine, open_server
from app.standard.worker.settings import WorkerSettings

# No statement of the queue takes so long where the database answers.
LONGEST_ANSWER = 10.0
# Each worker has a share in this lock while it is connected: so others can count them.
WORKERS_LOCK = int.from_bytes(b"jobs")


class QueueConnection(AsyncpgDriver):
    """PgQueuer's driver; a database that is silent counts as lost."""

    def __init__(self, connection: Any, answer_seconds: float) -> None:
        super().__init__(connection)
        self.raw = connection
        self.answer_seconds = answer_seconds

    def when_lost(self, call: Callable[[], None]) -> None:
        """Call this when the connection ends, however that comes about."""
        self.raw.add_termination_listener(lambda _connection: call())

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Return the rows of a query."""
        async with self._bounded():
            return await super().fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement, and return its command tag."""
        async with self._bounded():
            return await super().execute(query, *args)

    async def notify(self, channel: str, payload: str) -> None:
        """Tell those who listen."""
        async with self._bounded():
            await super().notify(channel, payload)

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.answer_seconds):
                yield
        except TimeoutError:
            self.raw.terminate()
            raise


@asynccontextmanager
async def connect_to_queue(settings: WorkerSettings) -> AsyncIterator[QueueConnection]:
    """Connect as the service does, but without a pooler, which would keep notifications back."""
    direct = settings.worker_database_url or settings.database_url
    async with open_server(settings.model_copy(update={"database_url": direct})) as url:
        engine = make_engine(url, timeout=settings.database_pool_timeout, poolclass=NullPool)
        async with engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            # Jobs get a sign of life in each half of this time: they must be let go before others
            # miss it.
            seconds = min(settings.worker_lost_after / 3, LONGEST_ANSWER)
            queue = QueueConnection(raw, seconds)
            await queue.execute("select pg_try_advisory_lock_shared($1)", WORKERS_LOCK)
            yield queue
