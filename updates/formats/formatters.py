"""Which formatter a team uses, with which settings and in which version."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from updates.service import Service

CONFIGURATIONS = ("pyproject.toml", "ruff.toml", ".ruff.toml", ".isort.cfg")
# What each is told to do; ruff sorts imports where the team's own selection of rules wants it.
COMMANDS = {
    "ruff-imports": (
        "check",
        "--fix-only",
        "--fixable=I",
        "--force-exclude",
        "--no-cache",
        "--quiet",
    ),
    "ruff": ("format", "--force-exclude", "--no-cache", "--quiet"),
    "isort": ("--quiet",),
    "black": ("--quiet",),
}
# After a rename, imports that are idle go too, where the team's rules look for them.
IDLE = {"--fixable=I": "--fixable=I,F401"}
HOOKS = {"ruff": "ruff-pre-commit", "black": "black(?:-pre-commit-mirror)?", "isort": "isort"}
LONGEST = 120


@dataclass(frozen=True)
class Formatter:
    """The formatter of a team: its settings, by the files that they stand in, and its programs."""

    folder: Path
    settings: dict[str, str]
    steps: Sequence[str]
    # What uv is asked for, by the name of the program: such as ruff==0.17.5.
    requirements: dict[str, str]

    def is_that_of(self, render: Path, constraints: str) -> bool:
        """Tell whether a render is formatted like this already, by the versions of its time."""
        if not all(is_like(each, constraints) for each in self.requirements.values()):
            return False
        files = (render / name for name in CONFIGURATIONS)
        settings = {file.name: file.read_text("utf-8") for file in files if file.exists()}
        own = (choose_steps(settings), read_rules(settings))
        return own == (self.steps, read_rules(self.settings))

    def takes(self, path: str) -> bool:
        """Tell whether the formatter may change a file."""
        return path.endswith((".py", ".pyi"))

    def configure(self, folder: Path) -> None:
        """Put the team's settings into a folder."""
        for path, text in self.settings.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")

    def run(
        self, folders: Sequence[Path], paths: Sequence[str] = (".",), idle: bool = False
    ) -> str:
        """Format all that is in folders, or some paths; return what hindered it, or nothing."""
        for step in self.steps:
            name = step.partition("-")[0]
            requirement = self.requirements[name]
            if not (program := find_program(self.folder, name, requirement)):
                return f"{requirement} is not at hand"
            options = [IDLE.get(each, each) if idle else each for each in COMMANDS[step]]
            for folder in folders:
                if problem := call([program, *options, "--", *paths], folder):
                    return f"{requirement} failed: {problem}"
        return ""


def find_formatter(service: Service) -> Formatter:
    """Return the formatter that a service has."""
    paths = [path for path in service.paths if Path(path).name in CONFIGURATIONS]
    settings = {path: service.read(path) for path in sorted(paths)}
    steps = choose_steps(settings)
    lock, hooks = (service.read(name) for name in ("uv.lock", ".pre-commit-config.yaml"))
    names = {step.partition("-")[0] for step in steps}
    project = settings.get("pyproject.toml", "")
    requirements = {name: find_requirement(name, lock, hooks, project) for name in names}
    return Formatter(service.folder / service.place, settings, steps, requirements)


def choose_steps(settings: dict[str, str]) -> tuple[str, ...]:
    """Return what a team does to format: black is in the place of ruff where it has settings."""
    tools = parse(settings.get("pyproject.toml", "")).get("tool", {})
    wanted = {
        "ruff-imports": True,
        "isort": "isort" in tools or ".isort.cfg" in settings,
        "black": "black" in tools,
        "ruff": "black" not in tools,
    }
    return tuple(step for step, is_wanted in wanted.items() if is_wanted)


def find_requirement(name: str, lock: str, hooks: str, project: str) -> str:
    """Return the version of a program that a team has: locked, in its hooks, or asked for."""
    repository = rf"repo: \S+/{HOOKS[name]}(?:\.git)?\s+rev: ['\"]?v?([\w.]+)"
    patterns = ((rf'name = "{name}"\nversion = "([^"]+)"', lock), (repository, hooks))
    for pattern, text in patterns:
        if match := re.search(pattern, text):
            return f"{name}=={match[1]}"
    match = re.search(rf'"({name}\s*[<>=~!][^"]*)"', project)
    return match[1] if match else name


def is_like(requirement: str, constraints: str) -> bool:
    """Tell whether a program has the style of the one among constraints, if that is known."""
    name, _, version = requirement.partition("==")
    known = re.search(rf"^{name}==(\S+)", constraints, re.MULTILINE)
    # What comes after the second number mends faults.
    return not (version and known) or version.split(".")[:2] == known[1].split(".")[:2]


def find_program(folder: Path, name: str, requirement: str) -> str:
    """Return a program in the service's environment or in that of uv, or nothing."""
    own = folder / ".venv" / "bin" / name
    _, pinned, version = requirement.partition("==")
    if own.exists() and (not pinned or f" {version}" in ask([str(own), "--version"], folder)):
        return str(own)
    uv = os.environ.get("UV", "uv")
    # What uv has kept needs no network.
    for options in (["--offline"], []):
        run = [uv, "tool", "run", "--quiet", *options, "--from", requirement]
        if found := ask([*run, "sh", "-c", f"command -v {name}"], folder):
            return found
    return ""


def read_rules(settings: dict[str, str]) -> dict[str, Any]:
    """Return what settings say of format and of the order of imports."""
    rules: dict[str, Any] = {}
    for path, text in settings.items():
        tools = parse(text)
        if path.endswith("pyproject.toml"):
            tools = tools.get("tool", {})
            tools = {name: tools[name] for name in ("ruff", "black", "isort") if name in tools}
        else:
            tools = {"ruff": tools}
        if "ruff" in tools:
            tools["ruff"] = {**tools["ruff"], "lint": read_lint(tools["ruff"].get("lint", {}))}
        rules |= {path: tools} if tools else {}
    return rules


def read_lint(lint: dict[str, Any]) -> list[Any]:
    """Return, of the rules of ruff, those about imports."""
    chosen = [*lint.get("select", []), *lint.get("extend-select", [])]
    return [lint.get("isort"), [rule for rule in chosen if re.fullmatch(r"I\d*|ALL", rule)]]


def parse(text: str) -> dict[str, Any]:
    """Return what a file of settings says; the formatter itself complains of a broken one."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {"text": text}


def ask(command: Sequence[str], folder: Path) -> str:
    """Return what a program prints, or nothing if it fails."""
    # In a bare clone of several services there is no folder of one.
    place = folder if folder.is_dir() else None
    try:
        ended = subprocess.run(
            command, cwd=place, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if ended.returncode else ended.stdout.strip()


def call(command: Sequence[str], folder: Path, sign: str = "") -> str:
    """Run a program; return its complaint, or nothing if all went well and it shows no sign."""
    try:
        ended = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = (ended.stderr or ended.stdout).strip().splitlines() or ["it said nothing"]
    is_bad = ended.returncode or (sign and sign in ended.stderr)
    return lines[0] if is_bad else ""
