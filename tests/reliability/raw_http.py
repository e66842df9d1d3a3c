"""A raw client: any bytes in, answers out, and never longer than a bound."""

from __future__ import annotations

import http.client
import io
import socket
from contextlib import suppress
from typing import NamedTuple, cast

# More than an answer takes on a busy machine.
BOUND = 30.0


class Hanging(AssertionError):
    """The server neither answered nor closed the connection within the bound."""


class Request(NamedTuple):
    """What is sent: ``answers`` is how many must come, none if the client is cut off."""

    data: bytes
    answers: int = 0


class Answer(NamedTuple):
    """What came; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def head(line: str | bytes, *headers: str | bytes) -> bytes:
    """Build the head of a request."""
    lines = [part.encode() if isinstance(part, str) else part for part in (line, *headers)]
    return b"\r\n".join([*lines, b"", b""])


def message(line: str, *headers: str | bytes, body: bytes = b"") -> bytes:
    """Build a request as HTTP wants it, with a host, and with the length of its body."""
    more = ["Host: service"]
    if body:
        more.append(f"Content-Length: {len(body)}")
    return head(f"{line} HTTP/1.1", *more, *headers) + body


def ask(host: tuple[str, int], data: bytes) -> Answer:
    """Send one request, and return its one answer."""
    (answer,) = exchange(host, Request(data, 1))
    return answer


def exchange(host: tuple[str, int], request: Request) -> list[Answer]:
    """Send a request and return what came, until all is there or the server has closed.

    Raises ``Hanging`` if the server does neither.
    """
    with socket.create_connection(host, BOUND) as connection:
        try:
            # A server may refuse a request, and close, before all of it has arrived.
            with suppress(ConnectionError):
                connection.sendall(request.data)
                if not request.answers:
                    connection.shutdown(socket.SHUT_WR)
            return read_answers(connection, request)
        except TimeoutError:
            raise Hanging(f"no answer in {BOUND:g} seconds to {request.data[:500]!r}") from None


def read_answers(connection: socket.socket, request: Request) -> list[Answer]:
    """Read the answers to a request."""
    found: list[Answer] = []
    method = request.data.partition(b" ")[0].decode("latin-1")
    closed = suppress(ConnectionError, http.client.IncompleteRead)
    with connection.makefile("rb") as file, closed:
        while len(found) < (request.answers or 100):
            found.append(_read_answer(file, method))
    return found


class _Source:
    """What http.client takes for a socket; it shall not close what comes after its answer."""

    def __init__(self, file: io.BufferedReader) -> None:
        self.file = file

    def makefile(self, _mode: str) -> _Source:
        return self

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)

    def close(self) -> None:
        """Leave it open."""


def _read_answer(file: io.BufferedReader, method: str) -> Answer:
    response = http.client.HTTPResponse(cast("socket.socket", _Source(file)), method=method)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())
