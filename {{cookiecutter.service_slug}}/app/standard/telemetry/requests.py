"""A span and measurements of each request (OpenTelemetry's semantic conventions for HTTP)."""

import time
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import Message, Receive, Scope, Send

from app.standard.http import ROUTE, HttpMiddleware
from app.standard.service import is_probe

# Others would make as many names and series as somebody likes.
METHODS = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
# What the trace of a caller is in.
FIELDS = {name.encode() for name in propagate.get_global_textmap().fields}
SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

_active: Counter[tuple[str, str]] = Counter()


def _count_active(_options: CallbackOptions) -> Iterable[Observation]:
    # To add and to take away at each request would cost as much as all else that is measured.
    return [
        Observation(count, {"http.request.method": method, "url.scheme": scheme})
        for (method, scheme), count in _active.copy().items()
    ]


_tracer = trace.get_tracer("app.standard")
_meter = metrics.get_meter("app.standard")
_duration = _meter.create_histogram(
    "http.server.request.duration",
    "s",
    "Duration of requests",
    explicit_bucket_boundaries_advisory=SECONDS,
)
_meter.create_observable_up_down_counter(
    "http.server.active_requests", [_count_active], "{request}", "Requests that are handled"
)


class TelemetryMiddleware(HttpMiddleware):
    """Tells of each request but the probes of health, by the route that the contract names."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if is_probe(scope):
            await self.app(scope, receive, send)
            return
        scope.setdefault("extensions", {})
        request = _Request(scope)
        token = attach(request.context)
        try:
            await self.app(scope, receive, partial(request.watch, send))
        except BaseException as error:
            request.failure = type(error).__qualname__
            raise
        finally:
            request.end()
            detach(token)


class _Request:
    """What is told of a request when its response has ended."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        is_known = scope["method"] in METHODS
        self.method = scope["method"] if is_known else "_OTHER"
        self.name = scope["method"] if is_known else "HTTP"
        self.status: int | None = None
        self.failure: str | None = None
        # Not below what the context has, which may be that of an earlier request.
        given = _headers(scope, FIELDS)
        parent = propagate.extract(given, Context()) if given else Context()
        at_start = {"http.request.method": self.method, "url.path": scope["path"]}
        self.span = _tracer.start_span(self.name, parent, SpanKind.SERVER, at_start)
        self.context = trace.set_span_in_context(self.span, parent)
        _active[self.method, scope["scheme"]] += 1
        self.began = time.perf_counter()

    async def watch(self, send: Send, message: Message) -> None:
        """See the status, and pass the message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await send(message)

    def end(self) -> None:
        """Measure the request, and end its span."""
        seconds = time.perf_counter() - self.began
        _active[self.method, self.scope["scheme"]] -= 1
        told: dict[str, Any] = {
            "http.request.method": self.method,
            "url.scheme": self.scope["scheme"],
        }
        if route := self.scope["extensions"].get(ROUTE):
            told["http.route"] = route
        if self.status is not None:
            told["http.response.status_code"] = self.status
        if self.failure or (self.status or 0) >= 500:
            told["error.type"] = self.failure or str(self.status)
        _duration.record(seconds, told)
        if self.span.is_recording():
            self._describe(told)
        self.span.end()

    def _describe(self, told: dict[str, Any]) -> None:
        if route := told.get("http.route"):
            self.span.update_name(f"{self.name} {route}")
        if agent := _headers(self.scope, {b"user-agent"}):
            self.span.set_attribute("user_agent.original", agent["user-agent"][0])
        if self.scope.get("client"):
            self.span.set_attribute("client.address", self.scope["client"][0])
        if "error.type" in told:
            self.span.set_status(Status(StatusCode.ERROR))
        version = self.scope.get("http_version", "1.1")
        self.span.set_attributes({**told, "network.protocol.version": version})


def _headers(scope: Scope, names: set[bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        if name in names:
            found.setdefault(name.decode(), []).append(value.decode("latin-1"))
    return found
