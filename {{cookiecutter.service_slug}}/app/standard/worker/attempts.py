"""How one attempt of a job goes, and what becomes of the job after it."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from app.standard.service import Application, make_current

# {%- if cookiecutter.use_telemetry +%}
from app.standard.telemetry import tell_outcome, told_attempt

# {%- endif +%}
from app.standard.worker.broker import Message
from app.standard.worker.sending import send
from app.standard.worker.tasks import Job, Task

HANDED_BACK = "handed back"
LOST = "lost"
# So long may each thing take that a job does when it was told to end.
TELL_AGAIN_SECONDS = 2.0

logger = structlog.stdlib.get_logger(__name__)


class WorkerLost(Exception):
    """The worker of an attempt ended in the middle of it, or lost its broker."""


@dataclass
class Attempts:
    """The attempts at jobs, all on one event loop."""

    application: Application
    tasks: dict[str, Task[Any]]
    # The broker would give a job to another worker, beside this one.
    longest: float
    is_ending: bool = False
    running: set[asyncio.Task[BaseException | None]] = field(default_factory=set)
    lost: set[asyncio.Task[BaseException | None]] = field(default_factory=set)

    # {% if cookiecutter.use_telemetry %}
    @told_attempt
    # {% endif %}
    async def make(self, message: Message, *, is_second_time: bool = False) -> tuple[str, str]:
        """Run a job once, or say what its lost worker cost; return the outcome and what it was.

        When this returns, the broker may forget the message: the next attempt has one of its own.
        """
        make_current(self.application)
        task = self.tasks[message.task]
        number = message.attempts + 1
        started = time.monotonic()
        structlog.contextvars.bind_contextvars(
            request_id=message.request_id, job=message.id, task=task.name, attempt=number
        )
        error, outcome = await self._try(task, message, number, is_second_time)
        kind = type(error).__name__ if error is not None else ""
        duration = round((time.monotonic() - started) * 1000, 1)
        # {% if cookiecutter.use_telemetry %}
        tell_outcome(task.name, number, outcome, duration / 1000, error)
        # {% endif %}
        log = logger.info if error is None else logger.error
        log("job", outcome=outcome, duration_ms=duration, exc_info=error)
        if outcome == HANDED_BACK:
            await send(message.again(message.attempts))
        elif outcome == "to be retried":
            # Longer, Redis would give it to another worker, too.
            await send(message.again(number, min(task.delay_after(number), self.longest / 2)))
        return outcome, kind

    async def wait(self, seconds: float) -> None:
        """Wait until nothing runs, but no longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.running:
                    await asyncio.wait(self.running)

    def hand_back(self) -> None:
        """End what runs; none of its attempts is used up."""
        self.is_ending = True
        for attempt in self.running:
            attempt.cancel()

    def lose(self) -> None:
        """End what runs, because the broker gives it out again; nothing is sent for it."""
        self.lost |= self.running
        for attempt in self.running:
            attempt.cancel()

    async def _try(
        self, task: Task[Any], message: Message, number: int, is_second_time: bool
    ) -> tuple[BaseException | None, str]:
        error: BaseException | None = WorkerLost()
        if not is_second_time:
            deadline = min(task.deadline or self.longest, self.longest)
            attempt = asyncio.create_task(
                task.attempt(message.arguments, Job(message.id, number), deadline)
            )
            self.running.add(attempt)
            await self._wait_for(attempt)
            self.running.discard(attempt)
            if attempt in self.lost:
                self.lost.discard(attempt)
                return None, LOST
            if attempt.cancelled() and self.is_ending:
                return None, HANDED_BACK
            error = asyncio.CancelledError() if attempt.cancelled() else attempt.result()
        if error is None:
            return None, "done"
        return error, "to be retried" if number < task.attempts else "failed"

    async def _wait_for(self, attempt: asyncio.Task[BaseException | None]) -> None:
        while not attempt.done():
            if self.is_ending or attempt in self.lost:
                attempt.cancel()
            await asyncio.wait({attempt}, timeout=TELL_AGAIN_SECONDS)
