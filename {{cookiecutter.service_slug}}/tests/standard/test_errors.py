import json

import pytest
from starlette.testclient import TestClient


def test_service_error_becomes_its_problem(probe: TestClient) -> None:
    response = probe.get("/conflict", headers={"X-Request-ID": "abc"})

    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "It is taken.",
        "instance": "/conflict",
        "request_id": "abc",
    }


@pytest.mark.parametrize("path", ["/failure", "/call"])
def test_unexpected_error_is_logged_and_not_shown(
    capsys: pytest.CaptureFixture[str], probe: TestClient, path: str
) -> None:
    response = probe.get(path)

    assert response.status_code == 500
    assert response.json()["title"] == "Internal Server Error"
    assert "hunter2" not in response.text
    assert "Set-Cookie" not in response.headers
    assert "hunter2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/echo", 405)]
)
def test_wrong_address_is_a_problem(probe: TestClient, method: str, path: str, status: int) -> None:
    response = probe.request(method, path)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert ("GET" in response.headers.get("Allow", "")) == (status == 405)


def test_request_is_logged_in_one_line(
    capsys: pytest.CaptureFixture[str], probe: TestClient
) -> None:
    response = probe.get("/echo", headers={"X-Request-ID": "abc"})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in lines if line["event"] == "request"]
    assert response.headers["X-Request-ID"] == "abc"
    assert line["request_id"] == "abc"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/echo", 200)
    assert line["bytes"] == len(response.content)


def test_request_id_that_is_not_sane_is_replaced(probe: TestClient) -> None:
    response = probe.get("/echo", headers={"X-Request-ID": "a b"})

    assert len(response.headers["X-Request-ID"]) == 32
