"""What a team's pre-commit file says of formatters."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

import yaml

from updates.formats.hooks import COMMANDS, UNKNOWN, Hook
from updates.service import Service

FILE = ".pre-commit-config.yaml"
NAMES = {name: name for name in (*COMMANDS, *UNKNOWN)} | {"taplo-format": "taplo"}
# With these a team only looks, and formats by hand.
LOOKING = {"prettier": ("--check", "-c", "--list-different", "-l"), "taplo": ("--check", "--diff")}
SETTINGS = (
    r"\.prettierrc(?:\.\w+)?|prettier\.config\.\w+|package\.(?:json|yaml)"
    r"|\.prettierignore|\.editorconfig|\.?taplo\.toml"
)


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
        if named or (near and re.fullmatch(SETTINGS, path.removeprefix(folder))):
            text = service.git("show", f"{service.head}:{path}")
            settings[os.path.relpath(path, place or ".")] = f"{text}\n"
    return settings
