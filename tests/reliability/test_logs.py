"""What a running service writes to its log, and what it never does."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from reliability.clients import opened, until
from reliability.conftest import Running, Start
from reliability.logs import Event, events, events_of
from reliability.raw_http import BOUND, ask, message
from reliability.test_responses import JSON

ENDINGS = {
    "success": ("GET /things/7", "/things/{number}", 200),
    "nothing-there": ("GET /nowhere", None, 404),
    "wrong-method": ("DELETE /echo", None, 405),
    "bad-parameter": ("GET /echo?number=a", "/echo", 400),
    "failure": ("POST /failure", "/failure", 500),
    "too-large": ("POST /echo", None, 413),
    "too-slow": ("GET /wait?seconds=30", "/wait", 503),
    "stream": ("GET /stream?rows=100", "/stream", 200),
}


@pytest.fixture(scope="module")
def logging(start: Start) -> Iterator[Running]:
    with start(REQUEST_TIMEOUT="3", REQUEST_MAX_BYTES="1000") as running:
        yield running


def request_line(running: Running, request_id: str) -> Event:
    """Return the one line of a request."""
    (line,) = (e for e in events_of(running, request_id) if e["event"] == "request")
    return line


@pytest.mark.parametrize("name", ENDINGS)
def test_request_is_one_line(logging: Running, name: str) -> None:
    line, route, status = ENDINGS[name]
    body = b"{%s}" % (b" " * 2_000) if status == 413 else b""

    answer = ask(logging.host, message(line, JSON, f"X-Request-ID: {name}", body=body))

    event = request_line(logging, name)
    method, _, address = line.partition(" ")
    expected = {
        "method": method,
        "route": route,
        "path": address.partition("?")[0],
        "status": status,
        "outcome": "complete",
        "bytes": len(answer.body),
        "client": "127.0.0.1",
        "request_id": name,
        "level": "info",
    }
    assert answer.status == status
    assert event.items() >= expected.items()
    assert 0 <= event["duration_ms"] < BOUND * 1000


def test_traceback_is_one_event_of_its_request(logging: Running) -> None:
    ask(logging.host, message("POST /failure", JSON, "X-Request-ID: traceback"))

    (event,) = (e for e in events_of(logging, "traceback") if "exception" in e)
    assert event["event"] == "request failed"
    assert event["exception"].startswith("Traceback")
    assert event["exception"].endswith("RuntimeError: cannot take None")


def test_client_that_leaves_is_told(logging: Running) -> None:
    with socket.create_connection(logging.host, BOUND) as connection:
        connection.sendall(message("GET /wait?seconds=30", "X-Request-ID: leaver"))
        until(lambda: any(e["event"] == "wait begins" for e in of(logging, "leaver")))

    event = request_line(logging, "leaver")
    assert (event["outcome"], event["status"], event["bytes"]) == ("client left", None, 0)


def of(running: Running, request_id: str) -> list[Event]:
    """Return what was logged for a request until now."""
    return [event for event in events(running) if event.get("request_id") == request_id]


def test_client_that_leaves_a_stream_is_told(logging: Running) -> None:
    with opened(logging.host, "/stream?rows=100000&seconds=30") as response:
        request_id = response.headers["X-Request-ID"]
        assert response.read(5_000)

    event = request_line(logging, request_id)
    assert (event["outcome"], event["status"]) == ("client left", 200)
    assert event["bytes"] >= 5_000


def test_stream_that_breaks_is_told(logging: Running) -> None:
    line = "GET /broken-stream?rows=1000"

    with socket.create_connection(logging.host, BOUND) as connection:
        connection.sendall(message(line, "X-Request-ID: broken"))
        with connection.makefile("rb") as file:
            received = file.read()

    event = request_line(logging, "broken")
    assert (event["outcome"], event["status"]) == ("broken", 200)
    assert 0 < event["bytes"] <= len(received)
    assert not received.endswith(b"0\r\n\r\n")


def test_probes_are_not_logged(logging: Running) -> None:
    for path in ("/healthz", "/readyz"):
        assert ask(logging.host, message(f"GET {path}")).status == 200
    ask(logging.host, message("GET /things/7", "X-Request-ID: after-the-probes"))

    request_line(logging, "after-the-probes")
    assert not [e for e in events(logging) if e.get("path") in ("/healthz", "/readyz")]


def test_every_line_is_json_with_the_same_fields(logging: Running) -> None:
    ask(logging.host, message("POST /failure", JSON))
    ask(logging.host, b"no http\r\n\r\n")

    until(lambda: any(e["event"].startswith("Invalid HTTP") for e in events(logging)))
    assert {e["logger"] for e in events(logging)} >= {"uvicorn.error", "app.api"}
    fields: set[str] = {"event", "level", "logger", "timestamp"}
    assert all(fields <= event.keys() for event in events(logging))
