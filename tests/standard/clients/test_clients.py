"""Calls to other services: what is sent again, and what each request takes along."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
import structlog

from app.standard import clients
from app.standard.clients import RetryingTransport, client_of, retrying
from app.standard.http import ServiceUnavailable
from app.standard.service import Application, ServiceSettings
from app.standard.service.application import _current

ADDRESS = "http://other:8000/items?secret=hunter2"
LOST = [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ReadError, httpx2.RemoteProtocolError]
NOW = datetime.now(UTC)
SOON, LATER = (format_datetime(NOW + timedelta(seconds=each)) for each in (-9, 600))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_SECONDS", 0)


def ask(method: str, answers: list[Any], **options: Any) -> tuple[Any, list[httpx2.Request]]:
    """Return the status or the error that comes of these answers, and the requests."""
    asked: list[httpx2.Request] = []
    get_token = options.pop("get_token", None)

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(httpx2.Request(request.method, request.url, headers=request.headers))
        given = answers[len(asked) - 1]
        if isinstance(given, type):
            raise given("hunter2")
        status, headers = given if isinstance(given, tuple) else (given, {})
        return httpx2.Response(status, headers=headers)

    async def run() -> Any:
        transport = RetryingTransport(httpx2.MockTransport(answer), get_token)
        async with httpx2.AsyncClient(transport=transport) as client:
            return (await client.request(method, ADDRESS, **options)).status_code

    try:
        return asyncio.run(run()), asked
    except ServiceUnavailable as error:
        assert str(error) == "Another service does not answer."
        return ServiceUnavailable, asked


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_idempotent_request_is_sent_again(method: str) -> None:
    outcome, asked = ask(method, [503, httpx2.ConnectError, 502, 200])

    assert (outcome, len(asked)) == (200, 4)


@pytest.mark.parametrize("failure", [429, 502, 503, 504, *LOST])
def test_what_may_pass_is_waited_for(failure: Any) -> None:
    assert ask("GET", [failure, 204])[0] == 204


@pytest.mark.parametrize("failure", [400, 404, 500, httpx2.ReadTimeout, httpx2.WriteTimeout])
def test_what_will_not_pass_is_not_asked_again(failure: Any) -> None:
    outcome, asked = ask("GET", [failure])

    assert outcome == (failure if isinstance(failure, int) else ServiceUnavailable)
    assert len(asked) == 1


@pytest.mark.parametrize("failure", [503, httpx2.ConnectError])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_other_request_is_sent_once(method: str, failure: Any) -> None:
    outcome, asked = ask(method, [failure], json={})

    assert outcome == (failure if isinstance(failure, int) else ServiceUnavailable)
    assert len(asked) == 1


def test_streamed_body_is_sent_once() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"gone"

    assert len(ask("PUT", [503], content=body())[1]) == 1


@pytest.mark.parametrize(("failure", "outcome"), [(503, 503), (LOST[0], ServiceUnavailable)])
def test_attempts_end(failure: Any, outcome: Any) -> None:
    found, asked = ask("GET", [failure] * 9)

    assert (found, len(asked)) == (outcome, retrying.ATTEMPTS)


@pytest.mark.parametrize(
    ("retry_after", "attempts"),
    [("0", 2), (SOON, 2), ("soon", 2), ("", 2), ("-1", 2), ("6", 1), ("9" * 400, 1), (LATER, 1)],
)
def test_retry_after_is_heeded_while_it_is_near(retry_after: str, attempts: int) -> None:
    assert len(ask("GET", [(429, {"Retry-After": retry_after}), 200])[1]) == attempts


def test_each_attempt_has_a_token_of_its_own_and_the_id() -> None:
    tokens = iter("ab")

    async def get_token() -> str:
        return next(tokens)

    with structlog.contextvars.bound_contextvars(request_id="one-two"):
        _, asked = ask("GET", [503, 200], get_token=get_token)

    assert [each.headers["Authorization"] for each in asked] == ["Bearer a", "Bearer b"]
    assert [each.headers["X-Request-ID"] for each in asked] == ["one-two"] * 2


def test_log_names_the_host_alone(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    ask("GET", [httpx2.ConnectError] * 4)

    printed = capsys.readouterr().out
    assert printed.count("call repeated") == 3
    assert "other" in printed
    assert "hunter2" not in printed


def test_application_keeps_a_client_for_each_service() -> None:
    application = Application(settings=ServiceSettings(environment="test"), contract={})
    clients.init_app(application)

    async def run() -> list[httpx2.AsyncClient]:
        _current.set(application)
        async with application.lifespans[0]():
            found = [await client_of(f"http://{name}/v1") for name in ("one", "one", "two")]
            assert [each.is_closed for each in found] == [False] * 3
        return found

    first, again, other = asyncio.run(run())

    assert first is again and first is not other
    assert (str(first.base_url), first.follow_redirects) == ("http://one/v1/", False)
    assert first.is_closed and other.is_closed
    assert application.resources == {}
