import pytest
from starlette.testclient import TestClient

from app.standard.contract import ContractError
from app.standard.contract.compiling import find_handler


def test_handler_chooses_status_and_headers(probe: TestClient) -> None:
    response = probe.post("/created")

    assert response.status_code == 201
    assert response.headers["Location"] == "/probes/1"
    assert response.json() == {"id": "1"}


def test_stream_arrives_without_a_length(probe: TestClient) -> None:
    response = probe.get("/stream")

    assert response.content == b"onetwo"
    assert "Content-Length" not in response.headers


def test_head_of_a_stream_has_its_headers_and_no_body(probe: TestClient) -> None:
    response = probe.head("/stream")

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.content == b""


def test_handler_without_a_result_gives_204(probe: TestClient) -> None:
    response = probe.get("/nothing")

    assert response.status_code == 204
    assert response.content == b""
    assert "Content-Type" not in response.headers


def test_handler_that_is_not_async_is_refused() -> None:
    with pytest.raises(ContractError, match="not_async of GET / must be an async function"):
        find_handler("tests.standard.probe.not_async", "GET /")
