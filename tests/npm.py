"""Packages of npm, installed when first asked for and kept between runs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from browsing import missing
from filelock import FileLock
from rendering import ROOT


def installed(package: str) -> Path:
    """Return the folder of a package and of what it needs; without npm, skip or fail."""
    if not shutil.which("npm"):
        missing("npm")
    place = ROOT / "build" / "npm" / package
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "complete").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(place), package]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            (place / "complete").touch()
    return place


def program(package: str, name: str) -> str:
    """Return the path of a program that a package brings."""
    return str(installed(package) / "node_modules" / ".bin" / name)
