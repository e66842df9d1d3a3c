"""Run a service as its users do, and talk to it."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

# More than the start of several processes takes on a busy machine.
START_SECONDS = 120
STOP_SECONDS = 30


@contextmanager
def serving(
    service: Path,
    python: Path,
    port: int,
    variables: Mapping[str, str],
    output: BinaryIO | None = None,
    probe: str = "/readyz",
    script: str = "run.py",
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve until the block ends; give the address once the service is ready, or as ``probe`` says.

    A worker, which is another ``script``, answers nothing but probes.
    The service writes its log where we write, or to ``output``.
    Raises ``RuntimeError`` if the port is taken, or if the service stops at once.
    """
    require_free(port)
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [python, script],
        cwd=service,
        env={**variables, "HTTP_PORT": str(port), "WORKER_PORT": str(port)},
        stdout=output,
        stderr=output,
    )
    try:
        wait_until_ready(address + probe, server)
        yield address, server
    finally:
        if server.poll() is None:
            # Not SIGINT: a second one, after the terminal's, would skip the end of the lifespan.
            server.terminate()
        server.wait(STOP_SECONDS)


def require_free(port: int) -> None:
    """Raise if somebody listens on a port of the loopback address."""
    with socket.socket() as knock:
        if knock.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"port {port} is in use: stop what listens there and try again")


def wait_until_ready(probe: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the service says that it is ready; raise if it stops, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the service stopped with exit status {server.returncode}")
        with suppress(OSError):
            if get(probe)[0] == HTTPStatus.OK:
                return
        time.sleep(0.05)
    raise TimeoutError(f"the service is not ready after {START_SECONDS} seconds")


def wait_until_listening(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return when a server that has no probe listens; raise if it stops, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server stopped with exit status {server.returncode}")
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError(f"nobody listens on port {port} after {START_SECONDS} seconds")


def get(url: str, token: str | None = None) -> tuple[int, str]:
    """Request an address, with a bearer token if given; return status and body, errors too."""
    status, _, body = ask("GET", url, token)
    return status, body


def ask(method: str, url: str, token: str | None = None) -> tuple[int, Message, str]:
    """Do as ``get`` with any method; return the headers too."""
    request = urllib.request.Request(url, method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=START_SECONDS) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def environment() -> dict[str, str]:
    """Return the environment of the service: ours, without what would redirect it."""
    return {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "ENVIRONMENT")}


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on, nor is given for a while."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        # A connection that has ended here keeps the port for a minute from all but those who ask
        # for it by its number: else two who ask at a time are sometimes given the same.
        with socket.create_connection(("127.0.0.1", port)), listener.accept()[0]:
            pass
    return port
