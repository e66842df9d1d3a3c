"""One update at a time, and what one leaves that was cut short."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from updates.commands import Refused, git


class Note:
    """What an update would leave behind if it were killed now: the next one reads it."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, **facts: Any) -> None:
        """Add facts before they become true."""
        self.file.write(json.dumps(facts) + "\n")
        self.file.flush()

    def read(self) -> dict[str, Any]:
        """Return the facts; of a line that was being written nothing is true yet."""
        facts: dict[str, Any] = {}
        self.file.seek(0)
        with suppress(json.JSONDecodeError):
            for line in self.file:
                facts |= json.loads(line)
        return facts

    def remove_workshop(self) -> None:
        """Remove the work tree that the update was built in."""
        facts = self.read()
        if folder := facts.get("workshop"):
            with suppress(Refused):
                # Twice: a killed git leaves it locked.
                command = ("worktree", "remove", "--force", "--force", folder)
                git(*command, cwd=Path(facts["repository"]))
            shutil.rmtree(facts["scratch"], ignore_errors=True)
            self.write(workshop=None)

    def put_back(self) -> None:
        """Put back what the update moved, if it did not get to the end, and forget it all."""
        self.remove_workshop()
        if moving := self.read().get("moving"):
            put_back(**moving)
        self.file.truncate(0)


@contextmanager
def alone(folder: Path) -> Iterator[Note]:
    """Hold the note of a repository; put back what a killed update left, and what fails now.

    The system lets go of the lock when a process dies.
    """
    common = folder / git("rev-parse", "--git-common-dir", cwd=folder)
    with (common / "template-update.json").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("Another update runs here.") from error
        note = Note(file)
        note.put_back()
        try:
            yield note
        finally:
            note.put_back()


def put_back(folder: str, start: str, head: str, branch: str, added: list[str]) -> None:
    """Stash what an update did in a checkout, and go back to the branch or commit it was on."""
    place = Path(folder)
    at = git("branch", "--show-current", cwd=place)
    if at not in (start, branch, "") or git("rev-parse", "HEAD", cwd=place) != head:
        return
    (place / git("rev-parse", "--git-path", "index.lock", cwd=place)).unlink(missing_ok=True)
    git("add", "--update", cwd=place)
    # Nothing of what else lies there, such as a file that was ignored before.
    git(
        "add",
        "--force",
        "--",
        *(path for path in added if os.path.lexists(place / path)),
        cwd=place,
    )
    if git("diff", "--cached", "--name-only", cwd=place):
        git("stash", "push", "--quiet", "--message", f"Cut short: {branch}", cwd=place)
        print(f"What was in the files of {branch}, which was cut short, is in git stash.")
    if at == branch != start:
        git("checkout", "--quiet", start or head, cwd=place)
        if git("rev-parse", branch, cwd=place) == head:
            git("branch", "--quiet", "--delete", "--force", branch, cwd=place)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait for nothing: what takes a moment goes to its end."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
