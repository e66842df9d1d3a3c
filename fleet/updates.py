"""The update of one service: its merge request is opened by the template's updater."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fleet.processes import ROOT, environment
from fleet.rehearsal import FAILED, UNREACHABLE, explain
from fleet.services import RELEASE, Listed, clone
from updates import arguments
from updates.branch import CHECKS
from updates.commands import redact

# By its path: the folder of a service, where it runs, comes first for modules by their names.
UPDATER = ROOT / "updates" / "__main__.py"
CONFLICTS = "conflicts: draft merge request"
RED = "red: draft merge request"


@dataclass
class Result:
    """How the update of a service went."""

    service: str
    channel: str
    # The exit status of the updater; no number where it did not run.
    status: int | None = None
    result: str = UNREACHABLE
    problem: str = ""
    # What the updater printed.
    output: str = ""

    @property
    def good(self) -> bool:
        """Tell whether the updater did it, or had nothing to do."""
        return self.status == 0


def update(listed: Listed, check: bool = True) -> Result:
    """Update a service; whatever goes wrong stands in the result."""
    result = Result(listed.name, listed.channel)
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch, "service")
            clone(listed, folder)
            result.result = FAILED
            run_updater(result, folder, check)
    except Exception as error:
        result.problem = explain(error)
    return result


def run_updater(result: Result, folder: Path, check: bool) -> None:
    """Run the updater in a clone, and read from what it prints how it went."""
    options = ["--push", *([] if check else ["--no-check"])]
    if result.channel != RELEASE:
        options += ["--to", result.channel]
    finished = subprocess.run(
        [sys.executable, UPDATER, *options],
        cwd=folder,
        env=environment() | {"PYTHONIOENCODING": "utf-8:backslashreplace"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    said, complaints = (redact(text).strip() for text in (finished.stdout, finished.stderr))
    result.status, result.output = finished.returncode, f"{said}\n{complaints}".strip()
    if finished.returncode == arguments.DONE:
        result.result = said.splitlines()[-1].rstrip(".") if said else "done"
    elif finished.returncode == arguments.CONFLICTS:
        result.result = CONFLICTS
    elif said.endswith((f"{CHECKS} is red.", "uv lock failed.")):
        result.result = RED
    else:
        result.problem = shorten(complaints)


def shorten(complaints: str) -> str:
    """Return in one line what the updater complained of: the end, and of a traceback the last."""
    lines = complaints.splitlines()
    kept = lines[-1:] if "Traceback (most recent call last)" in complaints else lines[-8:]
    return " ".join(" ".join(kept).split())
