"""Routes in code behave as the operations of the contract do."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.standard.http import limits
from config import Settings
from tests.standard.coded import REQUEST_ID, create, logged, serving
from tests.standard.crates import done, opened, router


@pytest.fixture(scope="module")
def shared(wide_settings: Settings) -> Iterator[TestClient]:
    """Give a client that the tests of this file share."""
    with serving(wide_settings, router) as client:
        yield client


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


def test_route_answers_beside_the_contract(shared: TestClient) -> None:
    assert shared.get("/crates/7?limit=9").json() == {"number": 7, "state": "open", "limit": 9}
    assert shared.get("/things/7").json() == {"id": "7"}
    assert shared.post("/crates", json={"name": "a"}).json() == {"name": "a", "sizes": []}
    assert done == ["closed"]


@pytest.mark.parametrize(
    ("path", "status", "title", "detail"),
    [
        ("/gone", 410, "Gone", "It is gone."),
        ("/taken", 409, "It is taken", "Take another."),
        ("/crates/7/none", 404, "Not Found", "Not Found"),
    ],
)
def test_failure_is_a_problem(
    shared: TestClient, path: str, status: int, title: str, detail: str
) -> None:
    response = shared.get(path)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
        "request_id": REQUEST_ID,
    }
    assert response.headers.get("X-Gone") == ("yes" if path == "/gone" else None)
    assert done == (["closed"] if path == "/taken" else [])


@pytest.mark.parametrize("path", ["/broken-code", "/broken-answer"])
def test_unexpected_failure_is_logged_and_not_shown(
    shared: TestClient, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    response = shared.get(path)

    assert (response.status_code, response.json()["request_id"]) == (500, REQUEST_ID)
    assert "disk" not in response.text
    (line,) = logged(capsys, "request failed")
    assert ("the disk is full" in line["exception"]) == (path == "/broken-code")
    # What came of a database, say, is not shown to whoever reads the log.
    assert ("/response/sizes" in line["exception"]) == (path == "/broken-answer")
    assert "a secret" not in line["exception"]
    assert done == (["closed"] if path == "/broken-code" else [])


@pytest.mark.parametrize(
    ("method", "path", "body", "errors"),
    [
        ("GET", "/crates/7?limit=10", None, [("query", "limit")]),
        ("GET", "/crates/x?limit=x", None, [("path", "number"), ("query", "limit")]),
        ("POST", "/crates", b'{"sizes": [1, "x"]}', [("body", "/name"), ("body", "/sizes/1")]),
        ("POST", "/crates", b'{"name"', [("body", "")]),
        ("POST", "/crates", b"", [("body", "")]),
    ],
)
def test_invalid_request_is_told_as_by_the_contract(
    shared: TestClient, method: str, path: str, body: bytes, errors: list[tuple[str, str]]
) -> None:
    headers = {"Content-Type": "application/json"}
    response = shared.request(method, path, content=body, headers=headers)

    problem = response.json()
    assert (response.status_code, problem["request_id"]) == (400, REQUEST_ID)
    assert [(each["in"], each["name"]) for each in problem["errors"]] == errors
    assert problem["errors"][-1]["detail"] in problem["detail"]


def test_so_many_errors_are_told_and_no_more(shared: TestClient) -> None:
    response = shared.post("/crates", json={"name": "a", "sizes": ["x"] * 100})

    assert len(response.json()["errors"]) == 20


def test_method_that_no_route_has_is_a_problem(shared: TestClient) -> None:
    response = shared.delete("/crates/7")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, OPTIONS")
    assert response.json()["title"] == "Method Not Allowed"
    assert shared.options("/crates/7").headers["Allow"] == "GET, OPTIONS"


def test_methods_of_all_routes_of_a_path_are_told(settings: Settings) -> None:
    async def answer() -> None:
        """Answer nothing."""

    router, boxes = APIRouter(), APIRouter(prefix="/boxes")
    for method in ("GET", "PUT", "DELETE"):
        boxes.add_api_route("/{number}", answer, methods=[method])
    boxes.add_api_route("/all/of/them", answer, methods=["PATCH"])
    router.include_router(boxes)

    with serving(settings, router) as client:
        responses = client.options("/boxes/1"), client.post("/boxes/1")

    assert [response.status_code for response in responses] == [204, 405]
    assert {response.headers["Allow"] for response in responses} == {"DELETE, GET, OPTIONS, PUT"}


def test_function_that_is_not_async_has_the_context(shared: TestClient) -> None:
    assert shared.get("/in-a-thread").json() == {"request_id": REQUEST_ID, "environment": "test"}


def test_task_runs_in_the_background(shared: TestClient) -> None:
    assert shared.get("/in-the-background").status_code == 200
    assert done == [REQUEST_ID]


def test_stream_is_counted(shared: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    with shared.stream("GET", "/streamed", headers={"Accept-Encoding": "identity"}) as response:
        assert response.read() == b"onetwo"

    (line,) = logged(capsys)
    assert (line["bytes"], line["outcome"], line["route"]) == (6, "complete", "/streamed")


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/crates/x", "/crates/{number}"),
        ("/taken", "/taken"),
        ("/far/below/a", "/far/below/{name}"),
        ("/mounted/files", "/mounted/{path}"),
        ("/things/7", "/things/{id}"),
        ("/nowhere", None),
    ],
)
def test_line_of_log_names_the_route(
    shared: TestClient, capsys: pytest.CaptureFixture[str], path: str, route: str | None
) -> None:
    shared.get(path)

    (line,) = logged(capsys)
    assert (line["route"], line["path"]) == (route, path)


def test_dependency_is_overridden(wide_settings: Settings) -> None:
    app = create(wide_settings, router)
    app.dependency_overrides[opened] = lambda: "another"

    with TestClient(app) as client:
        assert client.get("/crates/7").json()["state"] == "another"


def test_limits_hold(wide_settings: Settings) -> None:
    limited = {"request_max_bytes": 10, "request_timeout": 0.05}

    with serving(wide_settings.model_copy(update=limited), router) as client:
        assert client.post("/crates", json={"name": "a" * 10}).status_code == 413
        late = client.get("/endless")

    assert (late.status_code, late.json()["detail"]) == (503, "It took more than 0.05 seconds.")
    assert done == ["ended"]


small = APIRouter()


@small.post("/small", max_body_size=5)
async def take(body: dict[str, str]) -> dict[str, str]:
    return body


class Outermost:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/broken":
            raise RuntimeError("the disk is full")
        await self.app(scope, receive, send)


def test_what_fastapi_answers_itself_is_plain(wide_settings: Settings) -> None:
    app = create(wide_settings, small)
    app.add_middleware(Outermost)

    with TestClient(app, raise_server_exceptions=False) as client:
        found = [client.post("/small", json={"a": "b"}), client.get("/broken")]

    assert [response.status_code for response in found] == [413, 500]
    assert {response.headers["Content-Type"] for response in found} == {"text/plain; charset=utf-8"}
    assert ["X-Request-ID" in response.headers for response in found] == [True, False]


def ask(settings: Settings, path: str, *then: Message) -> list[bytes]:
    """Request a path below the server; return what is sent, chunk by chunk."""
    sent: list[bytes] = []
    messages: list[Message] = [{"type": "http.request"}, *then]
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }

    async def receive() -> Message:
        return messages.pop(0) if messages else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))

    app = create(settings, router)
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 5))
    return sent


def test_stream_is_sent_while_it_is_made(wide_settings: Settings) -> None:
    assert ask(wide_settings, "/streamed") == [b"", b"one", b"two", b""]


def test_route_ends_when_its_client_leaves(
    wide_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "WATCH_SECONDS", 0)

    assert ask(wide_settings, "/endless", {"type": "http.disconnect"}) == []

    (line,) = logged(capsys)
    assert (line["outcome"], line["route"]) == ("client left", "/endless")
    assert done == ["ended"]
