"""A service: its repository, its state, and what its team keeps from updates."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from updates.commands import Refused, git
from updates.state import STATE, Answers


class Service:
    """The repository of a service, and what its ``.cruft.json`` says at ``HEAD``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.head = self.git("rev-parse", "--verify", "HEAD")
        except Refused as error:
            raise Refused("There is no commit here: commit the service first.") from error
        self.tree = self.git("rev-parse", "HEAD^{tree}")
        self.paths = {*self.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")} - {""}
        # With the folders.
        self.known = {each for path in map(Path, self.paths) for each in (path, *path.parents)}
        if STATE not in self.paths:
            raise Refused(f"There is no {STATE} here: see --adopt.")
        try:
            self.state: Answers = json.loads(self.read(STATE))
            self.template, self.commit = str(self.state["template"]), str(self.state["commit"])
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
        return self.git("show", f"HEAD:{path}") if path in self.paths else ""

    def git(self, *arguments: str | Path, text: str | None = None) -> str:
        """Run git in the service."""
        return git(*arguments, cwd=self.folder, text=text)


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


def describe(error: Exception) -> str:
    """Say what is wrong, with the kind of error."""
    return f"{type(error).__name__}: {error}"
