"""A span of each statement that SQLAlchemy sends: its text, and none of its values."""

import time
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

LONGEST_TEXT = 2000

_began: ContextVar[int] = ContextVar("began", default=0)


def watch_statements() -> None:
    """Have spans of the statements of all engines, within spans that are recorded."""
    if not event.contains(Engine, "before_cursor_execute", _begin):
        event.listen(Engine, "before_cursor_execute", _begin)
        event.listen(Engine, "after_cursor_execute", _end)
        event.listen(Engine, "handle_error", _fail)


def _begin(*_given: object) -> None:
    _began.set(time.time_ns() if trace.get_current_span().is_recording() else 0)


def _end(connection: Connection, _cursor: object, statement: str, *_given: object) -> None:
    if began := _began.get():
        _tell(began, connection.engine, statement).end()


def _fail(failed: ExceptionContext) -> None:
    if (began := _began.get()) and failed.statement is not None:
        span = _tell(began, failed.engine, failed.statement)
        # Its message may hold values of rows.
        kind = type(failed.original_exception)
        span.set_attribute("error.type", f"{kind.__module__}.{kind.__qualname__}")
        if state := getattr(failed.original_exception, "sqlstate", None):
            span.set_attribute("db.response.status_code", str(state))
        span.set_status(Status(StatusCode.ERROR))
        span.end()


def _tell(began: int, engine: Engine | None, statement: str) -> trace.Span:
    _began.set(0)
    operation = statement.split(None, 1)[0].upper() if statement.strip() else ""
    told: dict[str, Any] = {
        "db.system.name": "postgresql",
        "db.operation.name": operation,
        "db.query.text": statement[:LONGEST_TEXT],
    }
    if engine is not None and engine.url.database:
        told["db.namespace"] = engine.url.database
    tracer = trace.get_tracer("app.standard")
    return tracer.start_span(
        operation or "postgresql", kind=SpanKind.CLIENT, attributes=told, start_time=began
    )
