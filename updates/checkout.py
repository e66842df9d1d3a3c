"""The checkout of whoever runs an update: looked at first, and moved last, if at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from updates.branch import Branch
from updates.commands import Refused
from updates.interruption import Note, uninterrupted
from updates.service import Service

STAYS = "You changed this checkout meanwhile, so it stays as it is"


@dataclass(frozen=True)
class Seen:
    """How a checkout stands: its commit, its branch, what is not committed, and that as a tree."""

    head: str
    branch: str
    status: str
    tree: str


class Checkout:
    """The files, the index and the ``HEAD`` that are not ours."""

    def __init__(self, service: Service) -> None:
        self.service, self.folder, self.git = service, service.folder, service.git
        self.seen = self.look()
        self.branch = self.seen.branch

    def look(self) -> Seen:
        """Return how the checkout stands now."""
        git = self.git
        with tempfile.TemporaryDirectory() as scratch:
            # In a copy of the index, so that nothing is added.
            head, place = git("rev-parse", "HEAD", "--git-path", "index").splitlines()
            index = self.folder / place
            copy = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
            # Until something is checked out, there is none.
            if index.exists():
                shutil.copy(index, scratch)
            git("add", "--update", environment=copy)
            tree = git("write-tree", environment=copy)
        status = git("status", "--porcelain", "--untracked-files=normal")
        return Seen(head, git("branch", "--show-current"), status, tree)

    def moved(self) -> bool:
        """Tell whether anybody changed the checkout since."""
        return self.look() != self.seen

    def require_room(self, tree: str) -> list[str]:
        """Return the files that a tree adds; raise if one would replace an ignored file."""
        options = ("--name-only", "--diff-filter=A", "--no-renames", "-z")
        paths = self.git("diff", *options, "HEAD", tree).split("\0")
        added = [path for path in paths if path]
        if lost := [path for path in added if os.path.lexists(self.folder / path)]:
            raise Refused(f"Move away what git ignores and the template adds: {', '.join(lost)}")
        return added

    def require_files(self, paths: Iterable[str]) -> None:
        """Raise if a sparse checkout leaves out one of the files, which are to be edited."""
        listed = self.git("ls-files", "-t", "-z").split("\0")
        hidden = {*paths} & {line[2:] for line in listed if line.startswith("S ")}
        if hidden:
            files, way = ", ".join(sorted(hidden)), "git sparse-checkout add, and run again"
            raise Refused(f"This checkout is sparse, and has no {files}, to be edited: {way}.")

    def follow(self, branch: Branch, commit: str, note: Note | None) -> str:
        """Let the branch be at the commit, and go there; return what else is to be told."""
        here = branch.name == self.branch
        if not here:
            branch.move(commit)
        if self.moved():
            if not here:
                return f"{STAYS}; to go to the update: git switch {branch.name}"
            raise Refused(f"{STAYS}: " + (f"git merge {commit}" if note else "run --finish again."))
        with uninterrupted():
            self.begin(branch, commit, note)
            if here:
                # What is not committed, if anything, is what was committed there.
                self.git("add", "--update")
                self.git("read-tree", "-m", "-u", self.seen.tree, commit)
                self.git("update-ref", "-m", "template-update", "HEAD", commit, self.seen.head)
                self.place_of_message().unlink(missing_ok=True)
                said = ""
            else:
                said = self.switch(branch.name)
            if note:
                note.write(moving=None)
        return said

    def lay_out(
        self,
        branch: Branch,
        tree: str,
        conflicts: Mapping[str, Sequence[str]],
        message: str,
        note: Note,
    ) -> str:
        """Go to the branch, with a tree in the files, its conflicts in git's index, a message."""
        if self.moved():
            raise Refused(f"{STAYS}: run this again.")
        self.require_files(conflicts)
        git, said = self.git, ""
        with uninterrupted():
            self.begin(branch, tree, note)
            if branch.name != self.branch:
                branch.move(self.seen.head)
                said = self.switch(branch.name)
            git("read-tree", "-m", "-u", "HEAD", tree)
            entries = [(path, entry) for path, found in conflicts.items() for entry in found]
            # A path leaves the index before it comes back in stages.
            absent = f"0 {'0' * len(tree)}"
            lines = [*((path, absent) for path in conflicts), *entries]
            text = "".join(f"{entry}\t{path}\0" for path, entry in lines)
            git("update-index", "-z", "--index-info", text=text)
            self.place_of_message().write_text(f"{message}\n", "utf-8")
            note.write(moving=None)
        return said

    def begin(self, branch: Branch, tree: str, note: Note | None) -> None:
        """Note where the checkout is to be put back to."""
        if note:
            added = self.require_room(tree)
            where = {"folder": str(self.folder), "start": self.branch, "branch": branch.name}
            note.write(moving={**where, "head": self.seen.head, "added": added})

    def switch(self, name: str) -> str:
        """Switch to a branch; return what a hook that fails afterwards says."""
        try:
            self.git("switch", "--quiet", "--no-overwrite-ignore", name)
        except Refused as error:
            if self.git("branch", "--show-current") != name:
                raise
            return f"You are on {name}, but the hook post-checkout failed: {error}"
        return ""

    def place_of_message(self) -> Path:
        """Return the file that git takes the message of the next commit from."""
        return self.folder / self.git("rev-parse", "--git-path", "MERGE_MSG")
