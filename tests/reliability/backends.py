"""What PostgreSQL knows of the connections of a service."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Server(Protocol):
    """A running PostgreSQL."""

    bin_path: Path

    def get_uri(self) -> str:
        """Return the address of its first database."""


@contextmanager
def locked(program: Path, url: str, lock: int) -> Iterator[None]:
    """Have an advisory lock of a database, by psql, until the block ends."""
    command, pipe = [str(program), url, "-XqtA"], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as psql:
        assert psql.stdin
        assert psql.stdout
        psql.stdin.write(f"select pg_advisory_lock({lock}) is null;\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "f\n"
        # It leaves at the end of its input, which is that of the block.
        yield


def count(server: Server, database: str, condition: str = "true") -> int:
    """Count the connections to a database that fulfil a condition."""
    activity = f"pg_stat_activity where datname = '{database}' and pid <> pg_backend_pid()"
    sql = f"select count(*) from {activity} and ({condition})"  # noqa: S608
    command = [str(server.bin_path / "psql"), server.get_uri(), "-qtA", "--command", sql]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
