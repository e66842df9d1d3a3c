"""The provider of compose.yaml, with the variables that stand there, and a login at it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import npm
import pytest
from browsing import visiting
from composing import read_compose, replace
from interpreters import OUR_PYTHON

from examples.serving import environment as our_environment
from examples.serving import free_port, serving
from identity.conftest import on
from identity.real_provider import PACKAGE, STOP_SECONDS
from identity.test_login_in_browser import export, log_in

SERVED, ISSUED = "127.0.0.1:8080", "localhost:9400"


@pytest.fixture
def address(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    tmp_path: Path,
) -> Iterator[str]:
    """Serve the sample and its provider by compose.yaml, on other ports."""
    folder = service(f"{framework}-csv_export-auth")
    ports = {SERVED: free_port(), ISSUED: free_port()}
    places = {place: f"{place.partition(':')[0]}:{port}" for place, port in ports.items()}
    ours = tmp_path / "compose.yaml"
    ours.write_text(replace((folder / ours.name).read_text("utf-8"), places), "utf-8")
    services = read_compose(ours, {})["services"]
    shutil.copy(folder / "development" / "provider" / "provider.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(npm.installed(PACKAGE) / "node_modules")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    told = services["service"]["environment"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        ["node", "provider.mjs"],
        cwd=tmp_path,
        env=our_environment() | services["provider"]["environment"],
        stdout=quiet,
        stderr=quiet,
    ) as provider:
        try:
            variables = our_environment() | told | {"LOG_LEVEL": "ERROR"}
            with serving(folder, python, ports[SERVED], variables) as (address, _):
                yield address
        finally:
            provider.terminate()
            assert provider.wait(STOP_SECONDS) == 0


@on("async")
def test_people_log_in_at_the_provider_of_compose(address: str) -> None:
    statuses = {}
    for name in ("reader", "somebody"):
        with visiting() as visit:
            log_in(visit, address, name)
            statuses[name], _ = export(visit)
            assert visit.violations() == []

    assert statuses == {"reader": "200", "somebody": "403"}


@on("async")
def test_image_of_the_provider_has_the_package_that_is_tested(
    framework: str, service: Callable[[str], Path]
) -> None:
    folder = service(f"{framework}-auth") / "development" / "provider"

    assert re.findall("npm install (.+)", (folder / "Dockerfile").read_text("utf-8")) == [PACKAGE]
