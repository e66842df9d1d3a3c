"""The files that a page shows, of a service before and after."""

from __future__ import annotations

import re
from pathlib import Path

from rendering import ROOT

FILE = re.compile(r"^(Before|After), `([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.M | re.S)

COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


def write_files(page: str, which: str, folder: Path) -> Path:
    """Write the files that a page of docs/migrating shows of the service Before, or After."""
    found = FILE.findall((ROOT / "docs" / "migrating" / page).read_text("utf-8"))
    files = {path: text for kind, path, text in found if kind == which}
    assert files, f"{page} shows nothing {which}"
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return folder


def commands(page: str) -> str:
    """Return the commands that a page of docs/migrating shows."""
    (block,) = COMMANDS.findall((ROOT / "docs" / "migrating" / page).read_text("utf-8"))
    return str(block)
