"""oidc-provider, a certified OpenID provider from npm, on loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browsing import missing
from filelock import FileLock
from rendering import ROOT

from examples.serving import free_port

PACKAGE = "oidc-provider@9.13.3"
PROGRAM = Path(__file__).with_name("provider.mjs")
AUDIENCE = "https://items.example"
ROLE = "items.read"
CLIENT = "swagger-ui"
STOP_SECONDS = 10.0


@contextmanager
def real_provider(scratch: Path, redirect: str = "http://127.0.0.1:1/ui/") -> Iterator[str]:
    """Run the provider until the block ends, and give its address."""
    program = scratch / PROGRAM.name
    shutil.copy(PROGRAM, program)
    # Node looks for packages in the folders above the program.
    (scratch / "node_modules").symlink_to(installed() / "node_modules")
    port = str(free_port())
    command = ["node", str(program), port, AUDIENCE, ROLE, redirect]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def installed() -> Path:
    """Install the package from npm when first asked for; it is kept between runs."""
    if not shutil.which("npm"):
        missing("npm")
    place = ROOT / "build" / "npm" / PACKAGE
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "complete").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(place), PACKAGE]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            (place / "complete").touch()
    return place
