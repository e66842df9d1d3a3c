"""What a worker tells: a span of each attempt at a job, how long it took, and how the queue is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import SpanKind, Status, StatusCode

Make = TypeVar("Make", bound=Callable[..., Awaitable[Any]])
SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600]
# A figure of the queue is at most so old.
QUEUE_SECONDS = 10.0
# Of what a queue tells of itself.
STATES, OLDEST = ("failed", "queued", "running"), "oldest_seconds"

_meter = metrics.get_meter("app.standard")
_duration = _meter.create_histogram(
    "service.job.duration",
    "s",
    "Duration of attempts at jobs",
    explicit_bucket_boundaries_advisory=SECONDS,
)


# {% if cookiecutter.queue == "celery" %}
def trace_context() -> dict[str, str]:
    """Return what a message carries of the trace that it is sent in; see ``told_attempt``."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier


# {% endif %}
def told_attempt(make: Make) -> Make:
    """Return the method that makes an attempt with a span, in the trace of who enqueued the job."""

    @wraps(make)
    async def run(attempts: Any, job: Any, *args: Any, **kwargs: Any) -> Any:
        # {% if cookiecutter.queue == "pgqueuer" %}
        task, carrier = job.entrypoint, job.headers or {}
        # {% endif %}
        # {% if cookiecutter.queue == "celery" %}
        task, carrier = job.task, job.trace_context
        # {% endif %}
        with trace.get_tracer("app.standard").start_as_current_span(
            f"job {task}",
            propagate.extract(carrier, Context()),
            SpanKind.CONSUMER,
            {"job.task": task, "job.id": str(job.id)},
            # {% if cookiecutter.queue == "pgqueuer" %}
            # That a job is to run again is an exception to PgQueuer, and none to us.
            # {% endif %}
            # {% if cookiecutter.queue == "celery" %}
            # Where the next attempt cannot be sent, this one is told all the same.
            # {% endif %}
            record_exception=False,
            set_status_on_exception=False,
        ):
            return await make(attempts, job, *args, **kwargs)

    return cast(Make, run)


def tell_outcome(
    task: str, attempt: int, outcome: str, seconds: float, error: BaseException | None
) -> None:
    """Tell how an attempt went, in its span and among the measurements."""
    span = trace.get_current_span()
    span.set_attributes({"job.attempt": attempt, "job.outcome": outcome})
    if error is not None:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(Status(StatusCode.ERROR))
    _duration.record(seconds, {"job.task": task, "job.outcome": outcome})


class _Queue:
    """The newest figures of the queue; while nobody has asked, nobody counts."""

    def __init__(self) -> None:
        self.is_asked = False
        self.known: Mapping[str, Any] = {}
        _meter.create_observable_gauge(
            "service.queue.jobs", [self._count], "{job}", "Jobs that are not done, by state"
        )
        _meter.create_observable_gauge(
            "service.queue.oldest", [self._age], "s", "How long the oldest job has been due"
        )

    def _count(self, _options: CallbackOptions) -> Iterable[Observation]:
        self.is_asked = True
        states = [state for state in STATES if state in self.known]
        return [Observation(self.known[state], {"job.state": state}) for state in states]

    def _age(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(self.known[OLDEST])] if OLDEST in self.known else []


_queue = _Queue()


async def count_queue(describe: Callable[[], Awaitable[Mapping[str, Any]]]) -> float:
    """Count what waits, if somebody wants to know; return the seconds until it is due again."""
    if _queue.is_asked:
        _queue.known = await describe()
    return QUEUE_SECONDS
