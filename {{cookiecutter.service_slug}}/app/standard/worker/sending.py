"""How a job gets to the broker, and what is told of its queue."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec
from uuid import uuid4

import structlog
from kombu.exceptions import OperationalError

from app.standard.http import ServiceUnavailable
from app.standard.service import Application, current_application, make_current, run_blocking

# {%- if cookiecutter.use_telemetry +%}
from app.standard.telemetry import trace_context

# {%- endif +%}
from app.standard.worker.broker import ANSWER_SECONDS, Broker, Message, make_celery
from app.standard.worker.broker_settings import WorkerSettings
from app.standard.worker.tasks import NewJob, Task

P = ParamSpec("P")
# A check of readiness has two seconds.
PROBE_SECONDS = 1.5

logger = structlog.stdlib.get_logger(__name__)


class BrokerUnavailable(ServiceUnavailable):
    """The broker cannot be reached, or does not answer; the job may be there all the same."""

    def __init__(self) -> None:
        super().__init__("The broker cannot be reached.")


async def enqueue(task: Task[P], *args: P.args, **kwargs: P.kwargs) -> str:
    """Have a worker run a task, from now on; return the id of the job.

    Raises ``TypeError`` or pydantic's ``ValidationError`` for arguments that the task cannot take,
    and ``BrokerUnavailable``.
    """
    [number] = await enqueue_all([task.job(*args, **kwargs)])
    return number


async def enqueue_all(jobs: Iterable[NewJob]) -> list[str]:
    """Have workers run the jobs, from now on; return their ids.

    Raises ``BrokerUnavailable``; those before the one that cannot be sent are there then.
    """
    numbers = []
    for job in jobs:
        message = make_message(job)
        await send(message)
        numbers.append(message.id)
    return numbers


def make_message(job: NewJob) -> Message:
    """Return the message of a new job."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return Message(
        str(uuid4()),
        job.task,
        job.payload,
        request_id=request_id,
        # {% if cookiecutter.use_telemetry %}
        trace_context=trace_context(),
        # {% endif %}
    )


async def send(message: Message) -> None:
    """Send a message over the connections of the service; raise ``BrokerUnavailable``."""
    broker = current_application().resource(Broker)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await run_blocking(broker.send, message)
    except (OperationalError, TimeoutError, OSError) as error:
        raise BrokerUnavailable from error


async def describe_queue(application: Application) -> dict[str, object]:
    """Count the jobs that wait; where the broker is away, most requests can do without it."""
    make_current(application)
    broker = application.resource(Broker)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return {"is_reachable": True, "queued": await run_blocking(broker.count_waiting)}
    except (OperationalError, TimeoutError, OSError):
        return {"is_reachable": False}


def add_broker(application: Application) -> None:
    """Have connections to the broker while the application runs, and tell at /readyz of it."""
    settings = application.settings_as(WorkerSettings)

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        if settings.broker_url is None and settings.environment != "test":
            logger.warning("no worker runs what is enqueued: BROKER_URL is not set")
        broker = application.resources[Broker] = Broker(make_celery(settings))
        yield
        application.resources.pop(Broker, None)
        broker.close()

    application.lifespans.append(opened)
    application.readiness_checks["queue"] = partial(describe_queue, application)
