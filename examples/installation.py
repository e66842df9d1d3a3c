"""Give a service an environment of its own, with the versions of the constraints file."""

import os
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

CONSTRAINTS = Path(__file__).parent.parent / "constraints.txt"


def install(service: Path, environment: Path, python: str = sys.executable) -> Path:
    """Install what the service asks for, and nothing else; return the environment's Python."""
    run_uv("venv", "--quiet", "--allow-existing", "--python", python, str(environment))
    run_uv(
        "pip",
        "install",
        "--quiet",
        "--requirements=pyproject.toml",
        "--group=dev",
        f"--constraints={CONSTRAINTS}",
        f"--python={environment}",
        cwd=service,
    )
    [packages] = environment.glob("lib/python*/site-packages")
    _share_bytecode(packages)
    program = environment / "bin" / "python"
    # Once, and not at each start of a process that may not write it. Some files are no Python yet.
    subprocess.run([program, "-m", "compileall", "-q", packages], stdout=subprocess.DEVNULL)
    return program


def _share_bytecode(packages: Path) -> None:
    """Link what our own environment has compiled of the same files: most of an installation."""
    ours = Path(sysconfig.get_path("purelib"))
    if packages.parent.name != ours.parent.name:
        # That of another Python, which reads none of it.
        return
    for compiled in ours.rglob("__pycache__/*.pyc"):
        shared = packages / compiled.relative_to(ours)
        if shared.parent.parent.is_dir():
            shared.parent.mkdir(exist_ok=True)
            # Another file system has no links to this one; then it is compiled anew.
            with suppress(OSError):
                os.link(compiled, shared)


def run_uv(*arguments: str, cwd: Path | None = None) -> str:
    """Run uv, the one that runs us where there is one, and return what it printed."""
    result = subprocess.run(
        [os.environ.get("UV", "uv"), *arguments], cwd=cwd, text=True, capture_output=True
    )
    if result.returncode:
        raise RuntimeError(f"uv {' '.join(arguments)} failed:\n{result.stderr}")
    return result.stdout
