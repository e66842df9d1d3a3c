"""A work tree of its own, where an update is built, checked and committed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from updates.branch import CHECKS, TRAILER
from updates.commands import Refused, git
from updates.interruption import Note
from updates.objects import Merge
from updates.service import Service


class Workshop:
    """A linked work tree on no branch: nobody else moves its ``HEAD`` and its index."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.tree = ""
        # What is committed comes after this.
        self.base = service.head

    def git(self, *arguments: str | Path, text: str | None = None) -> str:
        """Run git in the work tree."""
        return git(*arguments, cwd=self.folder, text=text)

    def fill(self, tree: str) -> None:
        """Bring a tree into the files; from now on it is what is committed."""
        self.tree = tree
        self.git("read-tree", "--reset", "-u", tree)

    def lock(self, always: bool = False) -> bool:
        """Bring uv.lock up to what pyproject.toml says now; tell whether that went well."""
        place = Path(self.service.place)
        changed = self.git("diff", "--name-only", "HEAD", self.tree, "--", place / "pyproject.toml")
        # That of a workspace is above its members.
        paths = [folder / "uv.lock" for folder in (place, *place.parents)]
        locks = self.git("ls-tree", "--name-only", "-z", "HEAD", "--", *paths).split("\0")[:-1]
        if not locks or not (changed or always):
            return True
        locked = self.run(os.environ.get("UV", "uv"), "lock")
        # Whatever ran, nothing else comes along.
        self.git("read-tree", "--reset", self.tree)
        self.git("add", "--", *locks)
        self.tree = self.git("write-tree")
        return locked

    def check(self) -> bool:
        """Run the service's checks, where they are; tell whether they are green."""
        if not (self.folder / self.service.place / CHECKS).exists():
            print(f"There is no {CHECKS}: nothing is checked.")
            return True
        return self.run(CHECKS)

    def run(self, *command: str) -> bool:
        """Run a command in the service's own environment; tell whether it went well."""
        print("$", *command, flush=True)
        variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        folder = self.folder / self.service.place
        try:
            return not subprocess.run(command, cwd=folder, env=variables).returncode
        except OSError as error:
            print(error)
            return False

    def commit_migrations(self, merged: Merge, title: str) -> None:
        """Commit what migrations made of the service, below the update, where there were any."""
        if merged.migrated == self.service.tree:
            return
        tree = self.service.put_into_repository(merged.migrated)
        lines = "\n".join(f"- {sentence}" for sentence in merged.migrations)
        message = f"{title}: migrate the code\n\n{lines}\n\n{TRAILER}: {tree}\n"
        self.base = self.git("commit-tree", tree, "-p", self.base, "-F", "-", text=message)

    def commit(self, message: str, by_people: bool = False) -> str:
        """Commit the tree, and return the commit; its name in the message says who made it.

        Without that name it is the work of people, which no update replaces. The hooks of the team
        run; what one of them changes is a part of the commit.
        """
        # Whatever the checks did here.
        self.git("update-ref", "--no-deref", "HEAD", self.base)
        self.git("read-tree", "--reset", "-u", self.tree)
        text = f"{message}\n" if by_people else f"{message}\n\n{TRAILER}: {self.tree}\n"
        self.git("commit", "--quiet", "--file=-", text=text)
        commit, parent, tree = self.git("rev-parse", "HEAD", "HEAD^", "HEAD^{tree}").splitlines()
        if tree != self.tree and not by_people:
            text = f"{message}\n\n{TRAILER}: {tree}\n"
            self.git("commit", "--quiet", "--amend", "--no-verify", "--file=-", text=text)
            commit = self.git("rev-parse", "HEAD")
        if parent != self.base:
            raise Refused("git commit failed: a hook made commits of its own.")
        return commit


@contextmanager
def open_workshop(service: Service, note: Note) -> Iterator[Workshop]:
    """Give a work tree, to be filled with what a fresh clone would have; remove it after."""
    scratch = Path(tempfile.mkdtemp(prefix="template-update-")).resolve()
    folder = scratch / (service.folder.name or "service")
    note.write(workshop=str(folder), scratch=str(scratch), repository=str(service.folder))
    try:
        options = ("--quiet", "--detach", "--no-checkout")
        service.git("worktree", "add", *options, folder, service.head)
        workshop = Workshop(service, folder)
        # It is whole, even where the checkout of the team is sparse.
        sparse = workshop.git("rev-parse", "--git-path", "info/sparse-checkout")
        (folder / sparse).unlink(missing_ok=True)
        yield workshop
    finally:
        note.remove_workshop()
