import json
from typing import Any

import pytest
from starlette.testclient import TestClient


def lines(captured: str, event: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in captured.splitlines()]
    return [line for line in found if line["event"] == event]


def test_service_error_becomes_its_problem(probe: TestClient) -> None:
    response = probe.get("/conflict", headers={"X-Request-ID": "abc"})

    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "It is taken",
        "status": 409,
        "detail": "Take another.",
        "instance": "/conflict",
        "request_id": "abc",
    }


@pytest.mark.parametrize("path", ["/failure", "/call"])
def test_unexpected_error_is_logged_once_and_not_shown(
    capsys: pytest.CaptureFixture[str], probe: TestClient, path: str
) -> None:
    response = probe.get(path)

    assert response.status_code == 500
    assert response.json()["title"] == "Internal Server Error"
    assert "disk" not in response.text
    assert "Set-Cookie" not in response.headers
    (line,) = lines(capsys.readouterr().out, "request failed")
    assert "the disk is full" in line["exception"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [("GET", "/nowhere", 404, None), ("DELETE", "/echo", 405, "GET, HEAD, OPTIONS, PUT")],
)
def test_wrong_address_is_a_problem(
    probe: TestClient, method: str, path: str, status: int, allow: str | None
) -> None:
    response = probe.request(method, path)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.headers.get("Allow") == allow


def test_request_is_logged_in_one_line(
    capsys: pytest.CaptureFixture[str], probe: TestClient
) -> None:
    response = probe.get("/things/7", headers={"X-Request-ID": "abc"})

    (line,) = lines(capsys.readouterr().out, "request")
    assert response.headers["X-Request-ID"] == line["request_id"] == "abc"
    assert (line["method"], line["route"], line["path"]) == ("GET", "/things/{id}", "/things/7")
    assert (line["status"], line["outcome"]) == (200, "complete")
    assert line["bytes"] == len(response.content)


def test_request_id_that_is_not_sane_is_replaced(probe: TestClient) -> None:
    response = probe.get("/echo", headers={"X-Request-ID": "a b"})

    assert len(response.headers["X-Request-ID"]) == 32
