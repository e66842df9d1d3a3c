"""The life of a worker: it takes jobs while it is there, and at its end none is left half done."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.types import QueueExecutionMode

from app.standard.database import Database
from app.standard.service import Application, NotReady, make_current

# {%- if cookiecutter.use_telemetry +%}
from app.standard.telemetry import count_queue

# {%- endif +%}
from app.standard.worker.connecting import QueueConnection, connect_to_queue
from app.standard.worker.queue import (
    NAMES,
    BoundedQueries,
    # {% if cookiecutter.use_telemetry %}
    describe_queue,
    # {% endif %}
    forget_history,
)
from app.standard.worker.running import Attempts
from app.standard.worker.scheduling import keep_schedules
from app.standard.worker.settings import WorkerSettings
from app.standard.worker.tasks import Task

# A job that was told to end can write down so long what it has to.
LET_GO_SECONDS = 5.0
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
# Nobody is told of jobs that go back to the queue, or whose worker was lost.
LONGEST_IDLE = timedelta(seconds=1)

logger = structlog.stdlib.get_logger(__name__)


class Worker:
    """Runs the jobs of the tasks, over one connection after another."""

    def __init__(self, settings: WorkerSettings, tasks: dict[str, Task[Any]]) -> None:
        self.settings = settings
        self.tasks = tasks
        self._stopping = asyncio.Event()
        self._manager: QueueManager | None = None
        self._is_handing_back = False
        self._pause = SHORTEST_PAUSE

    async def run(self) -> None:
        """Run jobs until ``stop``; where the database is lost, begin anew."""
        while not self._stopping.is_set():
            try:
                async with connect_to_queue(self.settings) as connection:
                    await self._run_over(connection)
            except Exception as error:
                logger.warning("the worker has no queue", cause=repr(error), again_in=self._pause)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause):
                        await self._stopping.wait()
                self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def run_until_empty(self) -> None:
        """Run what waits, and what this enqueues, and return when nothing is left."""
        async with connect_to_queue(self.settings) as connection:
            await self._run_over(connection, QueueExecutionMode.drain)

    async def check(self) -> None:
        """Raise ``NotReady`` while there is no connection to the queue."""
        if self._manager is None:
            raise NotReady("The worker has no connection to its queue.")

    def stop(self) -> None:
        """Take no more jobs; those that run go on."""
        self._stopping.set()
        self._leave()

    def hand_back(self) -> None:
        """Give the jobs that run back to the queue; none of their attempts is used up."""
        self._is_handing_back = True
        if self._manager is not None:
            loop = asyncio.get_running_loop()
            for context in self._manager.job_context.values():
                # Not yet: PgQueuer deletes a job that was cancelled before its first step.
                loop.call_soon(context.cancellation.cancel)

    def _leave(self) -> None:
        if self._manager is not None:
            self._manager.shutdown.set()

    def _lose(self) -> None:
        # Another worker would run the jobs beside this one, which can give no sign of life.
        self.hand_back()
        self._leave()
        asyncio.get_running_loop().call_later(LET_GO_SECONDS, self._give_up, self._manager)

    def _give_up(self, manager: QueueManager | None) -> None:
        if manager is not None and self._manager is manager:
            _end_with_jobs()

    async def _run_over(
        self,
        connection: QueueConnection,
        mode: QueueExecutionMode = QueueExecutionMode.continuous,
    ) -> None:
        lost_after = timedelta(seconds=self.settings.worker_lost_after)
        places = self.settings.worker_jobs
        queries = BoundedQueries(connection, lambda: places - len(manager.job_context))
        if not await queries.has_table(NAMES.queue_table):
            raise NotReady("The database has no queue yet: its migrations must run.")
        if self._stopping.is_set():
            return
        self._pause = SHORTEST_PAUSE
        manager = QueueManager(queries, NAMES.channel)
        for name, task in self.tasks.items():
            attempts = Attempts(task, queries, lost_after, lambda: self._is_handing_back)
            manager.entrypoint(name, accepts_context=True, on_failure="hold")(attempts.make)
        connection.when_lost(self._lose)
        self._is_handing_back = False
        self._manager = manager
        try:
            await manager.run(
                dequeue_timeout=min(lost_after / 2, LONGEST_IDLE),
                batch_size=places,
                mode=mode,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=lost_after,
            )
        finally:
            self._manager = None


@asynccontextmanager
async def working(application: Application, tasks: dict[str, Task[Any]]) -> AsyncIterator[None]:
    """Run the jobs of these tasks, and keep their schedules, while the application runs.

    At the end, jobs have ``WORKER_SHUTDOWN_TIMEOUT`` seconds; then they are handed back. A job
    that does not let go ends with the process, and runs again when it is missed.
    """
    settings = application.settings_as(WorkerSettings)
    database = application.resource(Database)
    worker = Worker(settings, tasks)
    application.readiness_checks["worker"] = worker.check
    make_current(application)
    scheduled = [task for task in tasks.values() if task.schedule]
    running = asyncio.create_task(worker.run())
    async with AsyncExitStack() as stack:
        for repeated in (
            partial(keep_schedules, database, scheduled),
            partial(forget_history, database, settings.worker_history_days),
            # {% if cookiecutter.use_telemetry %}
            partial(count_queue, partial(describe_queue, database)),
            # {% endif %}
        ):
            stack.callback(asyncio.create_task(_repeat(repeated)).cancel)
        yield
    worker.stop()
    if not await _has_ended(running, settings.worker_shutdown_timeout):
        worker.hand_back()
        if not await _has_ended(running, LET_GO_SECONDS):
            _end_with_jobs()


async def _repeat(work: Callable[[], Awaitable[float]]) -> None:
    """Do it again and again, each time after the seconds that it returns."""
    while True:
        try:
            seconds = await work()
        except Exception as error:
            logger.warning("the worker cannot keep its times", cause=repr(error))
            seconds = LONGEST_PAUSE
        await asyncio.sleep(seconds)


def _end_with_jobs() -> None:
    logger.error("jobs do not let go, and end with the worker")
    os._exit(1)


async def _has_ended(running: asyncio.Task[None], seconds: float) -> bool:
    done, _ = await asyncio.wait({running}, timeout=seconds)
    return bool(done)
