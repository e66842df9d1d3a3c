"""Formatters for what is no Python, prettier and taplo, as a team's pre-commit file has them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from updates.formats.formatters import ask, call, find_program
from updates.service import Service

COMMANDS = {"prettier": ("--write", "--ignore-unknown"), "taplo": ("format", "--colors=never")}
UNKNOWN = ("pretty-format-toml", "pretty-format-yaml", "toml-sort-fix", "yamlfmt", "mdformat")
# What a file is to pre-commit, by the end of its name.
TYPES = {".html": "html", ".js": "javascript", ".json": "json", ".md": "markdown"}
TYPES |= {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}


@dataclass(frozen=True)
class Hook:
    """A formatter that pre-commit runs: which one, in which version, how, and on what.

    Settings stand by their paths in the service, which may lead to the top of its repository.
    """

    service: Service
    name: str
    requirement: str
    options: Sequence[str]
    settings: Mapping[str, str]
    types: Mapping[str, Any]
    patterns: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]

    def takes(self, path: str) -> bool:
        """Tell whether pre-commit gives a file of the service to the formatter."""
        kind, whole = TYPES.get(Path(path).suffix), f"{self.service.place}{path}"
        tags = {"file", "non-executable", "text", kind}
        return (
            kind is not None
            and path not in self.settings
            and tags.issuperset(self.types.get("types", ["toml"] * (self.name == "taplo")))
            and not tags.isdisjoint(self.types.get("types_or") or tags)
            and tags.isdisjoint(self.types.get("exclude_types", ()))
            and all(chosen.search(whole) for chosen, _ in self.patterns)
            and not any(excluded.search(whole) for _, excluded in self.patterns)
        )

    def configure(self, folder: Path) -> None:
        """Put the team's settings into a folder of the service, and above it."""
        for path, text in self.settings.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")

    def run(self, folders: Sequence[Path]) -> str:
        """Format the files in folders of the service; return what hindered it, or nothing."""
        scripts = [path for path in self.settings if re.search(r"\.[cm]?[jt]s$", path)]
        if self.name in UNKNOWN:
            return f"{self.name} is not known"
        if not self.requirement:
            return f".pre-commit-config.yaml has no version of {self.name}"
        if scripts and self.name == "prettier":
            return f"{scripts[0]} is a program, which no update runs"
        if not (program := self.find_program()):
            return f"{self.requirement} is not at hand"
        # taplo goes on with settings that it cannot read, and warns.
        command = [
            "env",
            "RUST_LOG=warn",
            "NO_COLOR=1",
            program,
            *COMMANDS[self.name],
            *self.options,
            "--",
        ]
        for folder in folders:
            files = (str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
            paths = [f"{self.service.place}{path}" for path in sorted(files) if self.takes(path)]
            top = (folder / os.path.relpath(".", self.service.place or ".")).resolve()
            if paths and (problem := call([*command, *paths], top, "invalid configuration")):
                return f"{self.requirement} failed: {problem.replace(f'{top}/', '')}"
        return ""

    def find_program(self) -> str:
        """Return the program that uv or npm has, or nothing."""
        folder = self.service.folder
        if self.name == "taplo":
            return find_program(folder / self.service.place, self.name, self.requirement)
        wanted = [f"--package={self.requirement}", "-c", f"command -v {self.name}"]
        # What npm has kept needs no network.
        kept = ask(["npx", "--yes", "--offline", *wanted], folder)
        return kept or ask(["npx", "--yes", *wanted], folder)
