"""Give a service an environment of its own, with the versions of the constraints file."""

import os
import subprocess
import sys
from pathlib import Path

CONSTRAINTS = Path(__file__).parent.parent / "constraints.txt"


def install(service: Path, environment: Path, python: str = sys.executable) -> Path:
    """Install what the service asks for, and nothing else; return the environment's Python."""
    run_uv("venv", "--quiet", "--allow-existing", "--python", python, str(environment))
    run_uv(
        "pip",
        "install",
        "--quiet",
        # Once, and not at each start of a process that may not write it.
        "--compile-bytecode",
        "--requirements=pyproject.toml",
        "--group=dev",
        f"--constraints={CONSTRAINTS}",
        f"--python={environment}",
        cwd=service,
    )
    return environment / "bin" / "python"


def run_uv(*arguments: str, cwd: Path | None = None) -> str:
    """Run uv, the one that runs us where there is one, and return what it printed."""
    result = subprocess.run(
        [os.environ.get("UV", "uv"), *arguments], cwd=cwd, text=True, capture_output=True
    )
    if result.returncode:
        raise RuntimeError(f"uv {' '.join(arguments)} failed:\n{result.stderr}")
    return result.stdout
