"""A running service that asks for tokens, on each framework, and the issuer that it trusts."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from interpreters import OUR_PYTHON
from rendering import QUESTIONS

from examples.serving import environment as our_environment
from examples.serving import free_port, serving
from identity.issuer import Issuer
from identity.keys import AUDIENCE, any_rsa_key, ec_key, ed_key, other_ec_key, rsa_key
from reliability.raw_http import Answer, ask, message

# Hard on the form that they are sent in.
CLIENT_ID, CLIENT_SECRET = "our:client", "p+ss w%rd:é&=/"
OVERLAY = Path(__file__).parent / "service"


class Running(NamedTuple):
    """A service that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def host(self) -> tuple[str, int]:
        """Return what a socket connects to."""
        return "127.0.0.1", self.port

    def ask(self, path: str, token: str | bytes = "", *headers: str | bytes) -> Answer:
        """Request a path, with a bearer token if given."""
        if token:
            raw = token if isinstance(token, bytes) else token.encode()
            headers = (b"Authorization: Bearer " + raw, *headers)
        return ask(self.host, message(f"GET {path}", *headers))

    def logged(self, request_id: str) -> dict[str, Any]:
        """Return the line of a request in the log, or nothing while there is none."""
        # The last line may be half written.
        whole = self.log.read_text("utf-8").rpartition("\n")[0]
        for line in map(json.loads, whole.splitlines()):
            if line["event"] == "request" and line["request_id"] == request_id:
                found: dict[str, Any] = line
                return found
        return {}


Start = Callable[..., AbstractContextManager[Running]]
Program = tuple[Path, Path, dict[str, str]]


@pytest.fixture(scope="session", params=QUESTIONS["framework"])
def framework(request: pytest.FixtureRequest) -> str:
    """Give each framework in turn."""
    return str(request.param)


def on(*frameworks: str) -> pytest.MarkDecorator:
    """Run what is decided before there is a framework, such as a token's worth, on these alone."""
    return pytest.mark.parametrize("framework", frameworks, indirect=True, scope="session")


@pytest.fixture(scope="session")
def program(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Program:
    """Give a service with the operations of this folder, its Python, and its variables."""
    folder = tmp_path_factory.mktemp(f"guarded-{framework}") / "my-service"
    shutil.copytree(service(f"{framework}-auth"), folder)
    shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    variables = our_environment() | {"PYTHONDONTWRITEBYTECODE": "1", "AUTH_AUDIENCE": AUDIENCE}
    return folder, python, variables


@pytest.fixture(scope="session")
def start(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Give the function that runs the service, with settings such as ``AUTH_LEEWAY="1"``."""
    rendered, python, variables = program

    @contextmanager
    def run(
        issuer: str, probe: str = "/readyz", folder: Path = rendered, **settings: str
    ) -> Iterator[Running]:
        log = tmp_path_factory.mktemp("log") / "service.log"
        port = free_port()
        everything = variables | {"AUTH_ISSUER": issuer, **settings}
        with (
            log.open("wb") as output,
            serving(folder, python, port, everything, output, probe) as (_, process),
        ):
            yield Running(port, process, log)

    return run


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Give an issuer with a key of each kind; the tests that share it leave it as it is."""
    keys = (rsa_key("main"), any_rsa_key(), ec_key(), other_ec_key(), ed_key())
    with Issuer(*keys).running() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def running(start: Start, issuer: Issuer) -> Iterator[Running]:
    """Give a service that trusts the issuer, and says all it can in its log."""
    settings = {"AUTH_ROLES_CLAIM": "realm_access.roles", "LOG_LEVEL": "DEBUG"}
    client = {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
    with start(issuer.address, **settings, **client) as running:
        yield running
