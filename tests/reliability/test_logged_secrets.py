"""Secrets that requests bring along, and that never stand in the log of a running service."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from reliability.conftest import Running, Start
from reliability.logs import Event, events_of
from reliability.raw_http import ask, message
from reliability.test_responses import JSON

SECRET = "hunter2"  # noqa: S105
FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=b"
BODIES = {
    "plain": {"password": SECRET},
    "nested": {"users": [{"name": "a", "credentials": {"user": "a", "value": SECRET}}]},
    "deep": {"a": [[{"b": [{"access_token": [SECRET, {"c": SECRET}]}]}]]},
    "joined": {"apiKey": SECRET, "X-Api-Key": SECRET, "client secret": SECRET, "PASSWD": SECRET},
    "headers": {"headers": [["Authorization", f"Bearer {SECRET}"], ["Set-Cookie", f"a={SECRET}"]]},
    "address": {"url": f"postgresql://user:{SECRET}@host:5432/name"},
    "query": {"url": f"https://host/path?page=1&access_token={SECRET}&limit=1"},
    "text": {"note": f"password: {SECRET}"},
    "quoted": {"note": json.dumps({"password": SECRET, "list": [{"token": SECRET}]})},
    "word": {"pin": SECRET, "nested": {"PIN-Code": SECRET}},
}
REQUESTS = {
    "bearer": message("POST /failure", f"Authorization: Bearer {SECRET}"),
    "basic": message("POST /failure", f"Authorization: Basic {SECRET}"),
    "cookie": message("POST /failure", f"Cookie: session={SECRET}; taste={SECRET}"),
    "key": message("POST /failure", f"X-Api-Key: {SECRET}"),
    "query": message(f"POST /failure?token={SECRET}&password={SECRET}"),
    "known-query": message(f"GET /echo?text={SECRET}"),
    "form": message("POST /failure", FORM, body=f"password={SECRET}&token={SECRET}".encode()),
    "parts": message(
        *("POST /failure", MULTIPART),
        body=b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n%s\r\n--b--'
        % SECRET.encode(),
    ),
    "refused-body": message("POST /echo", JSON, body=b'{"password": "%s"}' % SECRET.encode()),
    "unreadable-body": message("POST /echo", JSON, body=b'{"password": "%s"' % SECRET.encode()),
    "unreadable-parts": message("POST /echo", MULTIPART, body=SECRET.encode()),
    "other-type": message("POST /echo", "Content-Type: text/xml", body=SECRET.encode()),
    "good-body": message("POST /echo", JSON, body=b'{"name": "%s"}' % SECRET.encode()),
}


@pytest.fixture(scope="module")
def talkative(start: Start) -> Iterator[Running]:
    with start(LOG_LEVEL="DEBUG", LOG_REDACTED_WORDS="pin") as running:
        yield running


def log_of(running: Running, request: bytes, request_id: str) -> list[Event]:
    """Send a request, and return what was logged for it."""
    line, rest = request.split(b"\r\n", 1)
    ask(running.host, line + f"\r\nX-Request-ID: {request_id}\r\n".encode() + rest)
    return events_of(running, request_id)


@pytest.mark.parametrize("name", REQUESTS)
def test_secret_of_a_request_is_not_logged(talkative: Running, name: str) -> None:
    assert SECRET not in str(log_of(talkative, REQUESTS[name], name))


@pytest.mark.parametrize("name", BODIES)
def test_secret_in_what_is_logged_is_masked(talkative: Running, name: str) -> None:
    request = message("POST /failure", JSON, body=json.dumps(BODIES[name]).encode())

    logged = log_of(talkative, request, f"body-{name}")

    assert SECRET not in str(logged)
    masked = [event["event"] for event in logged if "***" in str(event)]
    assert {"structured", "request failed"} <= {*masked}


def test_no_secret_is_anywhere_in_the_output(talkative: Running) -> None:
    assert SECRET not in talkative.log.read_text("utf-8")
