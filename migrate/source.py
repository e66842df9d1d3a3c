"""The old service, as it is on the disk: it is read, and never imported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from updates.commands import Refused

FRAMEWORKS = ("connexion", "flask")
NO_CODE_OF_ITS_OWN = {
    *("node_modules", "venv", "env", "build", "dist", "site-packages", "docs"),
    *("migrations", "alembic", "__pycache__"),
}
TESTS = re.compile(r"(^|/)tests?/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
ENTRY = re.compile(r"\b(?:FlaskApp|AioHttpApp|AsyncApp|connexion\.App|App|Flask)\(")
LEFT = {
    **{"templates": "answers are data", "static": "files are for a server of files"},
    **dict.fromkeys(("migrations", "alembic"), "the module database has migrations of its own"),
}
NOT_CARRIED = {"setup.py", "noxfile.py", "fabfile.py"}


@dataclass
class Module:
    """A Python file: its dotted name, its path in the service, its text."""

    name: str
    path: str
    text: str

    @property
    def is_package(self) -> bool:
        """Tell whether other modules are in it."""
        return self.path.endswith("__init__.py")


@dataclass
class Source:
    """What was found in a folder."""

    folder: Path
    framework: str
    modules: dict[str, Module] = field(default_factory=dict)
    tests: list[Module] = field(default_factory=list)
    # What was not carried, and why.
    left: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_aiohttp(self) -> bool:
        """Tell whether handlers are aiohttp's."""
        return any("AioHttpApp" in module.text for module in self.modules.values())


def read_source(folder: Path) -> Source:
    """Read the Python files of a service; refuse what is none on Connexion or Flask."""
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder: name the one of the service that shall move.")
    texts = {path: _read(folder / path) for path in _list(folder)}
    parsed = {path: text for path, text in texts.items() if _is_python_3(text)}
    framework = next((each for each in FRAMEWORKS if _imports(each, parsed.values())), None)
    if framework is None:
        raise Refused(
            f"{folder} is no service on Connexion or Flask: no file in it imports either."
        )
    source = Source(folder, framework)
    root = _find_root(folder, parsed)
    source.left += [
        (str(each.relative_to(folder)), LEFT[each.name])
        for each in sorted(folder.rglob("*"))
        if each.name in LEFT and each.is_dir() and not _is_foreign(each.relative_to(folder))
    ]
    for path, text in texts.items():
        if path not in parsed:
            source.left.append((path, "it is no Python 3 in UTF-8"))
        elif Path(path).name in NOT_CARRIED:
            source.left.append((path, "it is no part of the running service"))
        elif TESTS.search(path):
            source.tests.append(Module(_name(path, ""), path, text))
        else:
            name = _name(path, root)
            source.modules[name] = Module(name, path, text)
    return source


def _list(folder: Path) -> list[str]:
    paths = (each.relative_to(folder) for each in sorted(folder.rglob("*.py")))
    return [str(path) for path in paths if not _is_foreign(path)]


def _is_foreign(path: Path) -> bool:
    return any(part.startswith(".") or part in NO_CODE_OF_ITS_OWN for part in path.parts[:-1])


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        return "it is no UTF-8"


def _is_python_3(text: str) -> bool:
    try:
        cst.parse_module(text)
    except cst.ParserSyntaxError:
        return False
    return True


def _imports(name: str, texts: Iterable[str]) -> bool:
    return any(re.search(rf"^\s*(?:from|import)\s+{name}\b", text, re.M) for text in texts)


def _find_root(folder: Path, texts: dict[str, str]) -> str:
    """Return the folder that modules are imported from: where the package of the entry point is."""
    entries = [
        path for path, text in texts.items() if ENTRY.search(text) and not TESTS.search(path)
    ]
    for entry in entries[:1]:
        place = Path(entry).parent
        while place != Path() and (folder / place / "__init__.py").exists():
            place = place.parent
        return "" if place == Path() else f"{place}/"
    return ""


def _name(path: str, root: str) -> str:
    parts = path.removeprefix(root).removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
