"""Packages of npm, installed when first asked for and kept between runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from browsing import missing
from rendering import ROOT

from migrate.npm import install


def installed(package: str) -> Path:
    """Return the folder of a package and of what it needs; without npm, skip or fail."""
    if not shutil.which("npm"):
        missing("npm")
    return install(package, ROOT / "build" / "npm" / package)


def program(package: str, name: str) -> str:
    """Return the path of a program that a package brings."""
    return str(installed(package) / "node_modules" / ".bin" / name)
