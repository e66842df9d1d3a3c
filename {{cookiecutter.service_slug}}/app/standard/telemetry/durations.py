"""How long requests took, by what they were: a histogram that costs a request next to nothing.

The SDK's own costs ten times as much, at each. This one is read when metrics are sent.
"""

import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from opentelemetry.trace import Span

NAME, UNIT, DESCRIPTION = "http.server.request.duration", "s", "Duration of requests"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
# The SDK's own limit: those of further kinds are counted together.
MOST_KINDS = 2000
OVERFLOW = {"otel.metric.overflow": True}

Attributes = Mapping[str, str | int | bool]


class Kind(NamedTuple):
    """What requests that are counted together have in common."""

    method: str
    scheme: str
    route: str | None
    status: int | None
    failure: str | None

    def attributes(self) -> Attributes:
        """Return what the conventions of OpenTelemetry say of it."""
        is_error = self.failure or (self.status or 0) >= 500
        told = {
            "http.request.method": self.method,
            "url.scheme": self.scheme,
            "http.route": self.route,
            "http.response.status_code": self.status,
            "error.type": (self.failure or str(self.status)) if is_error else None,
        }
        return {name: value for name, value in told.items() if value is not None}


class Example(NamedTuple):
    """A request that was recorded: the way from a bucket to a trace."""

    seconds: float
    time_ns: int
    trace_id: int
    span_id: int


@dataclass(slots=True, eq=False)
class Durations:
    """The requests of a kind: their numbers by bucket, their seconds, and the last that are told."""

    attributes: Attributes
    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    seconds: float = 0.0
    examples: dict[int, Example] = field(default_factory=dict)


_by_kind: dict[Kind, Durations] = {}
_others = Durations(OVERFLOW)


def measure(kind: Kind, seconds: float, span: Span) -> None:
    """Count a request, in the thread of the loop."""
    durations = _by_kind.get(kind) or _begin(kind)
    bucket = bisect_left(SECONDS, seconds)
    durations.counts[bucket] += 1
    durations.seconds += seconds
    if span.is_recording():
        context = span.get_span_context()
        durations.examples[bucket] = Example(
            seconds, time.time_ns(), context.trace_id, context.span_id
        )


def measured() -> Iterator[Durations]:
    """Give what was counted, in any thread."""
    yield from [*_by_kind.values()]
    if any(_others.counts):
        yield _others


def _begin(kind: Kind) -> Durations:
    if len(_by_kind) >= MOST_KINDS:
        return _others
    durations = _by_kind[kind] = Durations(kind.attributes())
    return durations
