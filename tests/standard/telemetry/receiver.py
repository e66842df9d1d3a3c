"""A collector for tests: it takes what is sent by OTLP over HTTP, and keeps it."""

import gzip
import socket
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# It has no types, and nothing else of a service needs those of types-protobuf.
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Receiver(ThreadingHTTPServer):
    """What came: spans and the newest state of each metric, as plain data."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self.spans: list[dict[str, Any]] = []
        self.metrics: dict[str, dict[str, Any]] = {}
        self.resources: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.lock = threading.Lock()
        self.metrics_port = free_port()

    def serve(self) -> None:
        """Serve in a thread, until it is shut down or the process ends."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def take(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Keep what is in a request."""
        with self.lock:
            self.headers.append(headers)
            if path == "/v1/traces":
                traces = ExportTraceServiceRequest.FromString(body)
                for of_resource in MessageToDict(traces)["resourceSpans"]:
                    self.resources.append(_attributes(of_resource["resource"]))
                    for scope in of_resource["scopeSpans"]:
                        self.spans += map(_with_attributes, scope["spans"])
            else:
                measured = ExportMetricsServiceRequest.FromString(body)
                for of_resource in MessageToDict(measured).get("resourceMetrics", []):
                    for scope in of_resource["scopeMetrics"]:
                        self.metrics |= {each["name"]: each for each in scope["metrics"]}

    def points(self, name: str) -> list[dict[str, Any]]:
        """Return the points of a metric."""
        metric = self.metrics[name]
        kind = next(metric[each] for each in ("histogram", "sum", "gauge") if each in metric)
        return [_with_attributes(each) for each in kind["dataPoints"]]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as knock:
        knock.bind(("127.0.0.1", 0))
        return int(knock.getsockname()[1])


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        self.server.take(self.path, body, {k.lower(): v for k, v in self.headers.items()})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@cache
def the_receiver() -> Receiver:
    """Return the one of this process: OpenTelemetry sends to one in the life of it."""
    receiver = Receiver()
    receiver.serve()
    return receiver


def _with_attributes(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "attributes": _attributes(message)}


def _attributes(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in message.get("attributes", []):
        ((kind, value),) = each["value"].items()
        found[each["key"]] = int(value) if kind == "intValue" else value
    return found
