"""Each request has a span, which tells what the conventions of OpenTelemetry say."""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import create_app
from config import Settings
from tests.standard.probe import PROBE_CONTRACT
from tests.standard.receiver import Receiver
from tests.standard.telling import Tell, receiver, tell, told_settings

__all__ = ["receiver", "tell", "told_settings"]

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
COSTLY = ("opentelemetry.sdk", "opentelemetry.exporter", "prometheus_client")


def lines(captured: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.splitlines()]


def test_span_of_a_request_has_its_route(tell: Tell, receiver: Receiver) -> None:
    headers = {"User-Agent": "tester"}

    [span] = tell(("GET", "/things/7"), headers=headers)

    assert (span["name"], span["kind"]) == ("GET /things/{id}", "SPAN_KIND_SERVER")
    assert "status" not in span or not span["status"]
    assert span["attributes"] == {
        "client.address": "testclient",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/things/{id}",
        "network.protocol.version": "1.1",
        "url.path": "/things/7",
        "url.scheme": "http",
        "user_agent.original": "tester",
    }
    resource = receiver.resources[-1]
    assert resource["service.name"] == "{{ cookiecutter.service_slug }}"
    assert resource["team"] == "post office"
    assert resource["service.instance.id"]
    assert receiver.headers[-1]["authorization"] == "Bearer hush"


def test_trace_of_the_caller_goes_on(tell: Tell, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"traceparent": f"00-{TRACE}-{CALLER}-01"}

    first, second = tell(("GET", "/echo"), ("GET", "/things/7"), headers=given)

    assert first["parentSpanId"] == second["parentSpanId"]
    logged = [line for line in lines(capsys.readouterr().out) if line["event"] == "request"]
    assert [line["trace_id"] for line in logged] == [TRACE, TRACE]
    assert len({line["span_id"] for line in logged}) == 2


def test_caller_that_does_not_sample_is_followed(tell: Tell) -> None:
    assert tell(("GET", "/echo"), headers={"traceparent": f"00-{TRACE}-{CALLER}-00"}) == []


@pytest.mark.parametrize("header", ["", "00-zz-zz-01", "é", f"00-{'0' * 32}-{CALLER}-01"])
def test_bad_trace_begins_a_new_one(tell: Tell, header: str) -> None:
    [span] = tell(("GET", "/echo"), headers={"traceparent": header.encode("latin-1")})

    assert "parentSpanId" not in span


def test_unknown_addresses_and_methods_make_no_names(tell: Tell) -> None:
    found = tell(
        ("GET", "/nowhere/1?password=hunter2"), ("PROPFIND", "/nowhere/2"), ("GET", "/healthz")
    )

    assert [span["name"] for span in found] == ["GET", "HTTP"]
    assert [span["attributes"]["http.request.method"] for span in found] == ["GET", "_OTHER"]
    assert not any("http.route" in span["attributes"] for span in found)
    assert "hunter2" not in json.dumps(found)


def test_failure_is_told_without_its_message(
    tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    [span] = tell(("GET", "/failure"))

    assert span["status"] == {"code": "STATUS_CODE_ERROR"}
    assert span["attributes"]["error.type"] == "500"
    assert span["attributes"]["exception.type"] == "RuntimeError"
    assert span["attributes"]["problem.title"] == "Internal Server Error"
    assert "disk" not in json.dumps(span)
    [line] = [each for each in lines(capsys.readouterr().out) if each["event"] == "request failed"]
    assert line["trace_id"]


def test_failure_that_a_client_may_know_of_is_none_of_the_service(tell: Tell) -> None:
    [span] = tell(("GET", "/conflict"))

    assert "error.type" not in span["attributes"]
    assert span["attributes"]["problem.title"] == "It is taken"
    assert not span.get("status")


def test_requests_are_measured_by_route(tell: Tell, receiver: Receiver) -> None:
    tell(*[("GET", "/search")] * 3, ("GET", "/nowhere/3"))

    points = receiver.points("http.server.request.duration")
    [point] = [each for each in points if each["attributes"].get("http.route") == "/search"]
    assert point["count"] == "3"
    assert point["explicitBounds"][:3] == [0.005, 0.01, 0.025]
    assert point["attributes"] == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/search",
        "url.scheme": "http",
    }
    active = receiver.points("http.server.active_requests")
    assert {each["asInt"] for each in active} == {"0"}


def test_nothing_is_imported_where_nobody_listens(probe_settings: Settings) -> None:
    # Another process, since this one has it.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        assert processes.submit(serve_and_list, probe_settings).result() == []


def serve_and_list(settings: Settings) -> list[str]:
    """Answer a request; return what has been imported to tell of it."""
    with TestClient(create_app(settings, PROBE_CONTRACT)) as client:
        assert client.get("/things/7").status_code == 200
    return [name for name in sys.modules if name.startswith(COSTLY)]
