"""Run the updater. The launcher of a service gives it the arguments, and the service's folder."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# In this folder, or in that of the service, a module could stand in the way of another's name.
sys.path[0] = str(FOLDER.parent)
LIBRARIES = FOLDER / "libraries.py"


def have_libraries() -> bool:
    """Tell whether what the updater needs is here, in the versions that it is pinned to."""
    if not find_spec("cookiecutter"):
        return False
    # It takes a while, and where a launcher starts this, nothing is here.
    from importlib.metadata import PackageNotFoundError, version

    pins = re.findall('"([^"=]+)==([^"]+)"', LIBRARIES.read_text("utf-8"))
    try:
        return all(version(name) == wanted for name, wanted in pins)
    except PackageNotFoundError:
        return False


def keep(file: Path) -> Path:
    """Return a copy of a file that stands at the same place in each run.

    uv makes an environment for each place of a script, and keeps all of them: this folder is a
    new one each time.
    """
    content = file.read_bytes()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    kept = caches / "template-updater" / f"{hashlib.sha256(content).hexdigest()[:16]}.py"
    try:
        if not kept.exists() or kept.read_bytes() != content:
            kept.parent.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_bytes(content)
            part.replace(kept)
    except OSError:
        return file
    return kept


def find_runner(kept: Path) -> list[str]:
    """Return uv, or what it ran that file with before: uv takes a while to find it again."""
    try:
        python = kept.with_suffix(".python").read_text("utf-8")
    except OSError:
        python = ""
    if os.access(python, os.X_OK):
        return [python]
    return [os.environ.get("UV") or "uv", "run", "--no-project", "--quiet"]


def run() -> int:
    """Run the updater with its libraries; return its exit status."""
    if have_libraries():
        from updates.main import main

        return main()
    from updates.libraries import RAN

    kept = keep(LIBRARIES)
    updater = subprocess.Popen([*find_runner(kept), str(kept), sys.path[0], *sys.argv[1:]])
    # The updater gets it, and tidies up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = updater.wait()
    # uv's own failures end with 2, which would tell of conflicts; --help ends with 0.
    return status - RAN if RAN <= status <= RAN + 2 else int(status != 0)


if __name__ == "__main__":
    sys.exit(run())
