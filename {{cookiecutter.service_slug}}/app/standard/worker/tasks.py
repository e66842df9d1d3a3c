"""What a task is: an async function whose arguments can wait, and how it is tried."""

import asyncio
import inspect
import warnings
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Formatter
from typing import Any, Generic, ParamSpec, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, create_model

P = ParamSpec("P")
LONGEST_DELAY = 3600.0
# An error goes into the log, where nothing shows the arguments of a job.
CONFIG = ConfigDict(extra="forbid", hide_input_in_errors=True)
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Job:
    """The job that runs; each attempt has the same id, which can be its idempotency key."""

    # {% print "    id: " ~ ("str" if cookiecutter.queue == "celery" else "int") ~ "\n" %}
    # {% if false %}
    id: int | str
    # {% endif %}
    attempt: int


_current: ContextVar[Job] = ContextVar("job")


def current_job() -> Job:
    """Return the job that runs; raise ``LookupError`` where none does."""
    return _current.get()


@dataclass(frozen=True)
class NewJob:
    """A job that is not in the queue yet: its arguments as JSON, and its key if it has one."""

    task: str
    payload: bytes
    key: str | None


class TaskError(TypeError):
    """A task is declared as no worker could run it; the message says why."""


class Task(Generic[P]):
    """A function that a worker can run later; called, it runs at once."""

    def __init__(
        self,
        function: Callable[P, Awaitable[None]],
        attempts: int,
        backoff: float,
        deadline: float | None,
        key: str | None,
        schedule: str | None,
        zone: str,
    ) -> None:
        self.function = function
        self.name = function.__name__
        self.attempts, self.backoff, self.deadline = attempts, backoff, deadline
        self.key, self.schedule = key, schedule
        self.signature = inspect.signature(function)
        try:
            self.arguments = _model_of(function, self.signature)
            self.zone = ZoneInfo(zone)
            CronSim(schedule or "* * * * *", datetime.now(UTC))
        except (TaskError, ZoneInfoNotFoundError, CronSimError) as error:
            raise TaskError(f"the task {self.name}: {error}") from None
        if wrong := self._find_wrong():
            raise TaskError(f"the task {self.name} {wrong}")

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        await self.function(*args, **kwargs)

    def job(self, *args: P.args, **kwargs: P.kwargs) -> NewJob:
        """Return a job with these arguments, for ``enqueue_all``.

        Raises ``TypeError`` or pydantic's ``ValidationError`` for what the function cannot take.
        """
        given = self.arguments(**self.signature.bind(*args, **kwargs).arguments)
        key = None
        if self.key is not None or self.schedule:
            key = f"{self.name}:{(self.key or '').format_map(given.model_dump(mode='json'))}"
        return NewJob(self.name, given.model_dump_json(round_trip=True).encode(), key)

    async def run(self, payload: bytes, job: Job) -> None:
        """Run a job; raises ``ValidationError`` if its arguments are those of another release."""
        # They were written by name, whatever a model of them has for an alias.
        given = self.arguments.model_validate_json(payload, by_name=True, by_alias=True)
        call: Any = self.function
        _current.set(job)
        await call(**{name: getattr(given, name) for name in self.signature.parameters})

    async def attempt(
        self, payload: bytes, job: Job, deadline: float | None
    ) -> BaseException | None:
        """Run a job within so many seconds; return what it raised, its cancellation excepted."""
        this = asyncio.current_task()
        try:
            async with asyncio.timeout(deadline):
                await self.run(payload, job)
        except Exception as error:
            return error
        except asyncio.CancelledError as error:
            if this is None or this.cancelling():
                raise
            # Nobody cancelled the job: it awaited what somebody else did.
            return error
        return None

    def delay_after(self, attempt: int) -> float:
        """Return the seconds until the next attempt: twice as many each time, up to an hour."""
        return min(self.backoff * 2.0 ** (attempt - 1), LONGEST_DELAY)

    def _find_wrong(self) -> str:
        fields = self.arguments.model_fields
        named = {name for _, name, _, _ in Formatter().parse(self.key or "") if name is not None}
        if not inspect.iscoroutinefunction(self.function):
            return "must be an async function"
        if self.attempts < 1 or self.backoff < 0:
            return "must have one attempt or more, and no backoff below 0"
        if self.deadline is not None and self.deadline <= 0:
            return "must have a deadline of more than 0 seconds"
        # {% if cookiecutter.queue == "celery" %}
        if self.key is not None:
            return "has a key, but Celery cannot tell whether another job with it waits"
        # {% endif %}
        if unknown := named - fields.keys():
            return f"has a key of what is no argument: {', '.join(sorted(unknown))}"
        if self.schedule and any(field.is_required() for field in fields.values()):
            return "has a schedule, so that each argument must have a default"
        return ""


def task(
    *,
    attempts: int = 3,
    backoff: float = 2.0,
    deadline: float | None = None,
    key: str | None = None,
    schedule: str | None = None,
    zone: str = "UTC",
) -> Callable[[Callable[P, Awaitable[None]]], Task[P]]:
    """Make a task of an async function, whose arguments have types that JSON can carry.

    ``backoff`` and ``deadline`` are seconds, the first before a second attempt. ``key`` names
    arguments in braces: while a job with the same one waits or runs, none is added. ``schedule``
    is a cron expression, in the time of ``zone``; its task has an empty key if it has no other.
    """

    def declare(function: Callable[P, Awaitable[None]]) -> Task[P]:
        return Task(function, attempts, backoff, deadline, key, schedule, zone)

    return declare


def collect_tasks(values: Iterable[object]) -> dict[str, Task[Any]]:
    """Return the tasks among the values by their names, each of which one can have."""
    tasks: dict[str, Task[Any]] = {}
    for value in values:
        if isinstance(value, Task) and tasks.setdefault(value.name, value) is not value:
            raise TaskError(f"two tasks are named {value.name}")
    return tasks


def _model_of(function: Callable[..., object], signature: inspect.Signature) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind not in NAMED or name not in hints:
            raise TaskError(f"its argument {name} must have a name and a type")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    with warnings.catch_warnings():
        # An argument may be called `schema`: nobody calls what pydantic has had by this name.
        warnings.filterwarnings("ignore", "Field name .* shadows an attribute", UserWarning)
        return create_model(function.__name__, __config__=CONFIG, **fields)
