"""The span that a line of log belongs to."""

from opentelemetry import trace
from structlog.typing import EventDict


def add_span(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Add ``trace_id`` and ``span_id`` where there is a span."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event
