"""Traces that begin with a request: one that is not recorded costs no more than its ids.

The SDK's own way to such a span takes five times as long. What is decided here, it would decide.
"""

import random
from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, Tracer

# A trace is recorded if these bits of its id are below a bound, as by `traceidratio` of the SDK.
LOW_BITS = (1 << 64) - 1
ALL = LOW_BITS + 1
RANDOM = TraceFlags(TraceFlags.RANDOM_TRACE_ID)


class Roots:
    """Where the bound is, and the id of the trace that the SDK is to begin next."""

    def __init__(self) -> None:
        self.bound = ALL
        self._chosen = 0

    def begin(self, tracer: Tracer, name: str, attributes: Mapping[str, str]) -> Span:
        """Begin a trace with the span of a request."""
        trace_id = random.getrandbits(128)
        if trace_id & LOW_BITS >= self.bound:
            # Zero is no id: it is as likely as that two traces have the same.
            context = SpanContext(
                trace_id, random.getrandbits(64), is_remote=False, trace_flags=RANDOM
            )
            return NonRecordingSpan(context)
        self._chosen = trace_id
        return tracer.start_span(name, Context(), SpanKind.SERVER, attributes)

    def take(self) -> int:
        """Return the id of the trace that begins, once; 0 if any will do."""
        chosen, self._chosen = self._chosen, 0
        return chosen


roots = Roots()
