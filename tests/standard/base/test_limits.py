import asyncio

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app import create_app
from app.standard.http import ServiceUnavailable, limits
from app.standard.http.limits import LimitsMiddleware
from app.standard.http.request_log import CLIENT_LEFT
from app.standard.service import load_settings
from config import Settings
from tests.standard.probe import PROBE_CONTRACT


@pytest.mark.parametrize(
    ("limit", "value", "status"),
    [("MAX_URL_BYTES", 10, 414), ("MAX_HEADERS", 2, 431), ("MAX_HEADERS_BYTES", 20, 431)],
)
def test_head_that_is_too_large_is_refused(
    probe: TestClient, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, status: int
) -> None:
    monkeypatch.setattr(limits, limit, value)

    response = probe.get("/echo?names=abcdefghij")

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/things/%00", "/things/a%0A", "//echo", "/echo?names=%00"])
def test_address_that_is_none_is_refused(probe: TestClient, address: str) -> None:
    response = probe.get(f"http://testserver{address}")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_header_that_is_there_twice_is_refused(probe: TestClient) -> None:
    response = probe.get("/echo", headers=[("Authorization", "a"), ("authorization", "b")])

    assert response.status_code == 400
    assert response.json()["detail"] == "Given more than once: authorization."


def test_chunked_body_is_a_body(probe: TestClient) -> None:
    headers = {"Content-Type": "application/json"}

    response = probe.put("/echo", content=iter([b'{"name":', b'"a"}']), headers=headers)

    assert response.json() == {"name": "a"}


@pytest.mark.parametrize(
    "body", [b" " * 101, iter([b" " * 60, b" " * 60])], ids=["known", "chunked"]
)
def test_body_that_is_too_large_is_refused(settings: Settings, body: bytes) -> None:
    small = load_settings(Settings, request_max_bytes=100)

    with TestClient(create_app(small, PROBE_CONTRACT)) as client:
        assert client.put("/echo", content=body).status_code == 413


def test_request_that_takes_too_long_gets_503(settings: Settings) -> None:
    hasty = load_settings(Settings, request_timeout=0.05)

    with TestClient(create_app(hasty, PROBE_CONTRACT)) as client:
        response = client.get("/wait")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.json()["detail"] == "It took more than 0.05 seconds."


class Door:
    """An application that waits, behind limits, and a client that may leave."""

    def __init__(self, settings: Settings) -> None:
        self.limited = LimitsMiddleware(self.app, settings)
        self.entered = asyncio.Event()
        self.client_left = asyncio.Event()
        self.cancelled = False
        self.body: list[Message] = [{"type": "http.request"}]
        self.scope: Scope = {"type": "http", "path": "/", "query_string": b"", "headers": []}

    async def app(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        self.entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise

    async def receive(self) -> Message:
        if self.body:
            return self.body.pop()
        await self.client_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        raise AssertionError(message)

    def enter(self) -> "asyncio.Task[None]":
        return asyncio.ensure_future(self.limited(self.scope, self.receive, self.send))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_handler_ends_when_its_client_leaves(settings: Settings, method: str) -> None:
    async def work() -> None:
        request = door.enter()
        await asyncio.wait_for(door.entered.wait(), 5)
        door.client_left.set()
        await asyncio.wait_for(request, 5)

    door = Door(settings)
    door.scope["method"] = method
    asyncio.run(work())

    assert door.cancelled
    assert door.scope[CLIENT_LEFT]
    assert not door.limited.running


def test_client_that_leaves_as_the_watch_begins_has_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WATCH_SECONDS", 0)

    async def receive() -> Message:
        # What ends this, and the watch, come in the same round of the loop.
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def work() -> None:
        await asyncio.wait_for(door.limited(door.scope, receive, door.send), 5)

    door = Door(settings)
    asyncio.run(work())

    assert door.scope[CLIENT_LEFT]


def test_request_that_is_one_too_many_gets_503(settings: Settings) -> None:
    async def work() -> None:
        request = door.enter()
        await asyncio.wait_for(door.entered.wait(), 5)
        with pytest.raises(ServiceUnavailable):
            await asyncio.wait_for(door.enter(), 5)
        probe = {**door.scope, "path": "/healthz"}
        asyncio.get_running_loop().call_soon(request.cancel)
        probing = asyncio.ensure_future(door.limited(probe, door.receive, door.send))
        with pytest.raises(ServiceUnavailable):
            await request
        assert not probing.done()
        probing.cancel()

    door = Door(load_settings(Settings, request_concurrency=1))
    asyncio.run(work())
