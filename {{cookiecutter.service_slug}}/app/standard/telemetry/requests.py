"""A span and measurements of each request (OpenTelemetry's semantic conventions for HTTP)."""

import time
from collections import Counter
from collections.abc import Iterable

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from starlette.types import Receive, Scope, Send

from app.standard.http import ROUTE, STATUS, HttpMiddleware
from app.standard.service import is_probe
from app.standard.telemetry.durations import Kind, measure
from app.standard.telemetry.roots import roots

# Others would make as many names and series as somebody likes.
METHODS = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
# What the trace of a caller is in.
FIELDS = {name.encode() for name in propagate.get_global_textmap().fields}

_active: Counter[tuple[str, str]] = Counter()


def _count_active(_options: CallbackOptions) -> Iterable[Observation]:
    # To add and to take away at each request would cost as much as all else that is measured.
    return [
        Observation(count, {"http.request.method": method, "url.scheme": scheme})
        for (method, scheme), count in _active.copy().items()
    ]


_tracer = trace.get_tracer("app.standard")
_meter = metrics.get_meter("app.standard")
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
        extensions = scope.setdefault("extensions", {})
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        kind = method, scope["scheme"]
        parent = _parent(scope)
        span = _start(method, scope["path"], parent)
        token = attach(trace.set_span_in_context(span, parent))
        _active[kind] += 1
        failure = None
        began = time.perf_counter()
        try:
            await self.app(scope, receive, send)
        except BaseException as error:
            failure = type(error).__qualname__
            raise
        finally:
            seconds = time.perf_counter() - began
            _active[kind] -= 1
            whole = Kind(*kind, extensions.get(ROUTE), extensions.get(STATUS), failure)
            measure(whole, seconds, span)
            if span.is_recording():
                _describe(span, scope, whole)
            span.end()
            detach(token)


def _parent(scope: Scope) -> Context:
    # Not below what the context has, which may be that of an earlier request.
    given = _headers(scope, FIELDS)
    return propagate.extract(given, Context()) if given else Context()


def _start(method: str, path: str, parent: Context) -> Span:
    at_start = {"http.request.method": method, "url.path": path}
    if not parent:
        return roots.begin(_tracer, _name(method), at_start)
    return _tracer.start_span(_name(method), parent, SpanKind.SERVER, at_start)


def _name(method: str) -> str:
    return "HTTP" if method == "_OTHER" else method


def _describe(span: Span, scope: Scope, kind: Kind) -> None:
    told = kind.attributes()
    if kind.route:
        span.update_name(f"{_name(kind.method)} {kind.route}")
    if "error.type" in told:
        span.set_status(Status(StatusCode.ERROR))
    beside = {"network.protocol.version": scope.get("http_version", "1.1")}
    if agent := _headers(scope, {b"user-agent"}):
        beside["user_agent.original"] = agent["user-agent"][0]
    if scope.get("client"):
        beside["client.address"] = scope["client"][0]
    span.set_attributes({**told, **beside})


def _headers(scope: Scope, names: set[bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        if name in names:
            found.setdefault(name.decode(), []).append(value.decode("latin-1"))
    return found
