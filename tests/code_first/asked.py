"""Both services are asked the same."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent.parent / "before"))

import letters
from main import app as app_before

FIRST = Path("app/letters.py").exists()
PROBLEM = "application/problem+json"
NEW = {"to": "Ann"}
LETTER = {**NEW, "id": str(uuid4())}
TIMES = [{**NEW, "send_at": each} for each in ("2027-01-01 10:00", 0)]
TEXT = {"content": "to", "headers": {"Content-Type": "text/plain"}}
# A request, the status before, after the first step, and with the contract.
REQUESTS = [
    ("GET", "/letters", {}, 200, 200, 200),
    ("GET", "/letters?limit=0", {}, 422, 400, 400),
    ("GET", "/letters/none", {}, 422, 400, 400),
    ("GET", f"/letters/{uuid4()}", {}, 404, 404, 404),
    ("GET", f"/letters/{uuid4().hex}", {}, 404, 404, 400),
    ("DELETE", f"/letters/{uuid4()}", {}, 404, 404, 404),
    ("GET", "/letters?limt=5", {}, 200, 200, 400),
    ("GET", "/letters?limit=5&limit=6", {}, 200, 200, 400),
    *(("GET", f"/letters?urgent={each}", {}, 200, 200, 400) for each in ("1", "yes", "on")),
    ("GET", "/letters?urgent=true", {}, 200, 200, 200),
    ("GET", "/letters?limit=%2B5", {}, 200, 200, 400),
    ("GET", "/letters?limit=05", {}, 200, 200, 400),
    ("POST", "/letters", {"json": NEW}, 201, 201, 201),
    ("POST", "/letters", {"json": {"to": ""}}, 422, 400, 400),
    ("POST", "/letters", {"json": {**NEW, "stamp": None}}, 201, 201, 201),
    ("POST", "/letters", {"json": {**NEW, "stamp": {"cents": 0}}}, 422, 400, 400),
    ("POST", "/letters", {"json": {**NEW, "pages": "3"}}, 201, 201, 400),
    *(("POST", "/letters", {"json": each}, 201, 201, 400) for each in TIMES),
    ("POST", "/letters", {"json": {**NEW, "colour": "red"}}, 201, 201, 201),
    ("POST", "/letters", {"json": NEW, "headers": {"X-Sender": "Ann"}}, 409, 409, 409),
    ("POST", "/letters", TEXT, 422, 400, 415),
    ("PUT", "/letters", {}, 405, 405, 405),
    ("GET", "/docs", {}, 200, 404, 404),
    ("GET", "/redoc", {}, 200, 404, 404),
    ("GET", "/openapi.json", {}, 200, 200, 200),
]


@pytest.fixture
def before() -> Iterator[TestClient]:
    with TestClient(app_before, raise_server_exceptions=False) as asked:
        yield asked


@pytest.mark.parametrize(("method", "path", "what", "old", "first", "last"), REQUESTS)
def test_status(method, path, what, old, first, last, before, client) -> None:
    was, answer = (each.request(method, path, **what) for each in (before, client))

    assert (was.status_code, answer.status_code) == (old, first if FIRST else last)
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["title"]
        assert isinstance(answer.json().get("detail", ""), str)
    if was.status_code == 422:
        assert isinstance(was.json()["detail"], list)
        assert answer.status_code == 415 or answer.json()["errors"]
    if was.status_code == answer.status_code == 409:
        assert was.json() == {"detail": answer.json()["detail"]}
    if was.status_code == 404 and "letters" in path:
        assert was.json() == {"error": "lost"}


def test_letters_are_kept_as_before(before, client, capsys) -> None:
    stamp = {"cents": 95, "country": "CY"}
    new = {**NEW, "pages": 2, "urgent": True, "send_at": "2027-01-01T10:00:00Z", "stamp": stamp}
    kept = []
    for each in (before, client):
        letter = each.post("/letters", json=new).json()
        assert each.get(f"/letters/{letter['id']}").json() == letter
        assert each.get("/letters?urgent=true").json() == [letter]
        assert each.get("/letters?urgent=false").json() == []
        bare = each.post("/letters", json=NEW).json()
        assert each.get(f"/letters/{bare['id']}").json()["send_at"] is None
        assert each.delete(f"/letters/{letter['id']}").status_code == 204
        kept.append([{**letter, "id": ""}, {**bare, "id": ""}])

    assert kept[0] == kept[1]
    assert "send_at" not in kept[1][1]
    assert "posted" in capsys.readouterr().out


def test_slash_at_the_end(before, client) -> None:
    answers = [each.get("/letters/", follow_redirects=False) for each in (before, client)]

    assert answers[0].status_code == 307
    assert answers[1].status_code == (404 if FIRST else 307)


def test_failure_that_nobody_expected(before, client, monkeypatch) -> None:
    module = "app.letters" if FIRST else "app.api"
    for name in ("letters", module):
        monkeypatch.setattr(f"{name}.uuid4", lambda: 1 / 0)

    was, answer = (each.post("/letters", json=NEW) for each in (before, client))

    assert (was.status_code, was.text) == (500, "Internal Server Error")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["request_id"]


def test_document(client) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    assert {"/letters", "/letters/{letter_id}"} <= paths.keys()
    assert "422" not in json.dumps(paths)


def test_names_and_number_of_the_document(before) -> None:
    other = FastAPI()
    other.include_router(letters.router)
    named = other.openapi()["paths"]["/letters/{letter_id}"]["get"]["operationId"]
    assert named == "get_letter_letters__letter_id__get"
    described = app_before.openapi()
    app_before.openapi_schema, app_before.openapi_version = None, "3.0.3"
    assert app_before.openapi() == {**described, "openapi": "3.0.3"}
