"""What a client of a running service sees when a request is refused, fails, or takes too long."""

from __future__ import annotations

import json
import socket
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
import zstandard

from reliability.clients import opened, until
from reliability.conftest import Running, Start
from reliability.raw_http import BOUND, Answer, ask, message

JSON = "Content-Type: application/json"
CHUNKED = (JSON, "Transfer-Encoding: chunked")
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
REFUSALS = {
    "parameter": (400, message("GET /echo?number=a")),
    "unknown-parameter": (400, message("GET /echo?colour=red")),
    "body": (400, message("POST /echo", JSON, body=b'{"name": 1}')),
    "unreadable-body": (400, message("POST /echo", JSON, body=b"{")),
    "no-body": (400, message("POST /echo", JSON)),
    "path": (404, message("GET /nowhere")),
    "path-parameter": (404, message("GET /things/a")),
    "method": (405, message("DELETE /echo")),
    "not-acceptable": (406, message("GET /problems/406")),
    "conflict": (409, message("GET /problems/409")),
    "size": (413, message("POST /echo", JSON, body=b'{"name": "%s"}' % (b"a" * 2_000))),
    "chunks": (413, message("POST /echo", *CHUNKED) + b"200\r\n%s\r\n" % (b" " * 512) * 4),
    "url": (414, message(f"GET /echo?text={'a' * 9_000}")),
    "media-type": (415, message("POST /echo", "Content-Type: text/xml", body=b"<a/>")),
    "too-many": (429, message("GET /problems/429")),
    "headers": (431, message("GET /echo", *["X: a"] * 101)),
    "failure": (500, message("POST /failure", JSON, body=b"{}")),
    "slow-body": (408, message("POST /echo", JSON, "Content-Length: 9")),
    "slow-handler": (503, message("GET /wait?seconds=30")),
}
DECODERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "identity": lambda: bytes,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
    "br": lambda: brotli.Decompressor().process,
    "gzip": lambda: zlib.decompressobj(31).decompress,
}


@pytest.fixture(scope="module")
def hasty(start: Start) -> Iterator[Running]:
    # Less than that must suffice for the first of all requests, on a busy machine.
    with start(REQUEST_TIMEOUT="3", REQUEST_MAX_BYTES="1000") as running:
        yield running


def assert_problem(answer: Answer, status: int) -> None:
    """Check what all problems have in common."""
    problem = json.loads(answer.body)
    assert (answer.status, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert answer.headers.items() >= SECURITY_HEADERS.items()
    assert "server" not in answer.headers
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_is_a_problem(hasty: Running, name: str) -> None:
    status, request = REFUSALS[name]

    answer = ask(hasty.host, request)

    assert_problem(answer, status)
    path = request.split()[1].partition(b"?")[0].decode()
    assert json.loads(answer.body)["instance"] == path


def test_wrong_method_gets_all_methods_of_the_path(hasty: Running) -> None:
    assert ask(hasty.host, message("DELETE /echo")).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert ask(hasty.host, message("OPTIONS /things/1")).headers["allow"] == "GET, HEAD, OPTIONS"


def test_request_id_of_the_client_comes_back(hasty: Running) -> None:
    answer = ask(hasty.host, message("GET /nowhere", "X-Request-ID: abc"))

    assert answer.headers["x-request-id"] == json.loads(answer.body)["request_id"] == "abc"


@pytest.mark.parametrize(("path", "status"), [("/echo?text=a", 200), ("/nowhere", 404)])
def test_head_is_get_without_the_body(hasty: Running, path: str, status: int) -> None:
    whole, head = (
        ask(hasty.host, message(f"{method} {path}", "X-Request-ID: a"))
        for method in ("GET", "HEAD")
    )

    assert head.status == status
    assert head.body == b""
    assert head.headers == whole.headers | {"date": head.headers["date"]}


def test_success_has_the_security_headers(hasty: Running) -> None:
    headers = ask(hasty.host, message("GET /echo?text=a")).headers

    assert headers.items() >= SECURITY_HEADERS.items()
    assert "server" not in headers


@pytest.mark.parametrize("coding", DECODERS)
def test_chunk_of_an_export_arrives_when_it_was_sent(hasty: Running, coding: str) -> None:
    decode = DECODERS[coding]()
    with opened(hasty.host, "/held-stream", f"Accept-Encoding: {coding}") as response:
        received = b""
        while len(received) < 1000 and (part := response.read1()):
            received += decode(part)

    assert received == b"x" * 1000
    assert response.getheader("Content-Encoding", "identity") == coding


def test_request_that_is_one_too_many_gets_503(start: Start) -> None:
    with start(REQUEST_CONCURRENCY="1", SERVE_API_DOCS="false") as running:
        with socket.create_connection(running.host, BOUND) as first:
            first.sendall(message("GET /wait?seconds=30"))
            until(lambda: b"wait begins" in running.log.read_bytes())
            assert_problem(ask(running.host, message("GET /echo")), 503)
            assert ask(running.host, message("GET /healthz")).status == 200
            assert ask(running.host, message("GET /readyz")).status == 200
        until(lambda: b"wait cancelled" in running.log.read_bytes())

        assert ask(running.host, message("GET /echo")).status == 200
        for path in ("/ui/", "/openapi.json"):
            assert_problem(ask(running.host, message(f"GET {path}")), 404)


@pytest.mark.parametrize("beginning", [b"", b"GET /echo HTTP/1.1\r\nHost: service\r\n"])
def test_head_that_does_not_end_is_cut_off(hasty: Running, beginning: bytes) -> None:
    with socket.create_connection(hasty.host, BOUND) as connection:
        connection.sendall(beginning)

        assert connection.recv(1) == b""
