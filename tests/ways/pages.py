"""The files that a page shows, of a service before and after."""

from __future__ import annotations

import re
from pathlib import Path

from rendering import ROOT

FILE = re.compile(r"^(Before|After), `([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.M | re.S)

LOAD = "from app.standard.service import Application, load_settings\n"
LOOP = "    for module in MODULES:\n"
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


def write_files(page: str, which: str, folder: Path, only: str | None = None) -> Path:
    """Write the files, or one, that a page of docs/migrating shows of a service Before or After."""
    found = FILE.findall((ROOT / "docs" / "migrating" / page).read_text("utf-8"))
    files = {path: text for kind, path, text in found if kind == which and only in (None, path)}
    assert files, f"{page} shows nothing {which}"
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return folder


def commands(page: str) -> list[str]:
    """Return the blocks of commands that a page of docs/migrating shows."""
    return COMMANDS.findall((ROOT / "docs" / "migrating" / page).read_text("utf-8"))


def add_to_factory(folder: Path, *, imports: str, lines: str) -> None:
    """Add lines to the factory of a service, before it sets its modules up."""
    factory = folder / "app" / "__init__.py"
    text = factory.read_text("utf-8")
    for anchor, added in ((LOAD, LOAD + imports), (LOOP, lines + LOOP)):
        assert anchor in text
        text = text.replace(anchor, added)
    factory.write_text(text, "utf-8")
