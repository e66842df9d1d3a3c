"""What the old service installs, and what of that the new one has to install too."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

# Frameworks, their extensions and servers: the template brings its own.
REPLACED = re.compile(
    r"(aiohttp|connexion|flask|swagger|pytest)($|[-_.])"
    r"|(blinker|gevent|gunicorn|itsdangerous|jinja2|markupsafe|uvicorn|uwsgi|waitress|werkzeug)$"
)
OVERRIDES = """[[tool.mypy.overrides]]
# Of the old service; what is moved out of it is checked.
module = ["app.old.*"]
ignore_errors = true

"""
BEFORE = "[tool.pytest]\n"


def read_dependencies(folder: Path) -> list[str]:
    """Return what a service says that it needs, in any of the usual files."""
    found: list[str] = []
    for file in sorted([*folder.glob("requirements.txt"), *folder.glob("requirements/*.txt")]):
        lines = file.read_text("utf-8").replace("\\\n", " ").splitlines()
        found += [re.split(r"\s+(?:#|--hash)", line)[0].strip() for line in lines]
    project = folder / "pyproject.toml"
    if project.is_file():
        found += (
            tomllib.loads(project.read_text("utf-8")).get("project", {}).get("dependencies", [])
        )
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(folder / "setup.cfg", "utf-8")
    found += setup.get("options", "install_requires", fallback="").splitlines()
    return [each for each in found if each and not each.startswith(("#", "-"))]


def add_dependencies(folder: Path, wanted: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Add what the new service lacks to its ``pyproject.toml``; return that, and what was left."""
    file = folder / "pyproject.toml"
    text = file.read_text("utf-8")
    head, start, rest = text.partition("dependencies = [\n")
    listed, end, tail = rest.partition("]\n")
    has = {_name(line) for line in re.findall(r'"(.+)"', listed)}
    added: list[str] = []
    left = []
    for each in wanted:
        try:
            name = _name(str(Requirement(each)))
        except InvalidRequirement:
            left.append((each, "it cannot be read as a requirement"))
            continue
        if REPLACED.match(name):
            left.append((each, "the template brings what it needs of a framework or server"))
        elif name not in has:
            has.add(name)
            added.append(each.replace('"', "'"))
    lines = "".join(f'  "{each}",\n' for each in added)
    text = f"{head}{start}{listed}{lines}{end}{tail}"
    file.write_text(text.replace(BEFORE, OVERRIDES + BEFORE), "utf-8")
    return added, left


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~;@ ]", requirement)[0]).lower()
