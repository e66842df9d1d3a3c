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
from updates.interruption import alone
from updates.preview import show
from updates.state import STATE
from updates.updating import update


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit status."""
    arguments = parse_arguments(argv)
    try:
        folder = Path(git("rev-parse", "--show-toplevel", cwd=Path.cwd()))
        for name in SET_BY_GIT:
            os.environ.pop(f"GIT_{name}", None)
        if Path.cwd() != folder and Path(STATE).exists():
            raise Refused("A service must be the top folder of its repository.")
        if not sys.stdin.isatty():
            os.environ.setdefault("GIT_TERMINAL_PROMPT", "0")
        if arguments.adopt:
            return adopt(folder, arguments)
        if arguments.drift:
            return tell_drift(folder, arguments)
        if arguments.diff:
            return show(folder, arguments)
        if arguments.check:
            return update(folder, arguments, note=None)
        with alone(folder) as note:
            return update(folder, arguments, note)
    except Refused as error:
        print(redact(str(error)), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return FAILED
