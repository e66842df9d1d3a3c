"""Find the Pythons that services are tested on."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUR_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def find_interpreter(version: str) -> str | None:
    """Return a Python of this minor version: ours, pyenv's, the path's, or an unpacked one."""
    if version == OUR_PYTHON:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        *sorted(pyenv.glob(f"versions/{version}.*/bin/python")),
        f"python{version}",
        # .ci/debian-python unpacks it.
        ROOT / "build" / "pythons" / version / "usr" / "bin" / f"python{version}",
    ]
    return next((str(path) for path in candidates if _is_version(str(path), version)), None)


def _is_version(python: str, version: str) -> bool:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run([python, "-c", program], capture_output=True, text=True)
    except FileNotFoundError:
        return False
    return result.stdout.strip() == version
