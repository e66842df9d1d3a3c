"""The formatters of a team's pre-commit file for what is no Python: prettier and taplo."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from updates.formats.formatters import ask, call, find_program
from updates.service import Service

FILE = ".pre-commit-config.yaml"
COMMANDS = {"prettier": ("--write", "--ignore-unknown"), "taplo": ("format", "--colors=never")}
# With these a team only looks, and formats by hand.
LOOKING = {"prettier": ("--check", "-c", "--list-different", "-l"), "taplo": ("--check", "--diff")}
UNKNOWN = ("pretty-format-toml", "pretty-format-yaml", "toml-sort-fix", "yamlfmt", "mdformat")
NAMES = {name: name for name in (*COMMANDS, *UNKNOWN)} | {"taplo-format": "taplo"}
# What a file is to pre-commit, by the end of its name.
TYPES = {".html": "html", ".js": "javascript", ".json": "json", ".md": "markdown"}
TYPES |= {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
SCRIPT = r"(?:\.prettierrc|prettier\.config)\.[cm]?[jt]s"
DATA = r"\.prettierignore|\.prettierrc(?:\.json5?|\.ya?ml|\.toml)?|\.editorconfig|\.?taplo\.toml"


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
        scripts = [path for path in self.settings if re.fullmatch(SCRIPT, Path(path).name)]
        if self.name in UNKNOWN:
            return f"{self.name} is not known"
        if not self.requirement:
            return f"{FILE} has no version of {self.name}"
        if scripts and self.name == "prettier":
            return f"{scripts[0]} is a program, which no update runs"
        if not (program := self.find_program()):
            return f"{self.requirement} is not at hand"
        # taplo goes on with settings that it cannot read, and warns.
        command = ["env", "RUST_LOG=warn", program, *COMMANDS[self.name], *self.options, "--"]
        for folder in folders:
            files = (str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
            paths = [f"{self.service.place}{path}" for path in sorted(files) if self.takes(path)]
            top = folder / os.path.relpath(".", self.service.place or ".")
            if paths and (problem := call([*command, *paths], top, "invalid configuration")):
                return f"{self.requirement} failed: {problem}"
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


def find_hooks(service: Service) -> list[Hook]:
    """Return the formatters that pre-commit runs; raise ``ValueError`` if its file is broken."""
    text = service.git("show", f"{service.head}:{FILE}", good=(0, 128))
    try:
        config = yaml.safe_load(text) or {}
        asked = [(repo, hook) for repo in config.get("repos", []) for hook in repo["hooks"]]
        known = [(repo, hook) for repo, hook in asked if hook["id"] in NAMES]
        return [make_hook(service, config, repo, hook, text) for repo, hook in known]
    except (AttributeError, KeyError, TypeError, re.error, yaml.YAMLError) as error:
        raise ValueError(f"{FILE} cannot be read: {type(error).__name__}") from error


def make_hook(service: Service, config: Any, repo: Any, hook: Any, text: str) -> Hook:
    """Return a hook that the text of a pre-commit file has, with what stands around it."""
    name = NAMES[hook["id"]]
    entry = re.search(rf"{name}(?:@\S+)?(?: format| fmt)?(?:\s(.*)|$)", hook.get("entry", ""))
    options = [*((entry and entry[1]) or "").split(), *hook.get("args", [])]
    unwanted = {*COMMANDS.get(name, ()), *LOOKING.get(name, ())}
    options = [each for each in options if each not in unwanted]
    patterns = [
        (re.compile(each.get("files", "")), re.compile(each.get("exclude", "^$")))
        for each in (config, hook)
    ]
    requirement = find_requirement(name, repo, hook, text)
    settings = read_settings(service, options)
    return Hook(service, name, requirement, options, settings, hook, patterns)


def find_requirement(name: str, repo: Any, hook: Any, text: str) -> str:
    """Return what uv or npx is asked for, by the hook's own version or that of its repository."""
    mark = "==" if name == "taplo" else "@"
    for each in (*hook.get("additional_dependencies", []), *hook.get("entry", "").split()):
        if match := re.fullmatch(rf"(?:cli:)?{name}(?:-cli)?(?:@|==|:)([\^~]?\d[\w.+-]*)", each):
            return f"{name}{mark}{match[1]}"
    rev = str(repo.get("rev", ""))
    frozen = re.search(rf"{re.escape(rev)}['\"]?\s+# frozen: (\S+)", text) if rev else None
    match = re.fullmatch(r"v?(\d+\.[\w.+-]*)", frozen[1] if frozen else rev)
    return f"{name}{mark}{match[1]}" if match else ""


def read_settings(service: Service, options: Sequence[str]) -> dict[str, str]:
    """Return the settings beside a service's files and above them, and what options name."""
    listed = service.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", service.head)
    settings, place = {}, service.place
    for path in filter(None, listed.split("\0")):
        folder = path[: path.rfind("/") + 1]
        named = path in {option.rpartition("=")[2] for option in options}
        near = folder.startswith(place) or place.startswith(folder)
        if named or (near and re.fullmatch(f"{SCRIPT}|{DATA}", path.removeprefix(folder))):
            text = service.git("show", f"{service.head}:{path}")
            settings[os.path.relpath(path, place or ".")] = f"{text}\n"
    return settings
