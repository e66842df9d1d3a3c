"""A link to a server that can be cut, or fall silent, while the server goes on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import NamedTuple

from reliability.clients import BOUND, Host


class _Connection(NamedTuple):
    """A client, the server, and whether nothing gets through any more."""

    client: socket.socket
    server: socket.socket
    is_silent: threading.Event

    def carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self.is_silent.is_set():
                    target.sendall(data)
        # Nobody hears of an end either.
        if not self.is_silent.is_set():
            self.cut()

    def cut(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Link:
    """What leads to the server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections: list[_Connection] = []

    def cut(self) -> None:
        """Cut the connections; new ones may come."""
        for connection in self.connections:
            connection.cut()

    def fall_silent(self) -> None:
        """Have nothing get through the connections, and leave them open; new ones may come."""
        for connection in self.connections:
            connection.is_silent.set()


@contextmanager
def linked(behind: Host) -> Iterator[Link]:
    """Lead to a server from another port."""

    class Carrier(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(behind, BOUND) as server:
                server.settimeout(None)
                connection = _Connection(self.request, server, threading.Event())
                link.connections.append(connection)
                back = threading.Thread(target=connection.carry, args=(server, self.request))
                back.start()
                connection.carry(self.request, server)
                back.join()

    with ThreadingTCPServer(("127.0.0.1", 0), Carrier) as server:
        link = Link(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield link
        finally:
            link.cut()
            server.shutdown()
            thread.join()
