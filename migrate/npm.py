"""Packages of npm, installed when first asked for and kept."""

from __future__ import annotations

import subprocess
from pathlib import Path

from filelock import FileLock

from updates.commands import Refused


def install(package: str, place: Path) -> Path:
    """Install a package and what it needs into a folder, unless it is there; raise ``Refused``."""
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "complete").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", f"--prefix={place}", package]
            result = subprocess.run(command, capture_output=True, encoding="utf-8")
            if result.returncode:
                raise Refused(f"npm cannot install {package}: {result.stderr.strip()[-600:]}")
            (place / "complete").touch()
    return place
