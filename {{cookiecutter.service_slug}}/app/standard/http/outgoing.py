"""Calls to other services: each has a span, and takes the trace and the request id along."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from app.standard.http.request_log import outgoing_headers


@dataclass(slots=True)
class Call:
    """A call to another service: the headers that it takes, and the status that came back."""

    headers: dict[str, str]
    status: int | None = None


@contextmanager
def calling(method: str, address: str) -> Iterator[Call]:
    """Make a span of a call, whatever client makes it; its query and its user are not told."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    with trace.get_tracer("app.standard").start_as_current_span(
        method,
        kind=SpanKind.CLIENT,
        attributes={
            "http.request.method": method,
            "url.full": f"{parts.scheme}://{host}{parts.path}",
            "server.address": parts.hostname or "",
            "server.port": parts.port or (443 if parts.scheme == "https" else 80),
        },
        # Messages of errors may hold what no span shall.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        call = Call(outgoing_headers())
        failure = ""
        try:
            yield call
        except BaseException as error:
            failure = type(error).__qualname__
            raise
        finally:
            if call.status is not None:
                span.set_attribute("http.response.status_code", call.status)
                failure = failure or (str(call.status) if call.status >= 400 else "")
            if failure:
                span.set_attribute("error.type", failure)
                span.set_status(Status(StatusCode.ERROR))


class TracedClient(httpx2.AsyncClient):
    """A client whose calls have spans; it is used as httpx2's own is."""

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request, and return the response."""
        with calling(request.method, str(request.url)) as call:
            request.headers.update(call.headers)
            response = await super().send(request, **options)
            call.status = response.status_code
        return response
