"""Celery's worker: it takes jobs from the broker in a thread, and they run on our event loop."""

# Celery has no types.
# mypy: disallow-subclassing-any=false

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from celery import Task as CeleryTask
from celery.exceptions import Ignore, Reject, Retry
from celery.worker import WorkController, state
from celery.worker.consumer import Consumer

from app.standard.service import Application, NotReady
from app.standard.worker.attempts import HANDED_BACK, LOST, Attempts
from app.standard.worker.broker import QUEUE, Broker, Message, make_celery
from app.standard.worker.broker_settings import WorkerSettings
from app.standard.worker.sending import describe_queue

# Where a job waits for a worker that knows its task.
UNKNOWN_SECONDS = 5.0
PAUSE = 0.02

logger = structlog.stdlib.get_logger(__name__)


class JobFailed(Exception):
    """An attempt has failed; the message is the kind of its error, which is all that Flower has."""


class AttemptTask(CeleryTask):
    """A task as Celery sees it: a thread of its pool waits for our event loop."""

    acks_late = True
    typing = False

    def __init__(self, name: str, attempts: Attempts, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.attempts = attempts
        self.loop = loop

    def run(self, **arguments: object) -> None:
        """Make an attempt, and tell Celery, and so Flower, what became of it."""
        request = self.request
        message = Message.of_headers(vars(request), arguments)
        is_second_time = bool((request.delivery_info or {}).get("redelivered"))
        attempt = self.attempts.make(message, is_second_time=is_second_time)
        try:
            outcome, kind = asyncio.run_coroutine_threadsafe(attempt, self.loop).result()
        except Exception as error:
            # There is no message for the next attempt: the broker shall keep this one.
            logger.warning("a job goes back to the broker", job=message.id, cause=repr(error))
            raise Reject(error, requeue=True) from None
        if outcome == LOST:
            raise Reject(kind, requeue=True)
        if outcome == HANDED_BACK:
            raise Ignore
        if outcome == "to be retried":
            raise Retry(exc=JobFailed(kind))
        if outcome == "failed":
            raise JobFailed(kind)


class PatientConsumer(Consumer):
    """Leaves jobs to others: those of unknown tasks, and those of a connection that is lost.

    Celery throws the former away, and has the latter run on beside their next attempts.
    """

    def __init__(self, lose: Callable[[], object], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lose = lose

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Have the jobs let go, before they are given out again."""
        self._lose()
        super().on_connection_error_after_connected(exc)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Put it back in a while."""
        self.timer.call_after(UNKNOWN_SECONDS, self._put_back, (message, self.connection))

    def _put_back(self, message: Any, connection: object) -> None:
        # The broker has given out again what a lost connection had.
        if connection is not self.connection:
            return
        # One that Celery puts back would count as begun. Where it cannot be sent, the broker has it.
        with suppress(Exception):
            Broker(self.app).send(Message.of_headers(message.headers, message.decode()[1]))
            message.ack()


class Worker:
    """Takes jobs from the broker, in a thread, until it is told to stop."""

    def __init__(self, application: Application, attempts: Attempts) -> None:
        settings = application.settings_as(WorkerSettings)
        app = make_celery(settings)
        loop = asyncio.get_running_loop()
        for name in attempts.tasks:
            app.register_task(AttemptTask(name, attempts, loop))
        app.conf.update(
            worker_consumer=partial(
                PatientConsumer, partial(loop.call_soon_threadsafe, attempts.lose)
            ),
            worker_prefetch_multiplier=1,
            worker_send_task_events=True,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
        )
        # Threads of its pool look for it there.
        app.set_default()
        state.should_stop = None
        self._controller = WorkController(
            app=app,
            hostname=f"{QUEUE}@{os.uname().nodename}-{os.getpid()}",
            pool_cls="threads",
            concurrency=settings.worker_jobs,
            without_mingle=True,
            without_gossip=True,
        )
        self._application = application
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to take jobs; while the broker is away, try again."""
        self._thread.start()

    async def check(self) -> None:
        """Raise ``NotReady`` while there is no connection to the broker."""
        connection = self._controller.consumer.connection
        is_there = connection is not None and connection.connected
        if not is_there or not (await describe_queue(self._application))["is_reachable"]:
            raise NotReady("The worker has no connection to its broker.")

    def take_no_more(self) -> None:
        """Take no more jobs; those that run go on."""
        self._soon(self._cancel)

    async def end(self, seconds: float) -> bool:
        """End the thread when the broker knows what became of the jobs; tell whether it did."""
        until = time.monotonic() + seconds
        await _wait_while(lambda: bool(state.active_requests), until)
        state.should_stop = 0
        self._soon(lambda: None)
        return await _wait_while(self._thread.is_alive, until)

    def _run(self) -> None:
        self._controller.start()
        if state.should_stop is None:
            logger.critical("the worker ends with its jobs: Celery has given up")
            os._exit(1)

    def _cancel(self) -> None:
        consumer = self._controller.consumer.task_consumer
        if consumer is not None:
            with suppress(Exception):
                consumer.cancel()

    def _soon(self, call: Callable[[], None]) -> None:
        self._controller.consumer.call_soon(call)


async def _wait_while(holds: Callable[[], bool], until: float) -> bool:
    while (still := holds()) and time.monotonic() < until:  # noqa: ASYNC110  (of another thread)
        await asyncio.sleep(PAUSE)
    return not still
