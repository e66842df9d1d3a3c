"""oidc-provider, a certified OpenID provider from npm, on loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import npm
from playwright.sync_api import Page

from examples.serving import free_port

PACKAGE = "oidc-provider@9.13.3"
PROGRAM = Path(__file__).with_name("provider.mjs")
AUDIENCE = "https://items.example"
ROLE = "items.read"
CLIENT = "swagger-ui"
STOP_SECONDS = 10.0


def log_in_at_provider(window: Page, name: str) -> None:
    """Log in on a page of the provider, and agree to what it asks for."""
    window.fill("input[name=login]", name)
    window.fill("input[name=password]", "only-for-tests")
    window.click("button[type=submit]")
    window.wait_for_selector("text=Authorize")
    window.click("button[type=submit]")


@contextmanager
def real_provider(
    scratch: Path, redirect: str = "http://127.0.0.1:1/ui/", role: str = ROLE
) -> Iterator[str]:
    """Run the provider until the block ends, and give its address."""
    program = scratch / PROGRAM.name
    shutil.copy(PROGRAM, program)
    # Node looks for packages in the folders above the program.
    (scratch / "node_modules").symlink_to(npm.installed(PACKAGE) / "node_modules")
    port = str(free_port())
    command = ["node", str(program), port, AUDIENCE, role, redirect]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
