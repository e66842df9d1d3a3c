"""The memory of a program and of all that it starts."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

EVERY = 0.1


def measure_peak(command: Sequence[str]) -> tuple[int, float]:
    """Run a program; return its exit status, and the megabytes of its processes at most.

    What processes share is counted once.
    """
    quiet = subprocess.DEVNULL
    program = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    peak = 0.0
    while program.poll() is None:
        peak = max(peak, sum(map(read_share, list_session(program.pid))))
        time.sleep(EVERY)
    return program.returncode, peak / 1024


def list_session(session: int) -> list[Path]:
    """Return the folders of Linux for the processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # After the name, which may have blanks: state, parent, group, session.
            fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            if int(fields[3]) == session:
                found.append(folder)
    return found


def read_share(folder: Path) -> int:
    """Return the kilobytes of a process, with its part of what it shares; 0 if it has ended."""
    with suppress(OSError):
        for line in (folder / "smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
