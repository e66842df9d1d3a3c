"""What an export tells: a span of its COPY, and its rows and bytes."""

from collections.abc import Awaitable, Callable
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

Output = Callable[[bytes], Awaitable[None]]

_meter = metrics.get_meter("app.standard")
_rows = _meter.create_counter("service.export.rows", "{row}", "Rows that were exported")
_bytes = _meter.create_counter("service.export.size", "By", "Bytes that were exported")


def told_copy(copy: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """Return asyncpg's ``copy_from_query`` with a span, and with its rows and bytes counted."""

    async def run(sql: str, *arguments: object, output: Output, **options: Any) -> str:
        size = 0

        async def count(data: bytes) -> None:
            nonlocal size
            size += len(data)
            await output(data)

        with trace.get_tracer("app.standard").start_as_current_span(
            "COPY",
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": "postgresql", "db.operation.name": "COPY"},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                answer = await copy(sql, *arguments, output=count, **options)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__qualname__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                span.set_attribute("service.export.size", size)
                _bytes.add(size)
            # PostgreSQL says `COPY 1000`.
            rows = int(answer.rpartition(" ")[2])
            span.set_attribute("db.response.returned_rows", rows)
            _rows.add(rows)
            return answer

    return run
