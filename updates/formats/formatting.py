"""The team's formatter, which both renders pass before they are merged."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

from updates.blobs import list_blobs, read_blobs
from updates.commands import git
from updates.formats.formatters import Formatter, find_formatter
from updates.formats.hooks import Hook
from updates.formats.pre_commit import find_hooks
from updates.service import Service

PROJECT = "pyproject.toml"


def format_renders(
    service: Service, tree: str, old: Path, new: Path, place: Path, constraints: str
) -> str:
    """Format both renders as the team does, where that differs; return what hindered it, if so.

    A file that the team never formatted stays as it was rendered.
    """
    formatters: list[Formatter | Hook] = []
    problems: list[str] = []
    try:
        # Before the one for Python, whose settings stand in one of the files that they format.
        formatters += find_hooks(service)
    except ValueError as error:
        problems.append(str(error))
    python = find_formatter(service)
    formatters += [] if python.is_that_of(old, constraints) else [python]
    for number, formatter in enumerate(formatters):
        folder = place / f"formatted-{number}"
        problems.append(format_by(formatter, service, tree, old, new, folder))
    return "\n".join(f"Format takes part in this merge: {each}." for each in problems if each)


def format_by(
    formatter: Formatter | Hook, service: Service, tree: str, old: Path, new: Path, place: Path
) -> str:
    """Format both renders by one formatter; return what hindered it, or nothing."""
    formatted = {old: place / "old" / service.place, new: place / "new" / service.place}
    for render, folder in formatted.items():
        copy_sources(formatter, render, folder)
        formatter.configure(folder)
    if isinstance(formatter, Formatter):
        follow_settings(formatted[new] / PROJECT, old / PROJECT, new / PROJECT)
    if problem := formatter.run(list(formatted.values())):
        return problem
    follow_sources(formatter, service.folder, tree, formatted, old)
    return ""


def follow_settings(theirs: Path, old: Path, new: Path) -> None:
    """Let the team's settings have what the update brings, such as a module's known imports."""
    if theirs.exists() and old.exists() and new.exists():
        merged = git("merge-file", "-p", "--ours", theirs, old, new, cwd=theirs.parent)
        theirs.write_text(f"{merged}\n", "utf-8")


def copy_sources(formatter: Formatter | Hook, render: Path, folder: Path) -> None:
    """Copy the files that a formatter may change, without the render's own settings."""
    folder.mkdir(parents=True)
    for path in list_sources(formatter, render):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(render / path, folder / path)


def list_sources(formatter: Formatter | Hook, folder: Path) -> list[Path]:
    """Return the files that a formatter may change."""
    files = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return [path for path in files if formatter.takes(str(path))]


def follow_sources(
    formatter: Formatter | Hook,
    repository: Path,
    tree: str,
    formatted: dict[Path, Path],
    old: Path,
) -> None:
    """Take over the formatted files, but for those that the team has as they were rendered."""
    blobs = list_blobs(repository, tree)
    changed = {
        path
        for render, folder in formatted.items()
        for path in list_sources(formatter, folder)
        if (folder / path).read_bytes() != (render / path).read_bytes()
    }
    theirs = read_blobs(repository, (blobs[str(p)] for p in changed if str(p) in blobs))
    for path in sorted(changed):
        name = blobs.get(str(path), "")
        if (old / path).exists() and name:
            candidates = ((old / path).read_bytes(), (formatted[old] / path).read_bytes())
            if not is_nearer(theirs[name], *candidates):
                continue
        for render, folder in formatted.items():
            if (folder / path).exists():
                shutil.copy(folder / path, render / path)


def is_nearer(theirs: bytes, plain: bytes, formatted: bytes) -> bool:
    """Tell whether what the team has is nearer to the formatted text than to the plain one."""
    if theirs in (plain, formatted):
        return theirs == formatted
    lines = theirs.splitlines()
    ratios = [
        difflib.SequenceMatcher(None, each.splitlines(), lines, autojunk=False).ratio()
        for each in (plain, formatted)
    ]
    return ratios[1] >= ratios[0]
