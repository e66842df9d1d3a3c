"""A span and measurements of each request (OpenTelemetry's semantic conventions for HTTP)."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.standard.http import ROUTE, HttpMiddleware
from app.standard.service import is_probe

# Others would make as many names and series as somebody likes.
METHODS = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

_active: Counter[tuple[str, str]] = Counter()


class TelemetryMiddleware(HttpMiddleware):
    """Tells of each request but the probes of health, by the route that the contract names."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.tracer = trace.get_tracer("app.standard")
        meter = metrics.get_meter("app.standard")
        self.duration = meter.create_histogram(
            "http.server.request.duration",
            "s",
            "Duration of requests",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        meter.create_observable_up_down_counter(
            "http.server.active_requests", [_count_active], "{request}", "Requests that are handled"
        )
        self.fields = {name.encode() for name in propagate.get_global_textmap().fields}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if is_probe(scope):
            await self.app(scope, receive, send)
            return
        extensions = scope.setdefault("extensions", {})
        known = scope["method"] in METHODS
        told: dict[str, Any] = {
            "http.request.method": scope["method"] if known else "_OTHER",
            "url.scheme": scope["scheme"],
        }
        name = scope["method"] if known else "HTTP"
        # Not below what the context has, which may be that of an earlier request.
        given = self._given(scope)
        parent = propagate.extract(given, Context()) if given else Context()
        at_start = {**told, "url.path": scope["path"]}
        span = self.tracer.start_span(name, parent, SpanKind.SERVER, at_start)
        token = attach(trace.set_span_in_context(span, parent))
        failure: str | None = None
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        active = told["http.request.method"], told["url.scheme"]
        _active[active] += 1
        started = time.perf_counter()
        try:
            await self.app(scope, receive, watch)
        except BaseException as error:
            failure = type(error).__qualname__
            raise
        finally:
            seconds = time.perf_counter() - started
            _active[active] -= 1
            if route := extensions.get(ROUTE):
                told["http.route"] = route
            if status is not None:
                told["http.response.status_code"] = status
            if failure or (status or 0) >= 500:
                told["error.type"] = failure or str(status)
            self.duration.record(seconds, told)
            if span.is_recording():
                _describe(span, scope, name, told)
            span.end()
            detach(token)

    def _given(self, scope: Scope) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            if name in self.fields:
                found.setdefault(name.decode(), []).append(value.decode("latin-1"))
        return found


def _count_active(_options: CallbackOptions) -> Iterable[Observation]:
    # To add and to take away at each request costs as much as the rest of its measurements.
    return [
        Observation(count, {"http.request.method": method, "url.scheme": scheme})
        for (method, scheme), count in _active.copy().items()
    ]


def _describe(span: trace.Span, scope: Scope, name: str, told: dict[str, Any]) -> None:
    """Give the span what is known when the response has ended."""
    if route := told.get("http.route"):
        span.update_name(f"{name} {route}")
    for header, value in scope["headers"]:
        if header == b"user-agent":
            span.set_attribute("user_agent.original", value.decode("latin-1"))
    if scope.get("client"):
        span.set_attribute("client.address", scope["client"][0])
    span.set_attribute("network.protocol.version", scope.get("http_version", "1.1"))
    if "error.type" in told:
        span.set_status(Status(StatusCode.ERROR))
    span.set_attributes(told)
