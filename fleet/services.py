"""The services that cruft.json lists."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from updates.commands import git

RELEASE = "release"
WANTED = (
    '{"name": …, "url": a git URL or a path, "branch": "main", "channel": "release", '
    '"directory": "services/letters" if it is not at the top}'
)


class Wrong(Exception):
    """What is wrong with the list, and what is wanted, without a value of it."""


@dataclass(frozen=True)
class Listed:
    """A service of the list: it follows the newest release, or a branch of the template.

    It is at the top of its repository, or in a directory of it.
    """

    name: str
    url: str
    branch: str = "main"
    channel: str = RELEASE
    directory: str = ""

    @property
    def place(self) -> str:
        """Return the directory with a slash at its end, or nothing."""
        parts = PurePosixPath(self.directory).parts
        return "/".join([*parts, ""]) if parts else ""


def read_services(file: Path) -> list[Listed]:
    """Read the list; raise ``Wrong`` if it is not as it should be."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Wrong(f"{file.name} cannot be read: {type(error).__name__}: {error}") from error
    entries = content.get("services", []) if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise Wrong(f'{file.name}: "services" must be a list of {WANTED}.')
    services = [
        read_entry(entry, f"{file.name}, service {number}", file.parent)
        for number, entry in enumerate(entries, start=1)
    ]
    repeated = [name for name, count in Counter(s.name for s in services).items() if count > 1]
    if repeated:
        raise Wrong(f"{file.name}: names must differ, and these do not: {', '.join(repeated)}.")
    return services


def read_entry(entry: Any, where: str, folder: Path) -> Listed:
    """Read a service; paths are relative to the folder."""
    if not isinstance(entry, dict):
        raise Wrong(f"{where} must be {WANTED}.")
    names = [field.name for field in fields(Listed)]
    if unknown := sorted({*entry} - {*names}):
        raise Wrong(f"{where} has {', '.join(unknown)}, which is unknown; known: {WANTED}.")
    for name in names:
        value = entry.get(name, None if name in ("name", "url") else "default")
        if not isinstance(value, str) or not value.strip() or value.startswith("-"):
            raise Wrong(f'{where}: "{name}" must be text, as in {WANTED}.')
    directory = PurePosixPath(entry.get("directory", ""))
    if directory.is_absolute() or ".." in directory.parts:
        raise Wrong(f'{where}: "directory" must be a folder of the repository, as in {WANTED}.')
    return Listed(**entry | {"url": locate(entry["url"], folder)})


def locate(url: str, folder: Path) -> str:
    """Return an address that is good in any folder: of a path, the whole path."""
    return str((folder / url).resolve()) if (folder / url).exists() else url


def clone(service: Listed, folder: Path, *options: str, whole: bool = False) -> None:
    """Clone the branch of a service; raise ``Refused`` if that fails.

    Unless it is to be whole, files of older commits are not fetched.
    """
    # The objects of a path are read there.
    objects = ["--shared"] if Path(service.url).exists() else ["--filter=blob:none"] * (not whole)
    branch = ("--single-branch", "--no-tags", f"--branch={service.branch}")
    options = ("--quiet", *objects, *branch, *options)
    git("clone", *options, "--", service.url, folder, cwd=folder.parent)


def fetch_files(folder: Path) -> None:
    """Fetch all files of the newest commit at once into a clone that may lack them.

    A merge would not ask for them, and other commands would ask for one after the other.
    """
    options = ("--objects", "--no-object-names", "--missing=print")
    listed = git("rev-list", *options, "HEAD^{tree}", cwd=folder)
    if missing := [line[1:] for line in listed.splitlines() if line.startswith("?")]:
        fetch = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none")
        git(*fetch, "--stdin", "origin", cwd=folder, text="\n".join(missing))
