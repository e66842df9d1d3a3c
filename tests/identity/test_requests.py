"""How a token may be sent, and whom an operation knows."""

from __future__ import annotations

import json

import pytest

from identity.conftest import Running
from identity.issuer import Issuer
from identity.keys import rsa_key, token
from reliability.clients import until
from reliability.raw_http import Request, ask, exchange, message


@pytest.fixture(scope="module")
def good(issuer: Issuer) -> str:
    """Give a good token."""
    return token(rsa_key("main"), issuer.address)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_scheme_of_any_case_is_good(scheme: str, running: Running, good: str) -> None:
    assert running.ask("/reader", "", f"Authorization: {scheme} {good}").status == 200


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "{}", "Basic {}", "Token {}", "DPoP {}", "Bearer{}", "Bearer\t{}"],
)
def test_other_scheme_is_asked_for_a_token(value: str, running: Running, good: str) -> None:
    answer = running.ask("/reader", "", f"Authorization: {value.format(good)}")

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("second", ["Bearer {}", "Basic YTpi", "Bearer other", ""])
def test_two_headers_are_a_bad_request(second: str, running: Running, good: str) -> None:
    headers = [f"Authorization: Bearer {good}", f"authorization: {second.format(good)}"]
    for order in (headers, headers[::-1]):
        assert running.ask("/reader", "", *order).status == 400


@pytest.mark.parametrize("place", ["query", "form", "cookie", "other-header"])
def test_token_elsewhere_does_not_count(place: str, running: Running, good: str) -> None:
    form = [b"Content-Type: application/x-www-form-urlencoded"]
    requests = {
        "query": message(f"GET /anybody?access_token={good}&token={good}"),
        "form": message("GET /anybody", *form, body=f"access_token={good}".encode()),
        "cookie": message("GET /anybody", f"Cookie: access_token={good}; Authorization={good}"),
        "other-header": message("GET /anybody", f"X-Authorization: Bearer {good}"),
    }

    answer = ask(running.host, requests[place])

    assert answer.status == 401
    assert good not in running.log.read_text("utf-8")


@pytest.mark.parametrize("size", [33_000, 1_000_000])
def test_token_that_is_too_long_is_a_bad_request(size: int, running: Running, good: str) -> None:
    data = message("GET /reader", f"Authorization: Bearer {good}{'A' * size}")

    # The server may cut off who goes on sending.
    assert {answer.status for answer in exchange(running.host, Request(data, 1))} <= {400, 431}
    assert running.ask("/reader", good).status == 200


@pytest.mark.parametrize("path", ["/things/secret", "/things//secret", "/things/%73ecret"])
def test_templated_path_does_not_open_a_concrete_one(path: str, running: Running) -> None:
    assert running.ask("/things/other").body == b'{"name":"other"}'
    assert running.ask(path).status in (401, 404, 308)


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("GET", 401),
        ("HEAD", 401),
        # The server knows no such method.
        ("get", 400),
        ("X", 400),
        # It tells the methods, as CORS does, and nothing of what they give.
        ("OPTIONS", 204),
        ("POST", 405),
        ("TRACE", 405),
    ],
)
def test_no_method_goes_without_a_token(method: str, status: int, running: Running) -> None:
    answer = ask(running.host, message(f"{method} /reader"))

    assert answer.status == status
    assert b"subject" not in answer.body


def test_public_operation_asks_nobody(running: Running, good: str) -> None:
    for token_given in ("", "hunter2", good):
        assert running.ask("/public", token_given).body == b'{"subject":null}'


def test_next_request_on_the_connection_is_somebody_else(running: Running, good: str) -> None:
    requests = [
        message("GET /reader", f"Authorization: Bearer {good}", "X-Request-ID: first"),
        message("GET /public", "X-Request-ID: second"),
    ]

    first, second = exchange(running.host, Request(b"".join(requests), 2))

    assert json.loads(first.body)["subject"] == "ann"
    assert json.loads(second.body)["subject"] is None
    until(lambda: running.logged("second"))
    assert running.logged("first")["subject"] == "ann"
    assert "subject" not in running.logged("second")
