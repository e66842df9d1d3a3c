"""The update of one service: its merge request is opened by the template's updater."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fleet.processes import ROOT, run_bounded
from fleet.rehearsal import FAILED, UNREACHABLE, explain
from fleet.services import RELEASE, Listed, clone
from updates import arguments
from updates.branch import CHECKS, TAKES_NO_OPTIONS
from updates.commands import Refused, redact
from updates.state import STATE

# By its path: the folder of a service, where it runs, comes first for modules by their names.
UPDATER = ROOT / "updates" / "__main__.py"
CONFLICTS, RED = "conflicts", "red"
DRAFT, NO_REQUEST = "draft merge request", "pushed, but no merge request"


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


def update(listed: Listed, check: bool, seconds: float) -> Result:
    """Update a service in so many seconds; whatever goes wrong stands in the result."""
    result = Result(listed.name, listed.channel)
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch, "service")
            clone(listed, folder)
            result.result = FAILED
            if listed.place and not (folder / listed.place / STATE).is_file():
                # The updater would take the service at the top.
                raise Refused(f"There is no {STATE} in {listed.place}.")
            run_updater(result, folder / listed.place, check, seconds)
    except Exception as error:
        result.problem = explain(error)
    return result


def run_updater(result: Result, folder: Path, check: bool, seconds: float) -> None:
    """Run the updater in the folder of a service, and read from what it prints how it went."""
    options = ["--push", *([] if check else ["--no-check"])]
    if result.channel != RELEASE:
        options += ["--to", result.channel]
    variables = {"PYTHONIOENCODING": "utf-8:backslashreplace"}
    ended = run_bounded([sys.executable, UPDATER, *options], folder, seconds, variables)
    said, complaints = (redact(text).strip() for text in (ended.printed, ended.complaints))
    result.status, result.output = ended.status, f"{said}\n{complaints}".strip()
    request = NO_REQUEST if TAKES_NO_OPTIONS in said else DRAFT
    if ended.status is None:
        result.problem = f"it took more than {seconds:g} s, and was cut"
    elif ended.status == arguments.DONE:
        line = said.splitlines()[-1].rstrip(".") if said else "done"
        result.result = f"{line}, {NO_REQUEST}" if request == NO_REQUEST else line
    elif ended.status == arguments.CONFLICTS:
        result.result = f"{CONFLICTS}: {request}"
    elif said.endswith((f"{CHECKS} is red.", "uv lock failed.")):
        result.result = f"{RED}: {request}"
    else:
        # Such as of a hook, whose words the updater says where it says the rest.
        result.problem = shorten(complaints or said)


def shorten(complaints: str) -> str:
    """Return in one line what the updater complained of: the end, and of a traceback the last."""
    lines = complaints.splitlines()
    kept = lines[-1:] if "Traceback (most recent call last)" in complaints else lines[-8:]
    return " ".join(" ".join(kept).split())
