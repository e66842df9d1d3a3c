"""oidc-provider, a certified OpenID provider from npm, on loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import npm
from playwright.sync_api import Page

from examples.serving import environment, free_port, serving

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


@contextmanager
def serving_beside(
    folder: Path, python: Path, scratch: Path, role: str = ROLE, **variables: str
) -> Iterator[str]:
    """Serve a service, and a provider that its pages can log in at; give the service's address."""
    port = free_port()
    redirect = f"http://127.0.0.1:{port}/ui/oauth2-redirect.html"
    with real_provider(scratch, redirect, role) as issuer:
        settings = environment() | {
            "AUTH_AUDIENCE": AUDIENCE,
            "AUTH_ISSUER": issuer,
            "LOG_LEVEL": "ERROR",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SWAGGER_UI_CLIENT_ID": CLIENT,
            "SWAGGER_UI_LOGIN_PARAMETERS": f"resource={AUDIENCE}",
        }
        with serving(folder, python, port, settings | variables) as (address, _):
            yield address
