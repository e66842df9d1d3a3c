"""What runs for the fleet: with whose variables, and where nobody sits."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# They are ours, and not for the checks of a service: two suites at a time would share the caches.
OURS = ("MYPY_CACHE_DIR", "RUFF_CACHE_DIR", "TEMPLATE_CLONE", "VIRTUAL_ENV")
# Nobody is there to type a password, and a server that sends nothing is given up.
UNATTENDED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
}

# In bytes: a suite prints less, unless something is very wrong.
LONGEST = 100_000


def environment() -> dict[str, str]:
    """Return the variables for what runs in a service."""
    return {name: value for name, value in os.environ.items() if name not in OURS}


def run_unattended() -> None:
    """Let git fail where it would ask or wait."""
    for name, value in UNATTENDED.items():
        os.environ.setdefault(name, value)


@dataclass
class Ended:
    """How a program ended: without a status, it was cut."""

    status: int | None
    printed: str
    complaints: str


def run_bounded(
    command: Sequence[str | Path],
    folder: Path,
    seconds: float,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program; after some seconds, or if this is stopped, end it and all that it began."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
        program = subprocess.Popen(
            command,
            cwd=folder,
            env=environment() | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complaints,
            start_new_session=True,
        )
        status = None
        try:
            with suppress(subprocess.TimeoutExpired):
                status = program.wait(seconds)
        finally:
            # Of what it began, something may still run.
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()
        return Ended(status, read_end(printed), read_end(complaints))


def read_end(file: IO[bytes]) -> str:
    """Return the end of what a program printed, which may be more than memory holds."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST))
    text = file.read().decode("utf-8", "replace")
    return text if size <= LONGEST else "...\n" + text.partition("\n")[2]
