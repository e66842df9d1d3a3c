"""The scripts that check a contract, as a service has them, and run by what uv made for them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from filelock import FileLock
from rendering import ROOT, SERVICE

from examples.installation import run_uv

SCRIPTS = SERVICE / "scripts"
FILES = ("breaking_changes.py", "contract-rules.yaml", "contract.py", "redocly.py")
SETTINGS = "extends: [scripts/contract-rules.yaml]\n"


def put_scripts(folder: Path) -> Path:
    """Give a folder the scripts and their settings, as a new service has them."""
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(SCRIPTS / name, folder / "scripts")
    (folder / "redocly.yaml").write_text(SETTINGS, "utf-8")
    return folder


@cache
def find_python() -> str:
    """Return the Python with Node that uv has for the scripts: one for each place of them."""
    place = ROOT / "build" / "contract"
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "lock"):
        script = put_scripts(place) / "scripts" / "contract.py"
        run_uv("run", "--quiet", str(script), "--help", cwd=place)
        return run_uv("python", "find", "--script", str(script), cwd=place).strip()


def redocly_version() -> str:
    """Return the version of Redocly that the scripts name."""
    (version,) = re.findall(r'^VERSION = "(.+)"$', (SCRIPTS / "redocly.py").read_text(), re.M)
    return str(version)


def run_script(
    folder: Path, *arguments: str, python: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run ``scripts/contract.py`` of a folder."""
    return subprocess.run(
        [python or find_python(), "scripts/contract.py", *arguments],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        encoding="utf-8",
    )
