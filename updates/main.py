"""Where an update starts and ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from updates.adoption import adopt
from updates.arguments import FAILED, parse_arguments
from updates.commands import SET_BY_GIT, Refused, git, redact
from updates.drift import tell_drift
from updates.finishing import finish
from updates.interruption import alone
from updates.preview import show
from updates.service import Service
from updates.state import STATE
from updates.updating import update


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit status."""
    arguments = parse_arguments(argv)
    try:
        top, place = find_service()
        for name in SET_BY_GIT:
            os.environ.pop(f"GIT_{name}", None)
        if not sys.stdin.isatty():
            os.environ.setdefault("GIT_TERMINAL_PROMPT", "0")
        if arguments.adopt:
            return adopt(Path.cwd(), arguments)
        if arguments.drift:
            return tell_drift(Service(top, place), arguments)
        if arguments.diff:
            return show(top, place, arguments)
        if arguments.check:
            return update(Service(top, place), arguments, note=None)
        with alone(top) as note:
            service = Service(top, place)
            return (finish if arguments.finish else update)(service, arguments, note)
    except Refused as error:
        print(redact(str(error)), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return FAILED


def find_service() -> tuple[Path, str]:
    """Return the repository, and the place of the service in it: here, or else the top."""
    asked = git("rev-parse", "--show-toplevel", "--show-prefix", cwd=Path.cwd())
    top, _, place = asked.partition("\n")
    is_here = git("ls-tree", "--name-only", "HEAD", "--", STATE, cwd=Path.cwd(), good=(0, 128))
    return Path(top), place if is_here else ""
