"""Tokens for calls to other services: kept, renewed in time, and asked for once."""

from __future__ import annotations

import base64
import json
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from identity.conftest import CLIENT_ID, CLIENT_SECRET, Running, on
from identity.garbage import ELSEWHERE, endless, told
from identity.issuer import TOKEN, Issuer, Reply
from reliability.clients import until

pytestmark = on("fastapi")
CROWD = 20
# What is no token, beside what is no answer at all.
BAD_ANSWERS: list[Any] = [
    *(None, 1, [], {}, {"access_token": None}, {"access_token": 1, "expires_in": 60}),
    *({"access_token": "a", "expires_in": value} for value in ("soon", None, 0, -1, float("nan"))),
]
BAD_REPLIES: list[Reply | Callable[[BaseHTTPRequestHandler], None]] = [
    *map(told, BAD_ANSWERS),
    *(told(b"<!doctype html>"), told({"error": "invalid_client"}, 401), told({}, 500), endless),
    told(b"", 302, Location=ELSEWHERE),
]


class Endpoint:
    """A token endpoint: each token is another."""

    def __init__(self, expires_in: float | None) -> None:
        self.expires_in = expires_in
        self.credentials: list[str] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.credentials.append(handler.headers["Authorization"])
        answer: dict[str, Any] = {"access_token": f"token-{len(self.credentials)}"}
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        body = json.dumps(answer).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture(autouse=True)
def without_token(running: Running, issuer: Issuer) -> Iterator[None]:
    """Begin with a service that has no token, which takes as long as the last one lasted."""
    issuer.replies[TOKEN] = Reply(b"", 500)
    until(lambda: running.ask("/token").status == 503)
    yield
    del issuer.replies[TOKEN]


def fetch(running: Running) -> str:
    """Return the token, or the status if there is none."""
    answer = running.ask("/token")
    found: str = json.loads(answer.body).get("token", str(answer.status))
    return found


def test_crowd_shares_one_request_and_the_client_is_spelled_out(
    running: Running, issuer: Issuer
) -> None:
    issuer.replies[TOKEN] = endpoint = Endpoint(2)
    asked = issuer.count(TOKEN)
    with ThreadPoolExecutor(CROWD) as threads:
        with issuer.holding():
            answers = [threads.submit(fetch, running) for _ in range(CROWD)]
            until(lambda: issuer.count(TOKEN) > asked)
            assert running.ask("/public").status == 200
        assert {answer.result() for answer in answers} == {"token-1"}

    (given,) = endpoint.credentials
    name, _, secret = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
    # RFC 6749, section 2.3.1.
    assert [urllib.parse.unquote_plus(part) for part in (name, secret)] == [
        CLIENT_ID,
        CLIENT_SECRET,
    ]


def fetch_until(running: Running, last: str) -> list[str]:
    """Return the tokens, one after the other, until one is the last."""
    found = []

    def is_last() -> bool:
        found.append(fetch(running))
        return found[-1] == last

    until(is_last)
    return found


def test_token_is_kept_and_renewed_before_it_expires(running: Running, issuer: Issuer) -> None:
    issuer.replies[TOKEN] = Endpoint(2)

    found = fetch_until(running, "token-3")

    assert set(found) == {"token-1", "token-2", "token-3"}
    assert found.count("token-1") > 1


def test_token_outlives_the_provider_until_it_expires(running: Running, issuer: Issuer) -> None:
    issuer.replies[TOKEN] = Endpoint(2)
    began = time.monotonic()
    found = [fetch(running)]
    issuer.replies[TOKEN] = Reply(b"", 500)

    found += fetch_until(running, "503")

    assert time.monotonic() - began > 1.0
    assert set(found) == {"token-1", "503"}


def test_bad_answer_is_no_token(running: Running, issuer: Issuer) -> None:
    for reply in BAD_REPLIES:
        issuer.replies[TOKEN] = reply
        assert fetch(running) == "503"

    log = running.log.read_text("utf-8")
    assert issuer.count(ELSEWHERE) == 0
    assert CLIENT_SECRET not in log
    assert urllib.parse.quote_plus(CLIENT_SECRET) not in log
    assert '"level":"error"' not in log
