"""What PostgreSQL knows of the connections of a service."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Protocol


class Server(Protocol):
    """A running PostgreSQL."""

    bin_path: Path

    def get_uri(self) -> str:
        """Return the address of its first database."""


def count(server: Server, database: str, condition: str = "true") -> int:
    """Count the connections to a database that fulfil a condition."""
    activity = f"pg_stat_activity where datname = '{database}' and pid <> pg_backend_pid()"
    sql = f"select count(*) from {activity} and ({condition})"  # noqa: S608
    command = [str(server.bin_path / "psql"), server.get_uri(), "-qtA", "--command", sql]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
