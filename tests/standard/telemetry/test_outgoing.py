"""Calls to other services have spans, and take the trace along."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from opentelemetry import trace

from app.standard.http import TracedClient, calling, outgoing_headers
from tests.standard.receiver import Receiver
from tests.standard.telling import Tell, receiver, tell, told_settings

__all__ = ["receiver", "tell", "told_settings"]

ADDRESS = "http://me:hunter2@other:8000/items?password=hunter2"
provider: Any = trace.get_tracer_provider


def ask(handler: Any) -> None:
    """Ask a service that answers so, within a span."""

    async def run() -> None:
        async with TracedClient(transport=httpx2.MockTransport(handler)) as client:
            await client.get(ADDRESS)

    tracer = trace.get_tracer("test")
    with tracer.start_as_current_span(
        "caller", record_exception=False, set_status_on_exception=False
    ):
        asyncio.run(run())


def told(receiver: Receiver) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the spans of the call and of the caller."""
    provider().force_flush()
    call, caller = receiver.spans
    assert "hunter2" not in json.dumps(receiver.spans)
    return call, caller


@pytest.mark.parametrize("status", [200, 404])
def test_call_is_told(tell: Tell, receiver: Receiver, status: int) -> None:
    tell()
    given: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        given.append(request.headers["traceparent"])
        return httpx2.Response(status)

    ask(answer)

    call, caller = told(receiver)
    assert (call["name"], call["kind"]) == ("GET", "SPAN_KIND_CLIENT")
    assert call["parentSpanId"] == caller["spanId"]
    assert given[0].split("-")[1:] != ["0" * 32, "0" * 16, "01"]
    failure = {"error.type": "404"} if status == 404 else {}
    assert call["attributes"] == failure | {
        "http.request.method": "GET",
        "http.response.status_code": status,
        "server.address": "other",
        "server.port": 8000,
        "url.full": "http://other:8000/items",
    }
    assert call.get("status", {}) == ({"code": "STATUS_CODE_ERROR"} if failure else {})


def test_call_that_fails_is_told(tell: Tell, receiver: Receiver) -> None:
    tell()

    def fail(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("hunter2")

    with pytest.raises(httpx2.ConnectError):
        ask(fail)

    call, _caller = told(receiver)
    assert call["attributes"]["error.type"] == "ConnectError"
    assert call["status"] == {"code": "STATUS_CODE_ERROR"}


def test_other_clients_get_the_headers() -> None:
    with calling("POST", "https://other/") as call:
        call.status = 204

    assert "X-Request-ID" not in call.headers
    assert set(outgoing_headers()) <= {"X-Request-ID", "traceparent", "tracestate", "baggage"}
