"""A service: its repository, its state, and what its team keeps from updates."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from updates.commands import Refused, git
from updates.state import STATE, Answers


class Service:
    """A repository, the place of a service in it, and what ``.cruft.json`` there says at a commit.

    The place is nothing, or a path with a slash at its end, as ``services/letters/``.
    """

    def __init__(self, folder: Path, place: str = "", commit: str = "HEAD") -> None:
        self.folder, self.place = folder, place
        try:
            self.head = self.git("rev-parse", "--verify", commit)
        except Refused as error:
            raise Refused("There is no commit here: commit the service first.") from error
        try:
            self.tree = self.git("rev-parse", "--verify", f"{self.head}:{place}")
        except Refused as error:
            raise Refused(f"There is no commit of {place}: commit the service first.") from error
        listed = self.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.tree)
        self.paths = {*listed.split("\0")} - {""}
        # With the folders.
        self.known = {each for path in map(Path, self.paths) for each in (path, *path.parents)}
        if STATE not in self.paths:
            raise Refused(f"There is no {STATE} here: see --adopt.")
        try:
            self.state: Answers = json.loads(self.read(STATE))
            self.template, self.commit = str(self.state["template"]), str(self.state["commit"])
            self.directory = check_directory(self.state.get("directory") or "")
            self.context: Answers = dict(self.state["context"]["cookiecutter"])
            asked = (item for item in self.context.items() if not item[0].startswith("_"))
            self.answers: Answers = dict(asked)
            self.skip = check_skip(self.state.get("skip", []))
            self.skip += read_skip(self.read("pyproject.toml"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Refused(f"{STATE} or pyproject.toml cannot be read: {describe(error)}") from error
        # What git gets as an argument must be no option.
        if not re.fullmatch("[0-9a-f]{40,64}", self.commit):
            raise Refused(f"{STATE} has no commit of the template: {self.commit}")

    def read(self, path: str) -> str:
        """Return a file, or nothing where there is none."""
        return self.git("show", f"{self.tree}:{path}") if path in self.paths else ""

    def put_into_repository(self, tree: str) -> str:
        """Return the tree of the whole repository, with a tree in the place of the service."""
        folder = self.place.rstrip("/")
        while folder:
            folder, _, name = folder.rpartition("/")
            entries = self.git("ls-tree", "-z", "--full-tree", f"{self.head}:{folder}").split("\0")
            kept = [entry for entry in entries if entry and entry.partition("\t")[2] != name]
            text = "\0".join([*kept, f"040000 tree {tree}\t{name}", ""])
            # The blobs of a partial clone need not be there.
            tree = self.git("mktree", "-z", "--missing", text=text)
        return tree

    def git(
        self,
        *arguments: str | Path,
        text: str | None = None,
        good: Sequence[int] = (0,),
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run git in the repository."""
        return git(*arguments, cwd=self.folder, text=text, good=good, environment=environment)


def read_skip(project: str) -> list[str]:
    """Return the list ``[tool.cruft] skip`` of the text of a pyproject.toml."""
    return check_skip(tomllib.loads(project).get("tool", {}).get("cruft", {}).get("skip", []))


def check_skip(skip: list[str]) -> list[str]:
    """Return the list, whose paths and patterns must stay in the service."""
    if not isinstance(skip, list):
        raise ValueError(f"skip is no list: {skip}")
    for path in skip:
        if not Path(path).parts or path[0] == "/" or ".." in Path(path).parts:
            raise ValueError(f"what skip names is not in the service: {path}")
    return skip


def check_directory(directory: str) -> str:
    """Return the folder of the template in its repository, with a slash at its end."""
    if not isinstance(directory, str) or directory[:1] in ("/", "-") or ".." in directory:
        raise ValueError(f"directory is no folder of the template: {directory}")
    return f"{directory.strip('/')}/" if directory.strip("/.") else ""


def describe(error: Exception) -> str:
    """Say what is wrong, with the kind of error."""
    return f"{type(error).__name__}: {error}"
