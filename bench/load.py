"""A client that keeps connections busy, on sockets: it has to be faster than the servers."""

import selectors
import socket
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

CONNECTIONS = 8
ANSWER_SECONDS = 30
END = b"\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """What is sent again and again, and what the answers must be."""

    method: str
    target: str
    status: HTTPStatus
    body: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes of the request."""
        head = f"{self.method} {self.target} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


class Connection:
    """One connection, whose next request is sent when the last is answered."""

    def __init__(self, port: int, request: Request) -> None:
        self.request = request
        self._bytes = request.encode()
        self._received = bytearray()
        self._socket = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """Return what a selector knows the connection by."""
        return self._socket.fileno()

    def send(self) -> None:
        """Send the request."""
        self._socket.sendall(self._bytes)

    def receive(self) -> bytes | None:
        """Take what has arrived; return the body once the answer is whole.

        Raises ``RuntimeError`` at another status, or an answer that does not say its length.
        """
        if not (arrived := self._socket.recv(256 * 1024)):
            raise RuntimeError(f"{self.request.target}: the server closed the connection")
        self._received += arrived
        if (head := self._received.find(END)) < 0:
            return None
        size = self._check(bytes(self._received[:head]))
        body = bytes(self._received[head + len(END) :])
        if len(body) < size:
            return None
        if len(body) > size:
            raise RuntimeError(f"{self.request.target} answered more than its Content-Length")
        self._received.clear()
        return body

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _check(self, head: bytes) -> int:
        """Return the length of the body that the head says."""
        if int(head[9:12]) != self.request.status:
            raise RuntimeError(f"{self.request.target} answered {head[9:12].decode()}")
        _, found, rest = head.lower().partition(b"\r\ncontent-length:")
        if not found:
            raise RuntimeError(f"{self.request.target} answered without Content-Length")
        return int(rest.partition(b"\r\n")[0])


def ask(port: int, request: Request) -> bytes:
    """Send one request; return the body of its answer."""
    with closing(Connection(port, request)) as connection:
        connection.send()
        while (body := connection.receive()) is None:
            pass
        return body


def load(
    port: int,
    request: Request,
    seconds: float,
    wanted: bytes | None = None,
    so_many: int = CONNECTIONS,
) -> tuple[float, int]:
    """Keep all connections busy for so long; return the seconds that it took, and the answers.

    Raises ``RuntimeError`` if a body is not the wanted one.
    """
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        connections = [
            stack.enter_context(closing(Connection(port, request))) for _ in range(so_many)
        ]
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
        began = time.perf_counter()
        for connection in connections:
            connection.send()
        answers = _keep_busy(selector, began + seconds, wanted)
        return time.perf_counter() - began, answers


def _keep_busy(selector: selectors.BaseSelector, deadline: float, wanted: bytes | None) -> int:
    """Send on each connection until the deadline; return the answers, the last ones included."""
    answers, waiting = 0, len(selector.get_map())
    while waiting:
        if not (ready := selector.select(ANSWER_SECONDS)):
            raise TimeoutError(f"no answer within {ANSWER_SECONDS} seconds")
        for key, _ in ready:
            connection: Any = key.fileobj
            if (body := connection.receive()) is None:
                continue
            if wanted is not None and body != wanted:
                raise RuntimeError(f"{connection.request.target} answered another body than before")
            answers += 1
            if time.perf_counter() < deadline:
                connection.send()
            else:
                waiting -= 1
    return answers
