"""What a worker tells: a span of each attempt at a job, how long it took, and how the queue is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import SpanKind, Status, StatusCode

Make = Callable[[Any, Any, Any], Awaitable[None]]
SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600]
# A figure of the queue is at most so old.
QUEUE_SECONDS = 10.0

_meter = metrics.get_meter("app.standard")
_duration = _meter.create_histogram(
    "service.job.duration",
    "s",
    "Duration of attempts at jobs",
    explicit_bucket_boundaries_advisory=SECONDS,
)


def told_attempt(make: Make) -> Make:
    """Return the method that makes an attempt with a span, in the trace of who enqueued the job."""

    @wraps(make)
    async def run(attempts: Any, job: Any, context: Any) -> None:
        with trace.get_tracer("app.standard").start_as_current_span(
            f"job {job.entrypoint}",
            propagate.extract(job.headers or {}, Context()),
            SpanKind.CONSUMER,
            {"job.task": job.entrypoint, "job.id": int(job.id)},
            # That a job is to run again is an exception to PgQueuer, and none to us.
            record_exception=False,
            set_status_on_exception=False,
        ):
            await make(attempts, job, context)

    return run


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
        states = self.known.keys() - {"oldest_seconds"}
        return [Observation(self.known[state], {"job.state": state}) for state in sorted(states)]

    def _age(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(self.known["oldest_seconds"])] if self.known else []


_queue = _Queue()


async def count_queue(describe: Callable[[], Awaitable[Mapping[str, Any]]]) -> float:
    """Count what waits, if somebody wants to know; return the seconds until it is due again."""
    if _queue.is_asked:
        _queue.known = await describe()
    return QUEUE_SECONDS
