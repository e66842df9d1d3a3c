"""One update at a time, and what one leaves that was cut short."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from updates.branch import Branch
from updates.commands import Refused, git


@contextmanager
def alone(folder: Path) -> Iterator[TextIO]:
    """Hold the note that tells that an update runs; put aside what a killed one left.

    The system lets go of the lock when a process dies.
    """
    path = folder / git("rev-parse", "--git-path", "template-update.json", cwd=folder)
    with path.open("a+", encoding="utf-8") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("Another update runs here.") from error
        if path.stat().st_size:
            lock = folder / git("rev-parse", "--git-path", "index.lock", cwd=folder)
            lock.unlink(missing_ok=True)
            put_aside(folder, note)
        try:
            yield note
        except BaseException:
            put_aside(folder, note)
            raise
        finally:
            path.unlink(missing_ok=True)


def write_note(note: TextIO, branch: Branch, added: list[str]) -> None:
    """Note what an update is about to do."""
    state = {"start": branch.start or branch.service.head, "branch": branch.name, "added": added}
    json.dump({**state, "head": branch.service.head}, note)
    note.flush()


def put_aside(folder: Path, note: TextIO) -> None:
    """Stash what an update did on its branch, and go back to where it started."""
    note.seek(0)
    with suppress(json.JSONDecodeError):
        state = json.load(note)
        note.truncate(0)
        if git("branch", "--show-current", cwd=folder) != state["branch"]:
            return
        added = [path for path in state["added"] if os.path.lexists(folder / path)]
        # Nothing of what else lies there, such as a file that was ignored before.
        git("add", "--update", cwd=folder)
        git("add", "--force", "--", *added, cwd=folder)
        if git("diff", "--cached", "--name-only", cwd=folder):
            title = f"Cut short: {state['branch']}"
            git("stash", "push", "--quiet", "--message", title, cwd=folder)
            print("What an update did before it was cut short is in git stash.")
        if state["start"] != state["branch"]:
            git("checkout", "--quiet", state["start"], cwd=folder)
            if git("rev-parse", state["branch"], cwd=folder) == state["head"]:
                git("branch", "--quiet", "--delete", "--force", state["branch"], cwd=folder)
