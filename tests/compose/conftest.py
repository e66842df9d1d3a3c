"""Services with `deploy: compose`, in every choice of modules."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from composing import read_compose
from rendering import DEPLOYED, render

FILE, ROUTES = "compose.production.yaml", "deploy/compose/routes.yaml"
VARIABLES = {
    "ADMIN_EMAIL": "ann@example.org",
    "AUTH_AUDIENCE": "items",
    "AUTH_ISSUER": "https://issuer.example",
    "DOMAIN": "example.org",
    "IMAGE": "registry.example.org/my-service",
    "VERSION": "1.0.0",
}
SECRETS = ("otel_headers", "pgadmin_password", "postgres_password", "rabbitmq_password", "users")
PROGRAMS = {"service", "worker", "scheduler", "migrate"}
# The oldest client that was tried; `docker stack` of older ones wants a `version`.
SINCE = 28


@functools.cache
def docker() -> str:
    """Return where the client of Docker is, which reads stacks without an engine."""
    program = shutil.which("docker")
    if not program:
        pytest.skip("there is no client of Docker here")
    told = subprocess.run([program, "--version"], text=True, capture_output=True, check=True).stdout
    if int(re.findall(r"\d+", told)[0]) < SINCE:
        pytest.skip(f"the client of Docker is too old: {told}")
    return program


@pytest.fixture(scope="module")
def choose(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a choice of modules when first asked for."""

    @functools.cache
    def project(name: str) -> Path:
        answers = {"deploy": "compose", "http_port": "9123", "service_slug": "post"}
        return render({**answers, **DEPLOYED[name]}, tmp_path_factory.mktemp("compose"))

    return project


@pytest.fixture(params=DEPLOYED)
def folder(request: pytest.FixtureRequest, choose: Callable[[str], Path]) -> Path:
    """Give each choice in turn."""
    return choose(request.param)


@pytest.fixture
def compose(folder: Path) -> dict[str, Any]:
    """Read the file of a choice."""
    return read_compose(folder / FILE, VARIABLES)
